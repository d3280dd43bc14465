import type { INodeParameters } from 'n8n-workflow';

import type { MockAnswer } from '../../support/api';
import { useMockApi } from '../../support/api';
import { onFastClock } from '../../support/clock';
import { API_KEY } from '../../support/credentials';
import { runNode } from '../../support/engine';
import { fixture } from '../../support/fixture';
import { jobPath } from '../../support/paths';

const ID = '664314e1-ee60-48eb-a36a-5f38f4c524f1';
const NOW = '2024-10-06T10:44:50Z';
const job = (status: string | null, more = {}) => ({
	job_id: ID,
	status,
	progress: '2 out of 5 partitions',
	presigned_urls: [],
	...more,
});
const running: MockAnswer = { body: job('in_progress') };
const completed: MockAnswer = { body: job('completed') };
const times = (count: number, answer: MockAnswer) => Array.from({ length: count }, () => answer);

describe('waiting for a job', () => {
	const api = useMockApi();

	const run = async (
		options: INodeParameters = {},
		more: Partial<Parameters<typeof runNode>[1]> = {},
	) => {
		const jobId = { __rl: true, mode: 'id', value: ID };
		const parameters = { resource: 'job', operation: 'wait', jobId, options };
		const { result, elapsedMs } = await onFastClock(NOW, () => runNode(parameters, more));
		expect(JSON.stringify([result.error, result.error?.message])).not.toContain(API_KEY);
		return { ...result, elapsedMs, json: result.items.map(({ json }) => json) };
	};

	it('returns the completed job unchanged', async () => {
		api().get(jobPath(ID), running, { body: fixture('guide.job.200') });
		const { items } = await run();
		expect(items).toEqual([{ json: fixture('guide.job.200'), pairedItem: { item: 0 } }]);
	});

	it('polls after a tenth of the time waited, 1 s to 30 s', async () => {
		const looks: number[] = [];
		api().always(jobPath(ID), () => {
			looks.push(Date.now());
			return running;
		});
		await run({ maxWaitMinutes: 10 });
		const pauses = looks.slice(1).map((at, index) => at - looks[index]!);
		pauses.slice(0, -1).forEach((pause, index) => {
			const expected = Math.min(30_000, Math.max(1_000, (looks[index]! - looks[0]!) / 10));
			expect(pause).toBeGreaterThanOrEqual(expected - 50);
			expect(pause).toBeLessThan(expected + 200);
		});
		expect(pauses[0]).toBeLessThan(1_200);
		expect(Math.max(...pauses)).toBeGreaterThanOrEqual(30_000);
	});

	it('checks the status a last time when the time is up', async () => {
		const looks: number[] = [];
		api().always(jobPath(ID), () => {
			looks.push(Date.now() - Date.parse(NOW));
			return looks.at(-1)! < 90_000 ? running : completed;
		});
		const { json, elapsedMs } = await run({ maxWaitMinutes: 1.5 });
		expect(json[0]).toMatchObject({ status: 'completed' });
		expect(elapsedMs).toBeLessThan(91_000);
	});

	it.each(['canceled', 'paused', '', null])('treats the status %j as running', async (status) => {
		api().get(jobPath(ID), { body: job(status) }, completed);
		expect((await run()).json[0]).toMatchObject({ status: 'completed' });
	});

	const page = { body: '<html><title>Maintenance</title></html>' };

	it.each<[string, MockAnswer[]]>([
		['500', times(30, { status: 500, body: '' })],
		['501', [{ status: 501, body: '' }]],
		['502, with tries of its own', times(12, { status: 502, body: page.body })],
		['503', times(12, { status: 503 })],
		['504', times(4, { status: 504 })],
		['429', times(4, { status: 429 })],
		['a connection that is reset', times(8, { failure: 'ECONNRESET' })],
		['a timeout', times(4, { failure: 'ETIMEDOUT' })],
		['an HTML page with 200', times(5, page)],
		['an empty response with 200', times(2, { body: '' })],
		['unexpected JSON', times(2, { body: {} })],
		['all of them', [{ status: 500 }, page, ...times(4, { failure: 'ECONNRESET' }), running]],
	])('continues after several failed status checks: %s', async (_, failures) => {
		api().get(jobPath(ID), running, ...failures, completed);
		const { json, error } = await run();
		expect(error).toBeUndefined();
		expect(json[0]).toMatchObject({ status: 'completed' });
	});

	it('continues after failed status checks before the job was seen', async () => {
		api().get(jobPath(ID), { status: 500, body: '' }, ...times(4, { status: 503 }), completed);
		expect((await run()).json[0]).toMatchObject({ status: 'completed' });
	});

	it('waits as long as the API asks, even longer than one request would', async () => {
		api().get(jobPath(ID), { status: 429, headers: { 'retry-after': '200' } }, completed);
		const { elapsedMs, error } = await run();
		expect(error).toBeUndefined();
		expect(elapsedMs).toBeGreaterThanOrEqual(200_000);
		expect(elapsedMs).toBeLessThan(201_000);
	});

	it('never waits longer than the timeout when the API asks for more', async () => {
		api().get(jobPath(ID), ...times(2, { status: 429, headers: { 'retry-after': '3600' } }));
		const { elapsedMs, error } = await run({ maxWaitMinutes: 2 });
		expect(error!.message).toMatch(/^Timed out after 2 minutes/);
		expect(elapsedMs).toBeLessThan(121_000);
	});

	it.each<[string, MockAnswer[], RegExp]>([
		[
			'a wrong address',
			[page],
			/Userpilot returned an HTML page \("Maintenance"\) instead of JSON/,
		],
		['a wrong key', [{ status: 401, body: {} }], /rejected the API key or the plan \(401\)/],
		['a job that is gone', [{ status: 404, body: fixture('guide.job.404') }], /has no job/],
		[
			'a job that is gone by now',
			[running, { status: 404, body: fixture('guide.job.404') }],
			/has no job/,
		],
		['a redirect', [{ status: 302, headers: { location: '/' } }], /redirects/],
		['a certificate', [{ failure: 'CERT_HAS_EXPIRED' }], /TLS certificate/],
	])('fails immediately for %s', async (_, answers, message) => {
		api().get(jobPath(ID), ...answers);
		expect((await run()).error!.message).toMatch(message);
	});

	it.each([
		['2 out of 5 partitions', ' (progress: 2 out of 5 partitions)'],
		[null, ''],
	])('fails with the ID of a failed job and its progress %j', async (progress, shown) => {
		api().get(jobPath(ID), running, { body: job('failed', { progress }) });
		const { error } = await run({ onTimeout: 'returnJob' });
		expect(error!.message).toBe(`Export job "${ID}" has failed${shown}`);
		expect(error!.description).toContain(`job ${ID}`);
		expect(error!.description).toContain('Start the export again');
		expect(error!.context).toMatchObject({ itemIndex: 0 });
	});

	it('fails after the timeout with the status, and two ways to continue', async () => {
		api().always(jobPath(ID), () => running);
		const { error, elapsedMs, status } = await run({ maxWaitMinutes: 2 });
		expect(error!.message).toBe(
			`Timed out after 2 minutes waiting for export job "${ID}". Its status is in_progress (2 out of 5 partitions)`,
		);
		expect(error!.description).toContain("increase Options > 'Max Wait (Minutes)'");
		expect(error!.description).toContain('Userpilot Trigger');
		expect(error!.description).toContain(ID);
		expect(elapsedMs).toBeGreaterThanOrEqual(120_000);
		expect(elapsedMs).toBeLessThan(121_000);
		expect(status).toBe('error');
	});

	it.each([
		['canceled', 'Its status is called off (2 out of 5 partitions)'],
		[null, 'Its status is unknown (2 out of 5 partitions)'],
	])('fails after the timeout with the status %j', async (status, words) => {
		api().get(jobPath(ID), { body: job(status) });
		const run_ = await run({ maxWaitMinutes: 0 });
		expect(run_.error!.message).toContain(words);
		expect(run_.status).toBe('error');
	});

	it('returns the job as last seen after the timeout, on request', async () => {
		let looks = 0;
		api().always(jobPath(ID), () => ({ body: job('in_progress', { progress: `${++looks}` }) }));
		const { json } = await run({ maxWaitMinutes: 1, onTimeout: 'returnJob' });
		expect(json).toEqual([job('in_progress', { progress: `${looks}` })]);
	});

	it('returns the ID of a job that was never seen, on request', async () => {
		api().get(jobPath(ID), { status: 500, body: '' });
		const { json } = await run({ maxWaitMinutes: 0, onTimeout: 'returnJob' });
		expect(json).toEqual([{ job_id: ID }]);
	});

	it('checks the status once with a timeout of 0, and fails with the error of that check', async () => {
		api().get(jobPath(ID), { status: 500, body: '' });
		const { error } = await run({ maxWaitMinutes: 0 });
		expect(error!.message).toBe(
			`Timed out after 0 minutes waiting for export job "${ID}": every status check failed. Could not get job "${ID}": Userpilot's server failed (500): an empty response`,
		);
		expect(error!.description).toContain(`Job > Wait and the ID ${ID}`);
		expect(api().calls).toHaveLength(1);
	});

	it('returns a completed job with a timeout of 0', async () => {
		api().get(jobPath(ID), completed);
		expect((await run({ maxWaitMinutes: 0 })).json[0]).toMatchObject({ status: 'completed' });
	});

	it.each<[string, MockAnswer[], number]>([
		['between two status checks', times(11, running), 12_000],
		['between two tries', [{ status: 429, headers: { 'retry-after': '50' } }], 5_000],
		[
			'in a wait that the API asks for',
			[{ status: 429, headers: { 'retry-after': '900' } }],
			5_000,
		],
	])('stops when the execution is stopped %s, without another request', async (_, answers, ms) => {
		api().get(jobPath(ID), ...answers);
		const stop = { onStart: (cancel: () => void) => setTimeout(cancel, ms) };
		const { status, elapsedMs } = await run({ onTimeout: 'returnJob' }, stop);
		expect(status).toBe('canceled');
		expect(elapsedMs).toBeLessThan(ms + 1_000);
		expect(api().calls).toHaveLength(answers.length);
	});

	it.each([
		[
			'minutes below 0',
			{ maxWaitMinutes: '={{ -1 }}' },
			/^'Max Wait \(Minutes\)' must be a number/,
		],
		['no minutes', { maxWaitMinutes: '={{ "" }}' }, /^'Max Wait \(Minutes\)' must be a number/],
		['an unknown way', { onTimeout: '={{ "x" }}' }, /^'On Timeout' is "x", but must be one of/],
	])('rejects %s before any request', async (_, options, message) => {
		expect((await run(options)).error!.message).toMatch(message);
		expect(api().calls).toEqual([]);
	});
});
