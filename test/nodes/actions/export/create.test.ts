import type { INodeParameters } from 'n8n-workflow';

import { useMockApi } from '../../../support/api';
import { API_KEY } from '../../../support/credentials';
import { onFastClock } from '../../../support/clock';
import { runNode, runWorkflow } from '../../../support/engine';
import { fixture } from '../../../support/fixture';
import { EXPORTS, JOBS } from '../../../support/paths';
import workflow from './create.workflow.json';

const NOW = '2024-10-06T10:44:50Z';
const created = fixture('guide.create-export.201');

const start = async (parameters: INodeParameters, options: Parameters<typeof runNode>[1] = {}) =>
	await runNode({ operation: 'create', ...parameters }, options);

describe('Export: Start', () => {
	const api = useMockApi();

	it('the request holds what the fields say', async () => {
		api().get(JOBS, { body: [] }, { body: [] });
		api().post({ status: 201, body: created }, { status: 201, body: { ...created, job_id: '2' } });
		const { result: runs } = await onFastClock(NOW, () => runWorkflow(workflow as never));

		expect(runs['Create with defaults']!.items).toEqual([
			{ json: { ...created, reused: false }, pairedItem: { item: 0 } },
		]);
		expect(runs['Create with everything']!.items).toEqual([
			{ json: { ...created, job_id: '2', reused: false }, pairedItem: { item: 0 } },
		]);
		const posts = api().calls.filter(({ method }) => method === 'POST');
		expect(posts.map(({ path, query, body }) => ({ path, query, body }))).toEqual([
			{ path: EXPORTS, query: {}, body: { from: '2024-09-29', to: '2024-10-05' } },
			{
				path: EXPORTS,
				query: {},
				body: {
					from: '2024-05-02',
					to: '2024-09-30',
					event_type: ['identify_user', 'track', 'session_end'],
					user_id: ['user_1', 'user_2'],
					company_id: ['comp_2', '7'],
					segment_id: '9',
					exclusions: true,
					emails: ['ada@example.com', 'grace@example.com'],
					format: 'csv',
				},
			},
		]);
		expect(posts[0]!.headers).toMatchObject({ authorization: `Token ${API_KEY}` });
	});

	const bodyOf = async (parameters: INodeParameters) => {
		api().get(JOBS, { body: [] }).post({ status: 201, body: created });
		const { result } = await onFastClock(NOW, () => start(parameters));
		expect(result.error).toBeUndefined();
		return api().calls.at(-1)!.body as Record<string, unknown>;
	};

	it.each([
		['yesterday', '2024-10-05', '2024-10-05'],
		['last30Days', '2024-09-06', '2024-10-05'],
		['previousWeek', '2024-09-23', '2024-09-29'],
		['previousMonth', '2024-09-01', '2024-09-30'],
	])('sends the date range %s as days', async (dateRange, from, to) => {
		expect(await bodyOf({ dateRange })).toEqual({ from, to });
	});

	it.each(['csv', 'ndjson', 'parquet', 'avro'])('sends the format %s', async (format) => {
		expect(await bodyOf({ format })).toMatchObject({ format });
	});

	it.each([
		['one number', '={{ 7 }}', ['7']],
		['an array', '={{ ["a,b", 7, " ", "a,b"] }}', ['a,b', '7']],
		['a JSON array', '["a", "b"]', ['a', 'b']],
		['text', ' a ,b,, a', ['a', 'b']],
		['a text that starts with a bracket', '[a], b', ['[a]', 'b']],
	])('reads %s as a list', async (_, userIds, sent) => {
		expect(await bodyOf({ filters: { userIds } })).toMatchObject({ user_id: sent });
	});

	it.each([
		['a segment from the list', { __rl: true, mode: 'list', value: '-2' }, '-2'],
		['a segment that is a number', { __rl: true, mode: 'id', value: '={{ 12 }}' }, '12'],
	])('sends %s as text', async (_, segmentId, sent) => {
		expect(await bodyOf({ filters: { segmentId } })).toMatchObject({ segment_id: sent });
	});

	it('leaves out what is not set', async () => {
		const filters = { eventTypes: [], exclusions: false };
		expect(Object.keys(await bodyOf({ filters, options: { emails: '' } }))).toEqual(['from', 'to']);
	});

	const custom = (from: unknown, to: unknown) =>
		({ dateRange: 'custom', from, to }) as INodeParameters;

	it.each<[string, INodeParameters, RegExp]>([
		[
			'a last day before the first',
			custom('2024-05-02', '2024-05-01'),
			/^'To' is 2024-05-01, which is before 'From' \(2024-05-02\)/,
		],
		[
			'a day that is none',
			custom('2024-02-30', '2024-05-01'),
			/^'From' is "2024-02-30", which is not a date/,
		],
		['no day', custom('2024-05-01', ''), /^'To' is empty/],
		[
			'an e-mail without an @',
			{ options: { emails: 'ada@example.com, ada' } },
			/^'Notify by Email' contains "ada", which is not an email address/,
		],
		[
			'an unknown format',
			{ format: '={{ "xml" }}' },
			/^'Format' is "xml", but must be one of: avro, csv/,
		],
		[
			'an unknown date range',
			{ dateRange: '={{ "today" }}' },
			/^'Date Range' is "today", but must be one of/,
		],
		[
			'an object for a list',
			{ filters: { companyIds: '={{ {a: 1} }}' } },
			/^'Company IDs' must be text separated by commas or line breaks/,
		],
		[
			'an array of objects',
			{ filters: { userIds: '={{ [{a: 1}] }}' } },
			/^'User IDs' must be text separated by commas or line breaks/,
		],
		[
			'no true or false',
			{ filters: { exclusions: '={{ "maybe" }}' } },
			/^'Apply Exclusions' must be true or false/,
		],
		[
			'an unknown conflict',
			{ options: { onConflict: '={{ "x" }}' } },
			/^'If an Export Is Running' is "x"/,
		],
		[
			'no minutes',
			{ options: { maxWaitMinutes: '={{ -1 }}' } },
			/^'Max Wait \(Minutes\)' must be a number of minutes/,
		],
		['an unknown operation', { operation: 'drop' }, /has no operation "drop"/],
	])('rejects %s before any request, and names the field', async (_, parameters, message) => {
		const run = await start(parameters);
		expect(run.error).toMatchObject({
			message: expect.stringMatching(message),
			context: { itemIndex: 0 },
		});
		expect(run.error!.description).toBeTruthy();
		expect(api().calls).toEqual([]);
	});

	it('a field with "canceled" does not look like a stopped execution', async () => {
		const run = await start({ format: '={{ "canceled" }}' });
		expect(run.status).toBe('error');
		expect(run.error!.message).toMatch(/^'Format' is "called off"/);
	});

	it.each([
		['an empty response', '', 'an empty response'],
		[
			'an HTML page',
			'<html><head><title>Welcome</title></head></html>',
			'an HTML page ("Welcome")',
		],
		['no job_id', { job: 'x' }, 'unexpected JSON ({"job":"x"}) instead of JSON with "job_id"'],
		['a job_id of null', { job_id: null }, 'instead of JSON with "job_id"'],
	])('an error says what came instead of a job: %s', async (_, body, message) => {
		api()
			.always(JOBS, () => ({ body: [] }))
			.post({ status: 201, body });
		const { error } = (await onFastClock('2024-10-06T10:44:50Z', () => start({}))).result;
		expect(error!.message).toContain(message);
		expect(error!.description).toMatch(/^It is not known whether the export was started/);
	});

	it('finds its job in the list when the response does not name it', async () => {
		const job = { job_id: 'ours', status: 'in_progress' };
		api()
			.get(JOBS, { body: [] }, { body: [job] })
			.post({ status: 201, body: '' });
		const { items } = await start({});
		expect(items.map(({ json }) => json)).toEqual([{ ...job, reused: false }]);
	});

	it('an error says that nothing was started when Userpilot rejects a value', async () => {
		api()
			.get(JOBS, { body: [] })
			.post({ status: 422, body: { message: 'from is too long ago' } });
		const { error } = await start({});
		expect(error!.description).toMatch(/^No export was started\. .* Fix that field/);
	});

	it('runs once per input item, with paired items', async () => {
		api().get(JOBS, { body: [] }, { body: [] });
		api().post({ status: 201, body: { job_id: 'a' } }, { status: 201, body: { job_id: 'b' } });
		const run = await start(
			{ filters: { userIds: '={{ $json.user }}' } },
			{ input: [{ user: 'u1' }, { user: 'u2' }] },
		);
		expect(run.items).toEqual([
			{ json: { job_id: 'a', reused: false }, pairedItem: { item: 0 } },
			{ json: { job_id: 'b', reused: false }, pairedItem: { item: 1 } },
		]);
	});

	it.each([
		['continueRegularOutput', 'items'],
		['continueErrorOutput', 'errorItems'],
	] as const)('with On Error = %s the other items continue', async (onError, output) => {
		api()
			.get(JOBS, { body: [] })
			.post({ status: 201, body: { job_id: 'b' } });
		const run = await start(
			{ dateRange: 'custom', from: '={{ $json.from }}', to: '2024-01-02' },
			{ input: [{ from: 'never' }, { from: '2024-01-01' }], node: { onError } },
		);
		expect(run.error).toBeUndefined();
		expect(run.items.at(-1)!.json).toEqual({ job_id: 'b', reused: false });
		expect(run[output][0]!.json).toMatchObject({
			error: expect.stringContaining(`'From' is "never"`),
			details: { description: expect.stringContaining('Nothing was sent') },
		});
		expect(run[output][0]!.pairedItem).toEqual({ item: 0 });
	});
});
