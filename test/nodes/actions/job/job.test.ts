import { useMockApi } from '../../../support/api';
import { runNode, runWorkflow } from '../../../support/engine';
import { fixture } from '../../../support/fixture';
import { JOBS, jobPath } from '../../../support/paths';
import workflow from './job.workflow.json';

const ID = '664314e1-ee60-48eb-a36a-5f38f4c524f1';
const byId = (value: unknown) => ({ __rl: true, mode: 'id', value }) as never;

describe('Job', () => {
	const api = useMockApi();
	const job = fixture('guide.job.200');
	const list = fixture<Array<Record<string, unknown>>>('guide.list-jobs.200');
	const failed = {
		...list[0],
		job_id: 'failed',
		status: 'failed',
		start_time: '2024-09-23T00:00:00Z',
	};
	const odd = { job_id: 'odd', status: 'paused', start_time: null };

	it('each operation of the workflow returns its items', async () => {
		const answer = { body: [list[1], odd, failed, list[0]] };
		api().get(jobPath(ID), { body: job }).get(JOBS, answer, answer);
		const runs = await runWorkflow(workflow as never);
		const ids = (name: string) => runs[name]!.items.map(({ json }) => json.job_id);

		expect(runs.Get!.items).toEqual([{ json: job, pairedItem: { item: 0 } }]);
		// Newest first; a job without a start time comes last.
		expect(ids('Get Many')).toEqual(['failed', list[0]!.job_id, list[1]!.job_id, 'odd']);
		expect(runs['Get Many']!.items[1]!.json).toEqual(list[0]);
		// A status nobody knows counts as still running.
		expect(ids('Get Many with default operation and filter')).toEqual(['failed', 'odd']);
	});

	it.each([
		[0, false, 50, 0],
		[1, false, 50, 1],
		[49, false, 50, 49],
		[50, false, 50, 50],
		[51, false, 50, 50],
		[1000, false, 60, 60],
		[1000, true, 50, 1000],
	])(
		'Get Many of %i jobs with Return All %s and limit %i gives %i',
		async (total, returnAll, limit, given) => {
			const jobs = Array.from({ length: total }, (_, index) => ({ job_id: `job-${index}` }));
			api().get(JOBS, { body: jobs });
			const run = await runNode({ resource: 'job', operation: 'getAll', returnAll, limit });
			expect(run.items).toHaveLength(given);
			expect(api().counts).toEqual({ 'GET /jobs/': 1 });
		},
	);

	it.each([
		['an empty ID', '', /^'Job' is empty/],
		['no ID', undefined, /^'Job' is set to an expression that returned no value/],
		['null', null, /^'Job' is set to an expression that returned no value/],
		['an object', { id: 1 }, /^'Job' must be one ID/],
		['a path', '../lookups/segments', /^'Job' is not a job ID/],
		['dots', '..', /^'Job' is not a job ID/],
		['an encoded path', '%2e%2e%2fjobs', /^'Job' is not a job ID/],
		['a query', 'a?b=c', /^'Job' is not a job ID/],
	])('Get rejects %s', async (_, value, message) => {
		// An expression, because n8n itself asks for an ID that is empty.
		const jobId = byId(`={{ ${JSON.stringify(value)} }}`);
		const { error } = await runNode({ resource: 'job', operation: 'get', jobId });
		expect(error!.message).toMatch(message);
		expect(api().calls).toEqual([]);
	});

	it('Get says how long jobs are kept when a job is gone', async () => {
		api().get(jobPath('gone'), { status: 404, body: fixture('guide.job.404') });
		const { error } = await runNode({ resource: 'job', operation: 'get', jobId: byId('gone') });
		expect(error).toMatchObject({
			message: expect.stringContaining('job not found'),
			description: expect.stringContaining('3 days'),
			httpCode: '404',
		});
	});

	it('Get Many rejects an unknown status', async () => {
		const { error } = await runNode({
			resource: 'job',
			operation: 'getAll',
			filters: { status: '={{ ["done"] }}' },
		});
		expect(error!.message).toMatch(
			/^'Status' is "done", but must be one of: completed, failed, in_progress/,
		);
	});

	it.each(['={{ 0 }}', '={{ 1.5 }}', '={{ "many" }}', '={{ "" }}', '={{ true }}', '={{ null }}'])(
		'Get Many refuses the limit %s',
		async (limit) => {
			const { error } = await runNode({ resource: 'job', operation: 'getAll', limit } as never);
			expect(error!.message).toBe("'Limit' must be a whole number, 1 or more");
		},
	);
});
