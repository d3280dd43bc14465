import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { MockAnswer } from '../../../support/api';
import { useMockApi } from '../../../support/api';
import { onFastClock } from '../../../support/clock';
import { runNode } from '../../../support/engine';
import { JOBS, jobPath, lookupPath } from '../../../support/paths';

const NOW = '2024-10-06T10:44:50Z';
const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const FEATURES: MockAnswer = {
	body: [
		{ id: 668, key: 'save', display_name: 'Save Draft' },
		{ id: 669, key: 'invite_sent', display_name: 'Invite Sent' },
	],
};
const CHECKLISTS: MockAnswer = { body: [{ id: 2, key: 'setup', display_name: 'Setup' }] };

const row = (event_type: string, event_name: string | null, more: IDataObject = {}) => ({
	event_type,
	event_name,
	user_id: 'u1',
	company_id: 'c1',
	inserted_at: '2024-10-01T00:00:00.000001Z',
	...more,
});

const ROWS = [
	row('track_feature', '668'),
	row('track', 'invite_sent', { user_id: 'u2' }),
	row('interaction', 'checklist:2:SEEN'),
	row('page_view', '', { user_id: '', metadata: { plan: 'pro' } }),
];

describe('The steps from files to rows', () => {
	const api = useMockApi();

	const run = async (
		parameters: INodeParameters = {},
		options: Parameters<typeof runNode>[1] = {},
	) => {
		const { result } = await onFastClock(NOW, () =>
			runNode(
				{ resource: 'job', operation: 'download', jobId: byId('j1'), ...parameters },
				options,
			),
		);
		return {
			...result,
			rows: result.items.map(({ json }) => json),
			hintTexts: result.hints.map(({ message }) => message),
		};
	};

	const files = (...contents: string[]) => {
		const presigned_urls = contents.map((text, index) => api().file(`${index}.json.gz`, text));
		api().get(jobPath('j1'), { body: { job_id: 'j1', status: 'completed', presigned_urls } });
	};
	const lookup = (name: string, ...answers: MockAnswer[]) =>
		api().get(lookupPath(name), ...answers);

	describe('Resolve Names', () => {
		it('adds the names that IDs stand for, from the lookups that rows need', async () => {
			files(lines(ROWS));
			lookup('features_events', FEATURES);
			lookup('checklists', CHECKLISTS);
			const { rows } = await run({ options: { resolveNames: true } });
			expect(
				rows.map((one) => [one.event_label, one.entity_type, one.entity_id, one.entity_status]),
			).toEqual([
				['Save Draft', null, null, null],
				['Invite Sent', null, null, null],
				['Setup', 'checklist', '2', 'SEEN'],
				[null, null, null, null],
			]);
			expect(rows).toEqual(ROWS.map((one) => expect.objectContaining(one)));
		});

		it('requests no lookup for rows that need none', async () => {
			files(lines([ROWS[3]!]));
			expect((await run({ options: { resolveNames: true } })).rows[0]).toMatchObject({
				event_label: null,
			});
		});

		it('requests no lookup for rows after the limit', async () => {
			files(lines([ROWS[2]!, ROWS[0]!]));
			lookup('checklists', CHECKLISTS);
			const { rows } = await run({ returnAll: false, limit: 1, options: { resolveNames: true } });
			expect(rows).toEqual([expect.objectContaining({ event_label: 'Setup' })]);
		});

		it('requests each lookup once, for all files and input items', async () => {
			files(lines([ROWS[0]!]), lines([ROWS[0]!]));
			files(lines([ROWS[1]!]));
			lookup('features_events', FEATURES);
			const { rows } = await run(
				{ options: { resolveNames: true } },
				{ input: [{ json: {} }, { json: {} }] },
			);
			expect(rows.map(({ event_label: label }) => label)).toEqual([
				'Save Draft',
				'Save Draft',
				'Invite Sent',
			]);
		});

		it('a lookup that fails costs names, not rows, and shows a hint', async () => {
			files(lines(ROWS.slice(0, 2)));
			lookup('features_events', { status: 403, body: { message: 'no' } });
			const { rows, hintTexts, error } = await run({ options: { resolveNames: true } });
			expect(error).toBeUndefined();
			expect(rows.map(({ event_label: label }) => label)).toEqual([null, 'invite_sent']);
			expect(hintTexts).toContainEqual(
				expect.stringMatching(/^Names of features and events are missing\. .*403/),
			);
		});

		it('keeps rows and invalid rows in their order while it waits for a lookup', async () => {
			files(`${lines([ROWS[3]!, ROWS[0]!])}{"n":\n${lines([ROWS[1]!])}`);
			lookup('features_events', FEATURES);
			const { error } = await run({ options: { resolveNames: true } });
			expect(error!.message).toContain('has an invalid row on line 3');
		});

		it('returns rows up to a limit that comes before an invalid row', async () => {
			files(`${lines([ROWS[0]!, ROWS[1]!])}{"n":\n`);
			lookup('features_events', FEATURES);
			const { rows } = await run({ returnAll: false, limit: 2, options: { resolveNames: true } });
			expect(rows).toHaveLength(2);
		});
	});

	describe('Event Names or IDs', () => {
		it('keeps only the rows of these events, and the limit counts these', async () => {
			files(lines(ROWS), lines([...ROWS].reverse()));
			lookup('features_events', FEATURES);
			const { rows, hintTexts } = await run({
				filters: { eventNames: ['Save Draft', 'checklist:2'] },
				returnAll: false,
				limit: 3,
			});
			expect(rows).toEqual([ROWS[0], ROWS[2], ROWS[2]]);
			expect(hintTexts).toEqual(['The first 3 rows from 2 files.']);
		});

		it('takes text, one name on each line', async () => {
			files(lines(ROWS));
			const { rows } = await run({
				filters: { eventNames: '={{ "668\\ninvite_sent" }}' as never },
			});
			expect(rows).toEqual([ROWS[0], ROWS[1]]);
		});

		it('needs no lookup for names that rows hold', async () => {
			files(lines(ROWS.slice(0, 3)));
			const names = ['668', 'invite_sent', 'checklist:2:SEEN'];
			expect((await run({ filters: { eventNames: names } })).rows).toHaveLength(3);
		});

		it('tells which names match no row', async () => {
			files(lines(ROWS));
			lookup('features_events', FEATURES);
			const { rows, hintTexts } = await run({ filters: { eventNames: ['Save Draft', 'Nothing'] } });
			expect(rows).toEqual([ROWS[0]]);
			expect(hintTexts).toContain('No row matches these event names or IDs: Nothing.');
		});

		it('tells nothing of names when the limit ends the reading', async () => {
			files(lines(ROWS));
			const { hintTexts } = await run({
				filters: { eventNames: ['668', 'invite_sent'] },
				returnAll: false,
				limit: 1,
			});
			expect(hintTexts).toEqual(['The first row from 1 file.']);
		});

		it('an empty list is an error, not everything', async () => {
			const { error } = await run({ filters: { eventNames: [] } });
			expect(error!.message).toMatch(/'Event Names or IDs' is empty/);
		});

		it.each([
			[['Save Draft'], undefined, ['track', 'track_feature']],
			[['checklist:2'], undefined, ['interaction']],
			[['Save Draft'], ['page_view'], ['page_view']],
		])(
			'%p exports only the types that such events can have',
			async (eventNames, eventTypes, types) => {
				const job = {
					job_id: 'ours',
					status: 'completed',
					presigned_urls: [api().file('0.json.gz', '')],
				};
				api()
					.get(JOBS, { body: [] })
					.post({ status: 201, body: { job_id: 'ours' } });
				api().get(jobPath('ours'), { body: job });
				await run({
					resource: 'export',
					operation: 'createAndWait',
					filters: { eventNames, ...(eventTypes && { eventTypes }) },
				});
				const { body } = api().calls.find(({ method }) => method === 'POST')!;
				expect(body).toMatchObject({ event_type: types });
			},
		);
	});

	describe('Keep Only the Latest Row', () => {
		it('returns one row for each user, and counts rows without one', async () => {
			const later = row('identify_user', '', { inserted_at: '2024-10-02T00:00:00Z' });
			files(lines([...ROWS, later]));
			const { rows, hintTexts } = await run({ options: { latestOnly: 'user' } });
			expect(rows).toEqual([ROWS[1], later]);
			expect(hintTexts).toEqual(['Left out 1 row without a user_id.', '2 rows from 1 file.']);
		});

		it('comes after the filter and before the limit', async () => {
			files(lines(ROWS));
			const { rows } = await run({
				filters: { eventNames: ['668', 'invite_sent'] },
				options: { latestOnly: 'company' },
				returnAll: false,
				limit: 1,
			});
			expect(rows).toEqual([ROWS[1]]);
		});
	});

	describe('Output Fields', () => {
		it('are the only columns, and a name among them is resolved', async () => {
			files(lines(ROWS));
			lookup('features_events', FEATURES);
			lookup('checklists', CHECKLISTS);
			const { rows } = await run({
				options: { outputFields: 'user_id, event_label\nmetadata.plan' },
			});
			expect(rows).toEqual([
				{ user_id: 'u1', event_label: 'Save Draft', metadata_plan: null },
				{ user_id: 'u2', event_label: 'Invite Sent', metadata_plan: null },
				{ user_id: 'u1', event_label: 'Setup', metadata_plan: null },
				{ user_id: '', event_label: null, metadata_plan: 'pro' },
			]);
		});

		it('may name flattened columns', async () => {
			files(lines([{ m: { p: 1 }, m_p: 2 }, { m: { p: 3 } }]));
			const { rows } = await run({ options: { flatten: true, outputFields: ['m_p_2', 'm_p'] } });
			expect(rows).toEqual([
				{ m_p_2: 1, m_p: 2 },
				{ m_p_2: 3, m_p: null },
			]);
		});

		it.each([
			['', /'Output Fields' is empty/],
			['__proto__', /'Output Fields' contains "__proto__"/],
		])('%j is an error', async (outputFields, message) => {
			expect((await run({ options: { outputFields } })).error!.message).toMatch(message);
		});

		it('add job_id and reused on request', async () => {
			const job = {
				job_id: 'ours',
				status: 'completed',
				presigned_urls: [api().file('0.json.gz', lines([{ n: 1 }]))],
			};
			api()
				.get(JOBS, { body: [] })
				.post({ status: 201, body: { job_id: 'ours' } });
			api().get(jobPath('ours'), { body: job });
			const { rows } = await run({
				resource: 'export',
				operation: 'createAndWait',
				options: { outputFields: ['n', 'job_id', 'reused'] },
			});
			expect(rows).toEqual([{ n: 1, job_id: 'ours', reused: false }]);
		});
	});

	describe('Summary', () => {
		const summary = (parameters: INodeParameters = {}) => run({ output: 'summary', ...parameters });

		it('counts rows by event type and name by default', async () => {
			files(lines([...ROWS, ROWS[0]!]));
			lookup('features_events', FEATURES);
			lookup('checklists', CHECKLISTS);
			const { rows, hintTexts, items, error } = await summary();
			expect(error).toBeUndefined();
			expect(rows).toEqual([
				{ event_type: 'track_feature', event_label: 'Save Draft', count: 2 },
				{ event_type: 'interaction', event_label: 'Setup', count: 1 },
				{ event_type: 'page_view', event_label: null, count: 1 },
				{ event_type: 'track', event_label: 'Invite Sent', count: 1 },
			]);
			expect(hintTexts).toEqual(['4 groups of 5 rows from 1 file.']);
			expect(items.map(({ pairedItem }) => pairedItem)).toEqual(items.map(() => ({ item: 0 })));
		});

		it('reckons the values that are asked for, and limits the groups', async () => {
			files(lines(ROWS));
			const { rows, hintTexts } = await summary({
				groupBy: ['company_id', 'day'],
				summarize: {
					values: [
						{ aggregation: 'countUnique', field: 'user_id' },
						{ aggregation: 'count' },
						{ aggregation: 'max', field: 'metadata.plan' },
					],
				},
				returnAll: false,
				limit: 1,
			});
			expect(rows).toEqual([
				{
					company_id: 'c1',
					day: '2024-10-01',
					unique_count_user_id: 2,
					count: 4,
					max_metadata_plan: 'pro',
				},
			]);
			expect(hintTexts).toEqual(['1 group of 4 rows from 1 file.']);
		});

		it('says how many groups the limit leaves out', async () => {
			files(lines(ROWS));
			const { hintTexts } = await summary({ groupBy: ['event_type'], returnAll: false, limit: 2 });
			expect(hintTexts).toEqual(['The first 2 of 4 groups of 4 rows from 1 file.']);
		});

		it('takes columns as text', async () => {
			files(lines(ROWS));
			const { rows } = await summary({ groupBy: '={{ "company_id, metadata.plan" }}' });
			expect(rows).toEqual([
				{ company_id: 'c1', metadata_plan: null, count: 3 },
				{ company_id: 'c1', metadata_plan: 'pro', count: 1 },
			]);
		});

		it('follows the filter and the latest row', async () => {
			files(lines([...ROWS, row('track', 'invite_sent', { inserted_at: '2024-10-02T00:00:00Z' })]));
			const { rows } = await summary({
				groupBy: ['event_name'],
				filters: { eventNames: ['668', 'invite_sent'] },
				options: { latestOnly: 'user' },
			});
			expect(rows).toEqual([{ event_name: 'invite_sent', count: 2 }]);
		});

		it('counts text that is no number in a hint', async () => {
			files(lines([{ n: 'x' }, { n: '2' }, { n: null }]));
			const { rows, hintTexts } = await summary({
				groupBy: [],
				summarize: { values: [{ aggregation: 'sum', field: 'n' }] },
			});
			expect(rows).toEqual([{ sum_n: 2 }]);
			expect(hintTexts).toContain('Skipped 1 value that is not a number.');
		});

		it('of no rows is empty, and says so', async () => {
			files('');
			const { rows, hintTexts } = await summary();
			expect(rows).toEqual([]);
			expect(hintTexts).toEqual(['No events match the date range and filters (1 empty file).']);
		});

		it('a value without a field is an error', async () => {
			const { error } = await summary({ summarize: { values: [{ aggregation: 'sum' }] } });
			expect(error!.message).toMatch(/'Summarize' has a value without a field/);
		});

		it('reads rows from JSON, whatever the format was set to', async () => {
			const job = {
				job_id: 'ours',
				status: 'completed',
				presigned_urls: [api().file('0.json.gz', '')],
			};
			api()
				.get(JOBS, { body: [] })
				.post({ status: 201, body: { job_id: 'ours' } });
			api().get(jobPath('ours'), { body: job });
			await summary({ resource: 'export', operation: 'createAndWait', format: 'csv' });
			const { body } = api().calls.find(({ method }) => method === 'POST')!;
			expect(body).not.toHaveProperty('format');
		});
	});
});
