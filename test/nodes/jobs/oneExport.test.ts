import type { INodeParameters } from 'n8n-workflow';

import { callTool } from '../../support/agent';
import type { MockAnswer } from '../../support/api';
import { useMockApi } from '../../support/api';
import { onFastClock } from '../../support/clock';
import { useEmulator } from '../../support/emulator';
import type { NodeRun } from '../../support/engine';
import { oneNodeWorkflow, runNode, runWorkflow } from '../../support/engine';
import { fixture } from '../../support/fixture';
import { EXPORTS, JOBS, jobPath } from '../../support/paths';

const NOW = '2024-10-06T10:44:50Z';
const RETRIED = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
const getEvents = { operation: 'createAndWait', options: {} };
const forUser = (userIds: string) => ({ ...getEvents, filters: { userIds } });
const jsonOf = ({ items }: NodeRun) => items.map(({ json }) => json);

const summary = (job_id: string, status: string, start_time = '2024-10-06T10:40:00') => ({
	job_id,
	status,
	start_time,
});
const created = (job_id: string): MockAnswer => ({ status: 201, body: { job_id } });
const conflict: MockAnswer = { status: 409, body: fixture('guide.create-export.409') };
const lost: MockAnswer = { failure: 'ECONNRESET' };

describe('one export per request, counted by an emulated API', () => {
	const api = useEmulator();

	const on = async <T>(run: () => Promise<T>) => (await onFastClock(NOW, run, api.isSilent)).result;
	const options = () => ({ credentials: api.credentials });
	const exported = () => api.control.ledger().jobs.map(({ request }) => request);
	const idsOf = (rows: unknown) => [
		...new Set((rows as Array<{ user_id: string }>).map(({ user_id }) => user_id)),
	];

	describe('a tool', () => {
		const parameters = forUser("={{ $fromAI('user_id') }}");
		const call = async (users: string[], more: object = {}) =>
			await callTool(
				parameters,
				users.map((user_id) => ({ user_id })),
				{ ...options(), ...more },
			);

		it.each([
			['without an execution ID, as under the MCP Server Trigger', { executionId: null }],
			['of one execution', { executionId: 'one' }],
		])('starts one export per call: %s', async (_, execution) => {
			const answers = await on(async () => [
				...(await call(['user_1', 'user_2'], execution)),
				...(await call(['user_3'], execution)),
				...(await call(['user_1'], execution)),
			]);
			expect(answers.map(idsOf)).toEqual([['user_1'], ['user_2'], ['user_3'], ['user_1']]);
			expect(exported().map(({ user_id }) => user_id)).toEqual([
				['user_1'],
				['user_2'],
				['user_3'],
				['user_1'],
			]);
		});

		it('starts an export for each of two equal calls at the same time', async () => {
			const answers = await on(() => call(['user_1', 'user_1'], { executionId: 'same' }));
			expect(answers.map(idsOf)).toEqual([['user_1'], ['user_1']]);
			expect(exported()).toHaveLength(2);
		});

		it('starts no second export when Retry On Fail follows an error after the start', async () => {
			api.control.setFaults([{ operation: 'getJob', kind: 'status', status: 401, times: 1 }]);
			const answers = await on(() => call(['user_1', 'user_2'], { node: RETRIED }));
			expect(answers.map(idsOf)).toEqual([['user_1'], ['user_2']]);
			expect(exported()).toHaveLength(2);
		});
	});

	it('starts 1,200 exports for 1,200 items, even when Retry On Fail runs all of them again', async () => {
		const count = 1_200;
		api.control.set({ jobSeconds: 0 });
		api.control.setFaults([
			{ operation: 'createExport', kind: 'status', status: 400, skip: count - 1, times: 1 },
			// The list would be long, and this test does not read it.
			{ operation: 'listJobs', kind: 'body', text: '[]' },
		]);
		const input = Array.from({ length: count }, (_, index) => ({ user: `user-${index}` }));
		const run = await on(() =>
			runNode(
				{ operation: 'create', filters: { userIds: '={{ $json.user }}' } },
				{ ...options(), input, node: RETRIED },
			),
		);
		const jobs = new Map(
			api.control.ledger().jobs.map(({ jobId, request }) => [jobId, request.user_id]),
		);
		expect(jobs.size).toBe(count);
		expect(run.items.map(({ json }) => jobs.get(json.job_id as string))).toEqual(
			input.map(({ user }) => [user]),
		);
	});

	describe.each([5, 10])('when the list shows a job only %i s after its POST', (listLagSeconds) => {
		it.each([0.5, 3, 60])(
			'takes the job of a lost response for its own, which runs for %d s',
			async (jobSeconds) => {
				api.control.set({ listLagSeconds, jobSeconds });
				api.control.setFaults([{ operation: 'createExport', kind: 'reset-after', times: 1 }]);
				const run = await on(() => runNode({ operation: 'create' }, options()));
				const [job, ...others] = api.control.ledger().jobs;
				expect(jsonOf(run)).toMatchObject([{ job_id: job!.jobId, reused: false }]);
				expect(others).toEqual([]);
			},
		);

		it('does not confuse the job of a lost response with earlier ones', async () => {
			api.control.set({ listLagSeconds, jobSeconds: 0 });
			// Of the second and fourth of four items: one POST had an effect, the other had none.
			api.control.setFaults([
				{ operation: 'createExport', kind: 'reset-after', skip: 1, times: 1 },
				{ operation: 'createExport', kind: 'reset', skip: 2, times: 1 },
			]);
			const input = ['a', 'b', 'c', 'd'].map((user) => ({ user }));
			const run = await on(() =>
				runNode(
					{ operation: 'create', filters: { userIds: '={{ $json.user }}' } },
					{ ...options(), input },
				),
			);
			const { jobs } = api.control.ledger();
			expect(jobs.map(({ request }) => request.user_id)).toEqual([['a'], ['b'], ['c'], ['d']]);
			expect(run.items.map(({ json }) => json.job_id)).toEqual(jobs.map(({ jobId }) => jobId));
		});

		it('says that the outcome of a POST is unknown while the list is unreachable, and finds out at the next try', async () => {
			api.control.set({ listLagSeconds });
			const lostForGood = [
				{ operation: 'createExport', kind: 'reset-after', times: 1 },
				{ operation: 'listJobs', kind: 'status', status: 500, skip: 1 },
			] as const;
			api.control.setFaults(lostForGood);
			const run = await on(() => runNode({ operation: 'create' }, options()));
			expect(run.error!.description).toMatch(/^It is not known whether the export was started/);
			expect(run.error!.description).not.toMatch(/no export was started|nothing was started/i);
			api.control.reset();
			api.control.set({ listLagSeconds });
			api.control.setFaults(lostForGood);
			const tried = await on(() =>
				runNode(
					{ operation: 'create' },
					{
						...options(),
						node: { ...RETRIED, maxTries: 5, waitBetweenTries: 1_000 },
						onStart: () => setTimeout(() => api.control.setFaults([]), 15_000),
					},
				),
			);
			const { jobs } = api.control.ledger();
			expect(jobs).toHaveLength(1);
			expect(jsonOf(tried)).toMatchObject([{ job_id: jobs[0]!.jobId, reused: false }]);
		});
	});

	it('starts five waiting requests in the order they came, and only the first one polls', async () => {
		api.control.set({ jobSeconds: 240 });
		const users = ['a', 'b', 'c', 'd', 'e'];
		const inAMinute: number[] = [];
		const runs = await on(async () => {
			await api.start({ from: '2024-10-01', to: '2024-10-01' });
			api.control.set({ jobSeconds: 20 });
			return await Promise.all(
				users.map(async (user, index) => {
					await new Promise((resolve) => setTimeout(resolve, 1 + index * 40_000));
					if (index === 0) {
						setTimeout(() => inAMinute.push(api.control.ledger().requests.length), 60_000);
					}
					return await runNode(
						{ ...forUser(user), options: { maxWaitMinutes: 60 } },
						{ ...options(), executionId: `waiter ${user}` },
					);
				}),
			);
		});
		expect(runs.map(({ error }) => error)).toEqual(users.map(() => undefined));
		const [, ...ours] = exported();
		expect(ours.map(({ user_id }) => user_id)).toEqual(users.map((user) => [user]));
		// Two requests that get a conflict, then the list after a tenth of the job's age.
		expect(inAMinute[0]).toBeLessThan(35);
		const requests = api.calls('listJobs') + api.calls('createExport');
		expect(requests).toBeLessThan(160);
	});
});

describe('one export per request', () => {
	const api = useMockApi();
	const on = async (run: () => Promise<NodeRun>) => await onFastClock(NOW, run);
	const list = (...jobs: object[]): MockAnswer => ({ body: jobs });
	const completed = (id: string, text = `{"of":"${id}"}\n`) => ({
		body: { job_id: id, status: 'completed', presigned_urls: [api().file(`${id}.json.gz`, text)] },
	});

	it.each<[string, MockAnswer]>([
		['has failed', { body: summary('first', 'failed') }],
		['is gone', { status: 404, body: fixture('guide.job.404') }],
	])('starts another export at the next try when the job %s', async (_, ending) => {
		api().get(JOBS, list(), list()).post(created('first'), created('second'));
		api().get(jobPath('first'), ending);
		api().get(jobPath('second'), completed('second'));
		const { result } = await on(() => runNode(getEvents, { node: RETRIED }));
		expect(jsonOf(result)).toMatchObject([{ of: 'second' }]);
	});

	it.each<[string, MockAnswer[], object]>([
		[
			'the time is up',
			Array.from({ length: 12 }, () => ({ body: summary('ours', 'in_progress') })),
			{ maxWaitMinutes: 0.1 },
		],
		['Userpilot refuses to tell', [{ status: 401, body: '' }], {}],
		['another server answers 404', [{ status: 404, body: '<html></html>' }], {}],
	])('continues with its job at the next try when %s', async (_, answers, options) => {
		const answersLeft = [...answers];
		api().get(JOBS, list()).post(created('ours'));
		const done = completed('ours');
		api().always(jobPath('ours'), () => answersLeft.shift() ?? done);
		const { result } = await on(() =>
			runNode({ ...getEvents, options } as INodeParameters, { node: { ...RETRIED, maxTries: 5 } }),
		);
		expect(jsonOf(result)).toMatchObject([{ of: 'ours' }]);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'goes on with its job also where On Error gives an item that n8n tries again: %s',
		async (onError) => {
			api().get(JOBS, list()).post(created('ours'));
			const answers: MockAnswer[] = [{ status: 401, body: '' }, completed('ours')];
			api().get(jobPath('ours'), ...answers);
			const { result } = await on(() => runNode(getEvents, { node: { ...RETRIED, onError } }));
			expect(jsonOf(result)).toMatchObject([{ of: 'ours' }]);
		},
	);

	it('takes a job with an unknown status neither for the running one nor for its own', async () => {
		const relic = summary('relic', 'expired', '2024-10-06T10:44:00');
		const listedFrom = Date.parse(NOW) + 5_000;
		api()
			.always(JOBS, () =>
				Date.now() < listedFrom ? list(relic) : list(summary('ours', 'in_progress'), relic),
			)
			.post(lost)
			.always(EXPORTS, () => conflict, 'POST');
		const { result } = await on(() =>
			runNode({ operation: 'create', options: { onConflict: 'wait', maxWaitMinutes: 2 } }),
		);
		expect(jsonOf(result)).toMatchObject([{ job_id: 'ours', reused: false }]);
	});

	it('sends the POST again after 5 s, then less and less often, while the running job is not listed', async () => {
		const posts: number[] = [];
		api()
			.always(JOBS, () => list())
			.post(...Array.from({ length: 6 }, () => conflict));
		const { result } = await on(() =>
			runNode(
				{ operation: 'create', options: { onConflict: 'wait', maxWaitMinutes: 1 } },
				{
					onStart: () => {
						const timer = setInterval(() => {
							posts.push(api().calls.filter(({ path }) => path === EXPORTS).length);
						}, 1_000);
						setTimeout(() => clearInterval(timer), 60_000);
					},
				},
			),
		);
		expect(result.error!.message).toContain(
			'Timed out after 1 minute waiting for the other export',
		);
		expect([posts[3], posts[6], posts[15], posts[26], posts[45]]).toEqual([1, 2, 3, 4, 5]);
		expect(api().calls.length).toBeLessThan(25);
	});

	it('starts one export for each of two nodes with the same ID', async () => {
		const workflow = oneNodeWorkflow({ operation: 'create' });
		workflow.nodes.push({ ...workflow.nodes[1]!, name: 'Twin' });
		const to = (node: string) => ({ node, type: 'main' as const, index: 0 });
		workflow.connections.Start = { main: [[to('Userpilot'), to('Twin')]] };
		api().get(JOBS, list(), list()).post(created('a'), created('b'));
		const { result } = await onFastClock(NOW, () => runWorkflow(workflow));
		const ids = [result.Userpilot!, result.Twin!].map((run) => run.items[0]!.json.job_id);
		expect(ids.sort()).toEqual(['a', 'b']);
	});

	it('returns what was requested, even when an execution asks the same node for something else', async () => {
		api().get(JOBS, list(), list()).post(created('a'), created('b'));
		api().get(jobPath('a'), { status: 401, body: '' });
		api().get(jobPath('b'), completed('b'));
		const { result: first } = await on(() => runNode(forUser('a'), { executionId: 'same' }));
		expect(first.error).toBeDefined();
		const { result } = await on(() => runNode(forUser('b'), { executionId: 'same' }));
		expect(jsonOf(result)).toMatchObject([{ of: 'b' }]);
	});
});
