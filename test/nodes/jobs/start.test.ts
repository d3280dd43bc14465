import type { INodeParameters } from 'n8n-workflow';

import type { MockAnswer } from '../../support/api';
import { useMockApi } from '../../support/api';
import { onFastClock } from '../../support/clock';
import { API_KEY } from '../../support/credentials';
import type { NodeRun } from '../../support/engine';
import { oneNodeWorkflow, runNode, runWorkflow } from '../../support/engine';
import { fixture } from '../../support/fixture';
import { JOBS } from '../../support/paths';

const NOW = '2024-10-06T10:44:50Z';
const conflict = { status: 409, body: fixture('guide.create-export.409') };
const lost = { failure: 'ECONNRESET' };
const created = (job_id: string) => ({ status: 201, body: { job_id } });
const running = (job_id: string, start_time = '2024-10-06T10:40:00') => ({
	job_id,
	status: 'in_progress',
	progress: '2 out of 5 partitions',
	start_time,
});
const done = (job_id: string) => ({
	job_id,
	status: 'completed',
	start_time: '2024-10-05T00:00:00',
});
const list = (...jobs: object[]): MockAnswer => ({ body: jobs });

describe('starting an export', () => {
	const api = useMockApi();

	const run = async (
		parameters: INodeParameters = {},
		options: Parameters<typeof runNode>[1] = {},
	) => await onFastClock(NOW, () => runNode({ operation: 'create', ...parameters }, options));
	const on = (onConflict: string, more = {}) => ({ options: { onConflict, ...more } });
	/** Returns these lists in turn, then the last one. */
	const lists = (...answers: MockAnswer[]) =>
		api().always(JOBS, () => (answers.length > 1 ? answers.shift()! : answers[0]!));
	const jsonOf = ({ items }: NodeRun) => items.map(({ json }) => json);

	describe('while another export is running', () => {
		it('fails with the running job, and starts nothing', async () => {
			api()
				.get(JOBS, list(done('old')), list(done('old'), running('other')))
				.post(conflict);
			const { result } = await run();
			expect(result.error).toMatchObject({
				message:
					'Userpilot runs one export at a time, and another one is running: job "other" (in_progress, 2 out of 5 partitions, started 2024-10-06 10:40:00 UTC)',
				description: expect.stringContaining('There is already an export job in progress'),
				httpCode: '409',
			});
			expect(result.error!.description).toContain('If an Export Is Running');
		});

		it('suggests Execute Once when it fails for a later input item', async () => {
			api()
				.get(JOBS, list(), list(running('a')), list(running('a')))
				.post(created('a'), conflict);
			const { result } = await run({}, { input: [{}, {}] });
			expect(result.error!.description).toContain('Execute Once');
		});

		it('fails when the running job is not in the list', async () => {
			api().get(JOBS, list(), list()).post(conflict);
			const { result } = await run();
			expect(result.error!.message).toContain('which is not in the list of jobs (yet)');
		});

		it('uses the newest running job, with a hint', async () => {
			const jobs = list(running('older', '2024-10-06T10:00:00'), running('newer'), done('old'));
			api().get(JOBS, jobs, jobs).post(conflict);
			const { result } = await run(on('useRunning'));
			expect(jsonOf(result)).toEqual([{ ...running('newer'), reused: true }]);
			expect(result.hints[0]!.message).toContain('Its dates and filters may differ');
		});

		it('starts its own export when the other one ends before it can be used', async () => {
			api().get(JOBS, list(), list(done('other')), list(done('other')), list(done('other')));
			api().post(conflict, created('ours'));
			const { result } = await run(on('useRunning'));
			expect(jsonOf(result)).toEqual([{ job_id: 'ours', reused: false }]);
		});

		it('fails to use a job that is never listed, after the list had time to update', async () => {
			lists(list()).post(conflict, conflict, conflict);
			const { result, elapsedMs } = await run(on('useRunning'));
			expect(result.error!.message).toContain('which is not in the list of jobs (yet)');
			expect(elapsedMs).toBeGreaterThan(12_000);
			expect(elapsedMs).toBeLessThan(15_000);
		});

		it('waits until it has finished, then starts its own', async () => {
			let looks = 0;
			api().always(JOBS, () => list(++looks < 12 ? running('other') : done('other')));
			api().post(conflict, created('ours'));
			const { result, elapsedMs } = await run(on('wait'));
			expect(jsonOf(result)).toEqual([{ job_id: 'ours', reused: false }]);
			// The job is nearly 5 minutes old: the time between two polls is a tenth of its age, up to 30 s.
			expect(elapsedMs).toBeGreaterThan(10 * 29_000);
			expect(elapsedMs).toBeLessThan(11 * 30_500);
		});

		it('waits again when another export starts first', async () => {
			const answers = [[], [running('a')], [done('a')], [done('a')], [running('b')], [done('b')]];
			api().always(JOBS, () => list(...(answers.length > 1 ? answers.shift()! : answers[0]!)));
			api().post(conflict, conflict, created('ours'));
			const { result } = await run(on('wait'));
			expect(jsonOf(result)).toEqual([{ job_id: 'ours', reused: false }]);
		});

		it('uses the job in progress, not one with an unknown status', async () => {
			const relic = { ...running('relic', '2024-10-06T10:43:00'), status: 'expired' };
			api()
				.get(JOBS, list(), list(relic, running('real')))
				.post(conflict);
			const { result } = await run(on('useRunning'));
			expect(jsonOf(result)[0]).toMatchObject({ job_id: 'real' });
		});

		it('uses no job with an unknown status', async () => {
			const relic = { ...running('relic'), status: 'expired' };
			lists(list(relic)).post(conflict, created('ours'));
			const { result } = await run(on('useRunning'));
			expect(jsonOf(result)).toEqual([{ job_id: 'ours', reused: false }]);
		});

		it('uses a running job that is listed one poll later', async () => {
			const later = list(running('other'));
			api().get(JOBS, list(), list(), later).post(conflict);
			const { result, elapsedMs } = await run(on('useRunning'));
			expect(jsonOf(result)).toEqual([{ ...running('other'), reused: true }]);
			expect(elapsedMs).toBeLessThan(6_000);
		});

		it('keeps waiting while the API is unreachable', async () => {
			const down = Array.from({ length: 12 }, () => ({ status: 503 }));
			api().get(JOBS, list(), list(running('other')), ...down, list(done('other')), list());
			api().post(conflict, created('ours'));
			const { result } = await run(on('wait'));
			expect(jsonOf(result)).toEqual([{ job_id: 'ours', reused: false }]);
		});

		it("hides the key and signed links in Userpilot's message", async () => {
			const words = `Token ${API_KEY} at https://files.example.com/a.gz?X-Amz-Signature=abc`;
			api().get(JOBS, list(), list(running('other')));
			api().post({ status: 409, body: { errors: [{ message: words }] } });
			const { result } = await run();
			expect(result.error!.description).toContain('Token *** at https://files.example.com/a.gz?…');
		});

		it('lets the API decide about an unknown status', async () => {
			api().always(JOBS, () => list({ ...running('odd'), status: 'stuck' }));
			api().post(conflict, created('ours'));
			const { result } = await run(on('wait'));
			expect(jsonOf(result)).toEqual([{ job_id: 'ours', reused: false }]);
		});

		it('fails after the timeout with the job that it waited for, and starts nothing', async () => {
			api()
				.always(JOBS, () => list(running('other')))
				.post(conflict);
			const { result, elapsedMs } = await run(on('wait', { maxWaitMinutes: 10 }));
			expect(result.error!.message).toBe(
				'Timed out after 10 minutes waiting for job "other" (in_progress, 2 out of 5 partitions, started 2024-10-06 10:40:00 UTC) to finish. Your export was not started',
			);
			expect(result.error!.description).toContain('Max Wait (Minutes)');
			expect(elapsedMs).toBeGreaterThan(9 * 60_000);
			expect(elapsedMs).toBeLessThanOrEqual(10 * 60_000 + 1_000);
		});

		it('stops waiting when the execution is stopped, without another request', async () => {
			api()
				.always(JOBS, () => list(running('other')))
				.post(conflict);
			let callsAtStop = 0;
			const { result } = await run(on('wait'), {
				onStart: (cancel) =>
					setTimeout(() => {
						callsAtStop = api().calls.length;
						cancel();
					}, 100_000),
			});
			expect(result.status).toBe('canceled');
			expect(callsAtStop).toBeGreaterThan(3);
			expect(api().calls).toHaveLength(callsAtStop);
		});
	});

	describe('when the response is lost', () => {
		it.each<[string, MockAnswer]>([
			['the connection is reset', lost],
			['a gateway gives up', { status: 504, body: '<html></html>' }],
			['the server fails', { status: 500, body: '' }],
		])('uses the one job that is new: %s', async (_, answer) => {
			api()
				.get(JOBS, list(done('old')), list(running('ours'), done('old')))
				.post(answer);
			const { result } = await run();
			expect(jsonOf(result)).toEqual([{ ...running('ours'), reused: false }]);
		});

		it.each<[string, MockAnswer]>([
			['a reset', lost],
			['503', { status: 503 }],
			['408', { status: 408 }],
		])('retries when no job is new for 12 seconds: %s', async (_, answer) => {
			lists(list(done('old'))).post(answer, created('ours'));
			const { result, elapsedMs } = await run();
			expect(jsonOf(result)).toEqual([{ job_id: 'ours', reused: false }]);
			expect(elapsedMs).toBeGreaterThanOrEqual(12_000);
		});

		it.each<[string, MockAnswer]>([
			['429', { status: 429 }],
			['a refused connection', { failure: 'ECONNREFUSED' }],
			['a host that is not found', { failure: 'ENOTFOUND' }],
		])('retries immediately when nothing can have been started: %s', async (_, answer) => {
			api().get(JOBS, list(), list()).post(answer, created('ours'));
			const { result, elapsedMs } = await run();
			expect(jsonOf(result)).toEqual([{ job_id: 'ours', reused: false }]);
			expect(elapsedMs).toBeLessThan(3_000);
		});

		it('uses no job that started after a rejected request', async () => {
			const stranger = list(running('stranger'));
			api().get(JOBS, list(), stranger, stranger).post({ status: 429 }, conflict);
			const { result } = await run();
			expect(result.error).toMatchObject({
				message: expect.stringContaining('another one is running: job "stranger"'),
				httpCode: '409',
			});
		});

		it("does not use another's job that starts after the list is up to date", async () => {
			// The response is lost, and nothing was started. Then another's job starts and ends.
			const polls = Array.from({ length: 8 }, () => list());
			lists(...polls, list(running('other')), list(running('other')), list(done('other')));
			api().post(lost, conflict, created('ours'));
			const { result } = await run(on('wait'));
			expect(jsonOf(result)).toEqual([{ job_id: 'ours', reused: false }]);
		});

		it('fails with all new jobs when several are new, and starts nothing else', async () => {
			api()
				.get(JOBS, list(), list(running('a'), done('b')))
				.post(lost);
			const { result } = await run();
			expect(result.error!.message).toMatch(
				/^Userpilot's response was lost, and 2 jobs have started since: job "a" .*; job "b" .*/,
			);
		});

		it('gives up after 4 tries, none of which started a job', async () => {
			lists(list()).post(lost, lost, lost, lost);
			const { result } = await run();
			expect(result.error!.message).toContain('Could not start the export');
			expect(result.error!.description).toMatch(/^No export was started\./);
		});

		it('says that the outcome is unknown when the list is unreachable, too', async () => {
			api()
				.get(JOBS, list())
				.always(JOBS, () => ({ status: 500 }))
				.post({ status: 500, body: '' });
			const { result } = await run();
			expect(result.error!.message).toContain("Userpilot's server failed (500)");
			expect(result.error!.description).toMatch(/^It is not known whether the export was started/);
		});

		it('sends nothing when the list is unreachable before it', async () => {
			api().get(JOBS, { status: 401, body: '' });
			expect((await run()).result.error).toBeDefined();
			expect(api().counts).toEqual({ 'GET /jobs/': 1 });
		});
	});

	describe('when Retry On Fail runs the node again', () => {
		const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const twoItems = { input: [{ user: 'a' }, { user: 'b' }], node };
		const forUser = { filters: { userIds: '={{ $json.user }}' } };

		it('uses the job that the first run started', async () => {
			// The second item gets a 409 in the first run. The first item must not be started again.
			api().get(JOBS, list(), list(running('a')), list(running('a')), list(done('a')));
			api().post(created('a'), conflict, created('b'));
			const { result } = await run(forUser, twoItems);
			expect(jsonOf(result)).toEqual([
				{ job_id: 'a', reused: false },
				{ job_id: 'b', reused: false },
			]);
			expect(api().counts).toEqual({ 'GET /jobs/': 4, 'POST ': 3 });
		});

		it('finds the job of a response that was lost in the first run', async () => {
			const gone = Array.from({ length: 7 }, () => ({ status: 500 }));
			api().get(JOBS, list(done('old')), ...gone, list(done('old'), running('ours')));
			api().post({ status: 500, body: '' });
			const { result } = await run({}, { node });
			expect(jsonOf(result)).toEqual([{ ...running('ours'), reused: false }]);
		});

		it('finds the job of a response without a job_id', async () => {
			api()
				.get(JOBS, list(), list(running('ours')))
				.post({ status: 201, body: '' });
			const { result } = await run({}, { node });
			expect(jsonOf(result)).toEqual([{ ...running('ours'), reused: false }]);
		});

		it('finds its job after midnight, when a relative date range has changed', async () => {
			const gone = Array.from({ length: 7 }, () => ({ status: 500 }));
			api()
				.get(JOBS, list(), ...gone, list(running('ours')))
				.post({ status: 500, body: '' });
			const { result } = await onFastClock('2024-10-06T23:59:55Z', () =>
				runNode({ operation: 'create' }, { node }),
			);
			expect(jsonOf(result)).toEqual([{ ...running('ours'), reused: false }]);
		});

		it('does not use the job of another execution, node or run', async () => {
			api().get(JOBS, ...Array.from({ length: 5 }, () => list()));
			api().post(...['a', 'b', 'c', 'd', 'e'].map(created));
			const workflow = oneNodeWorkflow({ operation: 'create' });
			workflow.nodes.push({ ...workflow.nodes[1]!, id: 'second', name: 'Second' });
			const to = (name: string) => ({ node: name, type: 'main' as const, index: 0 });
			// The first node runs twice, once for each connection.
			workflow.connections.Start = { main: [[to('Userpilot'), to('Userpilot'), to('Second')]] };
			const ids: unknown[] = [];
			const { result: runs } = await onFastClock(NOW, () =>
				runWorkflow(workflow, { executionId: 'one' }),
			);
			for (const { data } of [...runs.Userpilot!.tries, ...runs.Second!.tries]) {
				ids.push(data!.main![0]![0]!.json.job_id);
			}
			for (const executionId of ['two', 'three']) {
				const { result } = await run({}, { executionId });
				ids.push(result.items[0]!.json.job_id);
			}
			expect(ids.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
		});
	});
});
