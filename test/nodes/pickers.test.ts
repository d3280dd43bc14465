import { useMockApi } from '../support/api';
import { onFastClock } from '../support/clock';
import { loadEventNames, searchList } from '../support/engine';
import { JOBS, lookupPath } from '../support/paths';

const OLD = '862c0224-6359-47b3-9c67-00a86120e999';

describe('the list of jobs', () => {
	const api = useMockApi();
	const jobs = [
		{ job_id: OLD, status: 'completed', start_time: '2024-09-22T11:18:25.683429' },
		{ job_id: 'new', status: 'in_progress', start_time: '2024-09-23T11:18:25Z' },
		{ job_id: 'odd', status: null, start_time: null },
	];

	it('shows the newest first, with time and status', async () => {
		api().get(JOBS, { body: jobs });
		expect(await searchList('searchJobs')).toEqual({
			results: [
				{ name: '2024-09-23 11:18:25 UTC · in progress · new', value: 'new' },
				{ name: '2024-09-22 11:18:25 UTC · completed · 862c0224', value: OLD },
				{ name: 'unknown time · unknown status · odd', value: 'odd' },
			],
			paginationToken: undefined,
		});
	});

	it.each([
		['COMPLETED', [OLD]],
		['862c0224-6359-47b3', [OLD]],
		['2024-09-23', ['new']],
		['odd', ['odd']],
		['nothing', []],
	])('searches for %s', async (filter, ids) => {
		api().get(JOBS, { body: jobs });
		const { results } = await searchList('searchJobs', filter);
		expect(results.map(({ value }) => value)).toEqual(ids);
	});

	it('comes in pages', async () => {
		const many = Array.from({ length: 120 }, (_, index) => ({ job_id: `job-${index}` }));
		const shown: unknown[] = [];
		let token: string | undefined;
		for (const expected of ['50', '100', undefined]) {
			api().get(JOBS, { body: many });
			const { results, paginationToken } = await searchList('searchJobs', undefined, token);
			shown.push(...results.map(({ value }) => value));
			expect(paginationToken).toBe(expected);
			token = paginationToken as string | undefined;
		}
		expect(shown).toEqual(many.map(({ job_id }) => job_id));
	});

	it('times out sooner than an execution, because a person waits', async () => {
		api().get(JOBS, { status: 429, headers: { 'retry-after': '30' } });
		const { result, elapsedMs } = await onFastClock('2024-10-06T10:44:50Z', async () => {
			return await searchList('searchJobs').catch((error: Error) => error.message);
		});
		expect(result).toContain('too many requests (429)');
		expect(elapsedMs).toBeLessThan(1_000);
	});

	it('says what is wrong with the key', async () => {
		api().get(JOBS, { status: 401, body: { errors: [{ message: 'Invalid token' }] } });
		await expect(searchList('searchJobs')).rejects.toThrow(
			'Userpilot did not accept the API key (401): Invalid token',
		);
	});
});

describe('the list of segments', () => {
	const api = useMockApi();
	const segment = (id: number | string, title: string | null, more = {}) => ({
		id,
		title,
		status: 'published',
		is_hidden: false,
		...more,
	});
	const page = (data: object[], after: string | null) => ({
		body: { data, metadata: { cursor: { after, before: null } } },
	});

	it('marks hidden and unpublished ones', async () => {
		api().get(
			lookupPath('segments'),
			page(
				[
					segment(1, 'Active Users'),
					segment('-2', 'Churned', { is_hidden: true }),
					segment(3, 'Draft', { status: 'draft', is_hidden: true }),
					segment(4, null, { status: null }),
					{ title: 'without an id' },
				],
				null,
			),
		);
		expect(await searchList('searchSegments')).toEqual({
			results: [
				{ name: 'Active Users', value: '1' },
				{ name: 'Churned (hidden)', value: '-2' },
				{ name: 'Draft (hidden, draft)', value: '3' },
				{ name: 'Segment 4', value: '4' },
			],
		});
	});

	it('shows one page at a time, with its cursor as the token', async () => {
		const data = Array.from({ length: 100 }, (_, id) => segment(id, `S${id}`));
		api().get(lookupPath('segments'), page(data, 'next'), page([segment(100, 'Last')], null));
		const first = await searchList('searchSegments');
		expect(first.results).toHaveLength(100);
		expect(first.paginationToken).toBe('next');
		const second = await searchList('searchSegments', undefined, 'next');
		expect(second).toEqual({ results: [{ name: 'Last', value: '100' }] });
		expect(api().calls.map(({ query }) => query)).toEqual([
			{ limit: '100' },
			{ limit: '100', after_cursor: 'next' },
		]);
	});

	it('filters by title across pages', async () => {
		api().get(
			lookupPath('segments'),
			page([segment(1, 'Alpha'), segment(2, 'Power users')], 'b'),
			page([segment(3, 'Beta')], 'c'),
			page([segment(4, 'POWER buyers')], null),
		);
		const { results } = await searchList('searchSegments', ' power ');
		expect(results.map(({ value }) => value)).toEqual(['2', '4']);
	});

	it('a search without matches stops after 20 pages and can be continued', async () => {
		let pages = 0;
		api().always(lookupPath('segments'), () => page([segment(pages, 'x')], `cursor-${++pages}`));
		const { results, paginationToken } = await searchList('searchSegments', 'nothing');
		expect({ results, paginationToken }).toEqual({ results: [], paginationToken: 'cursor-20' });
	});
});

describe('the list of event names', () => {
	const api = useMockApi();

	it('has features and events by name, and what rows hold as their value', async () => {
		api().get(lookupPath('features_events'), {
			body: [
				{ id: 671, key: 'save_2', display_name: 'Save Draft' },
				{ id: 669, key: 'invite_sent', display_name: 'Invite Sent' },
				{ id: '668', key: 'save', display_name: 'Save Draft' },
				{ key: 'nameless' },
				{ display_name: 'Without ID or key' },
				{ data_type: 'string' },
			],
		});
		expect(await loadEventNames()).toEqual([
			{ name: 'Invite Sent', value: '669', description: 'invite_sent' },
			{ name: 'nameless', value: 'nameless', description: 'nameless' },
			{ name: 'Save Draft', value: '671', description: 'save_2' },
			{ name: 'Save Draft', value: '668', description: 'save' },
			{ name: 'Without ID or key', value: 'Without ID or key' },
		]);
	});

	it('says what is wrong when it cannot be loaded', async () => {
		api().get(lookupPath('features_events'), { status: 403, body: { message: 'no' } });
		await expect(loadEventNames()).rejects.toThrow(/403/);
	});
});
