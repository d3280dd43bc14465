import type { INodeParameters } from 'n8n-workflow';

import type { MockAnswer } from '../../../support/api';
import { SIGNATURE, useMockApi } from '../../../support/api';
import { onFastClock } from '../../../support/clock';
import { API_KEY } from '../../../support/credentials';
import { runNode } from '../../../support/engine';
import { fixture } from '../../../support/fixture';
import { JOBS, jobPath } from '../../../support/paths';

const NOW = '2024-10-06T10:44:50Z';
const conflict = { status: 409, body: fixture('guide.create-export.409') };
const created = (job_id: string) => ({ status: 201, body: { job_id, environment_name: 'x' } });
const running = (job_id: string) => ({ job_id, status: 'in_progress', progress: '2 out of 5' });
const done = (job_id: string, more = {}) => ({ job_id, status: 'completed', ...more });
const list = (...jobs: object[]): MockAnswer => ({ body: jobs });

describe('Export: Get Events', () => {
	const api = useMockApi();

	const run = async (
		parameters: INodeParameters = {},
		options: Parameters<typeof runNode>[1] = {},
	) => {
		const { result, elapsedMs } = await onFastClock(NOW, () =>
			runNode({ operation: 'createAndWait', ...parameters }, options),
		);
		const shown = JSON.stringify([result.error, result.error?.message, result.hints]);
		expect(shown).not.toContain(SIGNATURE);
		expect(shown).not.toContain(API_KEY);
		return {
			...result,
			elapsedMs,
			json: result.items.map(({ json }) => json),
			hintTexts: result.hints.map(({ message }) => message),
		};
	};

	/** Nothing in the way: our job starts, and completes with one file. */
	const ourJob = (text = '{"n":1}\n', name = '2024-09-30.json.gz') => {
		const job = done('ours', { presigned_urls: [api().file(name, text)] });
		api().get(JOBS, list()).post(created('ours'));
		api().get(jobPath('ours'), { body: running('ours') }, { body: job });
		return job;
	};

	it('returns the rows of its export', async () => {
		ourJob('{"n":1}\n{"n":2}\n');
		const { items, hints } = await run();
		expect(items).toEqual([1, 2].map((n) => ({ json: { n }, pairedItem: { item: 0 } })));
		expect(hints).toEqual([
			{ message: '2 rows from 1 file.', type: 'info', location: 'outputPane' },
		]);
		expect(api().calls.find(({ method }) => method === 'POST')!.body).toEqual({
			from: '2024-09-29',
			to: '2024-10-05',
		});
	});

	it.each(['..', 'a\ud800'])('an ID that cannot be requested is an error: %j', async (id) => {
		api().get(JOBS, list()).post(created(id));
		const { error } = await run();
		expect(error).toMatchObject({
			message: expect.stringContaining('a request cannot contain this ID'),
			httpCode: '404',
		});
	});

	it('rows are only what the files hold', async () => {
		ourJob('{"job_id":7}\n{"reused":null}\n{}\n');
		expect((await run()).json).toEqual([{ job_id: 7 }, { reused: null }, {}]);
	});

	it('returns the job, links or files with job_id and reused', async () => {
		const job = done('ours', { end_time: 'x', presigned_urls: [{ filename: 'a', url: 'b' }] });
		api().get(JOBS, list(), list(), list());
		api().post(created('ours'), created('ours'), created('ours'));
		api().get(jobPath('ours'), { body: job }, { body: job });
		expect((await run({ output: 'job' })).json).toEqual([{ ...job, reused: false }]);
		expect((await run({ output: 'links' })).json).toEqual([
			{
				job_id: 'ours',
				filename: 'a',
				url: 'b',
				status: 'completed',
				start_time: null,
				end_time: 'x',
				reused: false,
			},
		]);
		const file = api().file('2024-09-30.csv.gz', 'a,b\n');
		api().get(jobPath('ours'), { body: done('ours', { presigned_urls: [file] }) });
		expect((await run({ output: 'files', format: 'csv' })).json).toEqual([
			{
				job_id: 'ours',
				filename: '2024-09-30.csv.gz',
				bytes_compressed: expect.any(Number),
				bytes: 4,
				reused: false,
			},
		]);
	});

	it.each([
		['links', 'links', [{ filename: null, url: null, job_id: 'ours', reused: false }], 0],
		['rows', 'rows', [], 1],
		['files', 'files', [], 1],
	])('a job without files: %s', async (_, output, items, hints) => {
		api().get(JOBS, list()).post(created('ours'));
		api().get(jobPath('ours'), { body: done('ours') });
		const { json, hintTexts } = await run({ output });
		expect(json).toEqual(items.map((item) => expect.objectContaining(item)));
		expect(hintTexts).toHaveLength(hints);
	});

	it.each(['csv', 'parquet'])(
		'reads rows from JSON, also when the format was %s',
		async (format) => {
			ourJob('{"n":1}\n');
			expect((await run({ format })).json).toEqual([{ n: 1 }]);
			expect(api().calls.find(({ method }) => method === 'POST')!.body).not.toHaveProperty(
				'format',
			);
		},
	);

	it('a file that is not JSON is not read as JSON rows', async () => {
		ourJob('neither\nnor\n', 'export');
		expect((await run({})).error!.message).toContain('is neither JSON nor, by its name, CSV');
	});

	describe('while another export is running', () => {
		it('waits for it, even if another one starts first, and returns its own rows', async () => {
			const lists = [
				...[[], [running('a')], [running('a')], [done('a')], [done('a')], [running('b')]],
				...[[done('b')], [done('b')]],
			];
			api().always(JOBS, () => list(...(lists.length > 1 ? lists.shift()! : lists[0]!)));
			api().post(conflict, conflict, created('ours'));
			const file = api().file('x.json.gz', '{"n":1}\n');
			api().get(jobPath('ours'), { body: done('ours', { presigned_urls: [file] }) });
			const { json } = await run();
			expect(json).toEqual([{ n: 1 }]);
		});

		it('returns the rows of the running one on request, with a hint', async () => {
			api()
				.get(JOBS, list(), list(running('other')))
				.post(conflict);
			// It is of another format than ours would have been.
			const file = api().file('2024-09-30.csv.gz', 'n\r\n1\r\n');
			api().get(
				jobPath('other'),
				{ body: running('other') },
				{ body: done('other', { presigned_urls: [file] }) },
			);
			const { json, hintTexts } = await run({ options: { onConflict: 'useRunning' } });
			expect(json).toEqual([{ n: '1' }]);
			expect(hintTexts).toEqual([
				expect.stringMatching(/its job other was used\. Its dates and filters may differ/),
				'1 row from 1 file.',
			]);
		});

		it('does not assume that the running one has the same format', async () => {
			api()
				.get(JOBS, list(), list(running('other')))
				.post(conflict);
			const file = api().file('2024-09-30.json.gz', 'neither\nnor\n');
			api().get(jobPath('other'), { body: done('other', { presigned_urls: [file] }) });
			const { error } = await run({ format: 'csv', options: { onConflict: 'useRunning' } });
			expect(error!.message).toMatch(/"2024-09-30\.json\.gz".* JSON.* it starts with "neither/);
		});

		it('fails on request, and starts nothing', async () => {
			api()
				.get(JOBS, list(), list(running('other')))
				.post(conflict);
			const { error } = await run({ options: { onConflict: 'fail' } });
			expect(error!.message).toContain('another one is running: job "other"');
			expect(error!.httpCode).toBe('409');
		});

		it('Max Wait covers the wait for it and for its own', async () => {
			const endsAt = Date.parse(NOW) + 6 * 60_000;
			api().always(JOBS, () => list(Date.now() < endsAt ? running('other') : done('other')));
			api().post(conflict, created('ours'));
			api().always(jobPath('ours'), () => ({ body: running('ours') }));
			const { error, elapsedMs } = await run({ options: { maxWaitMinutes: 10 } });
			expect(error!.message).toBe(
				'Timed out after 10 minutes waiting for export job "ours". Its status is in_progress (2 out of 5)',
			);
			expect(elapsedMs).toBeGreaterThanOrEqual(10 * 60_000);
			expect(elapsedMs).toBeLessThan(10 * 60_000 + 1_000);
		});

		it('a timeout before its own export has started is always an error', async () => {
			api()
				.always(JOBS, () => list(running('other')))
				.post(conflict);
			const { error } = await run({ options: { maxWaitMinutes: 2, onTimeout: 'returnJob' } });
			expect(error!.message).toMatch(
				/^Timed out after 2 minutes waiting for job "other".*was not started$/,
			);
		});
	});

	it.each(['links', 'files', 'job', 'rows'])(
		'gives the job as it was last seen when the time is up, with Output = %s',
		async (output) => {
			api().get(JOBS, list()).post(created('ours'));
			api().always(jobPath('ours'), () => ({ body: running('ours') }));
			const options = { maxWaitMinutes: 0.1, onTimeout: 'returnJob' };
			expect((await run({ output, options })).json).toEqual([
				{ ...running('ours'), reused: false },
			]);
		},
	);

	describe('when Retry On Fail runs the node again', () => {
		const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const refused = { status: 403, body: 'no' };

		it('continues with the export that the first try started', async () => {
			api().get(JOBS, list()).post(created('ours'));
			const file = api().file('x.json.gz', '{"n":1}\n');
			const job = done('ours', { presigned_urls: [file] });
			api().get(jobPath('ours'), { body: running('ours') }, refused, { body: job });
			expect((await run({}, { node })).json).toEqual([{ n: 1 }]);
			expect(api().counts).toMatchObject({ 'POST ': 1 });
		});

		it('waits as long again for the same export', async () => {
			api().get(JOBS, list()).post(created('ours'));
			api().always(jobPath('ours'), () => ({ body: running('ours') }));
			const { error, elapsedMs } = await run({ options: { maxWaitMinutes: 5 } }, { node });
			expect(error!.message).toMatch(/^Timed out after 5 minutes/);
			expect(elapsedMs).toBeGreaterThanOrEqual(10 * 60_000);
			expect(api().counts).toMatchObject({ 'POST ': 1 });
		});
	});

	it.each<[string, MockAnswer[], INodeParameters]>([
		['the key is refused', [{ status: 401, body: {} }], {}],
		['a page comes instead of the job', [{ body: '<html></html>' }], {}],
		['the job fails', [{ body: { ...done('ours'), status: 'failed' } }], {}],
		['the time is up', [{ body: running('ours') }], { options: { maxWaitMinutes: 0 } }],
		[
			'no file fits',
			[{ body: done('ours', { presigned_urls: [{ filename: 'a', url: 'https://x.example' }] }) }],
			{ options: { fileFilter: 'b' } },
		],
		[
			'a file has no link',
			[{ body: done('ours', { presigned_urls: [{ filename: 'a', url: null }] }) }],
			{},
		],
	])('an error names the started job when %s', async (_, answers, parameters) => {
		api().get(JOBS, list()).post(created('ours'));
		api().get(jobPath('ours'), ...answers);
		const { error, status } = await run(parameters);
		expect(`${error!.message} ${error!.description}`).toMatch(/job "?ours/);
		expect(status).toBe('error');
	});

	it('an error without the ID of the job gets it, and says how to continue', async () => {
		api().get(JOBS, list()).post(created('ours'));
		api().get(jobPath('ours'), { status: 401, body: {} });
		const { error } = await run({});
		expect(error!.description).toMatch(
			/The export is job ours\. Use this ID in Job > Wait or Job > Download, which start no second export\.$/,
		);
	});

	it('ends at once when the execution is stopped, without another request', async () => {
		api().get(JOBS, list()).post(created('ours'));
		api().get(jobPath('ours'), { body: running('ours') }, { body: running('ours') });
		const { status, elapsedMs } = await run({}, { onStart: (cancel) => setTimeout(cancel, 1_500) });
		expect(status).toBe('canceled');
		expect(elapsedMs).toBeLessThan(2_500);
	});

	it.each<[string, MockAnswer[], INodeParameters, string | null]>([
		['no export was started', [{ status: 400, body: {} }], {}, null],
		['another export is running', [conflict], { options: { onConflict: 'fail' } }, 'other'],
		['the export fails', [created('ours')], {}, 'ours'],
		['a field is wrong', [], { limit: '={{ 0 }}', returnAll: false }, null],
	])('an error item names the job it is about: %s', async (_, posts, parameters, jobId) => {
		api().always(JOBS, () => list(running('other')));
		api().post(...posts);
		api().always(jobPath('ours'), () => ({ body: { ...done('ours'), status: 'failed' } }));
		const { json } = await run(parameters, { node: { onError: 'continueRegularOutput' } });
		expect(json).toMatchObject([{ details: { jobId } }]);
	});

	it('one failed item does not stop the others', async () => {
		api()
			.get(JOBS, list(), list())
			.post({ status: 400, body: { message: 'no' } }, created('b'));
		const file = api().file('x.json.gz', '{"n":1}\n');
		api().get(jobPath('b'), { body: done('b', { presigned_urls: [file] }) });
		const { items, error } = await run(
			{ filters: { userIds: '={{ $json.user }}' } },
			{ input: [{ user: 'a' }, { user: 'b' }], node: { onError: 'continueRegularOutput' } },
		);
		expect(error).toBeUndefined();
		expect(items).toEqual([
			{ json: expect.objectContaining({ error: expect.any(String) }), pairedItem: { item: 0 } },
			{ json: { n: 1 }, pairedItem: { item: 1 } },
		]);
	});
});
