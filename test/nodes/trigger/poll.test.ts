import type { MockAnswer } from '../../support/api';
import { useMockApi } from '../../support/api';
import { API_KEY } from '../../support/credentials';
import { ActiveTrigger } from '../../support/engine';
import { fixture } from '../../support/fixture';
import { JOBS, jobPath } from '../../support/paths';
import { details, ids, summary } from './jobs';

describe('the trigger', () => {
	const api = useMockApi();
	const list = (...jobs: object[]) => api().get(JOBS, { body: jobs });
	const withDetails = (...jobs: Array<ReturnType<typeof details>>) =>
		jobs.forEach((job) => api().get(jobPath(job.job_id), { body: job }));

	it('skips jobs that have already finished, and fires for later ones', async () => {
		const trigger = new ActiveTrigger();
		list(summary('old'), summary('ours', 'in_progress'));
		expect(await trigger.activate()).toBeNull();
		list(summary('old'), summary('ours', 'in_progress'));
		expect(await trigger.poll()).toBeNull();
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(await trigger.poll()).toEqual([{ json: details('ours') }]);
		list(summary('old'), summary('ours'));
		expect(await trigger.poll()).toBeNull();
		// One request without new jobs, and one more for the job that finished.
		expect(api().counts).toEqual({ 'GET /jobs/': 4, 'GET /jobs/ours': 1 });
	});

	it('fires for jobs of the last days with Existing Jobs, the first to finish first', async () => {
		const trigger = new ActiveTrigger({ startFrom: 'existing' });
		list(
			summary('c', 'completed', '2024-10-06T09:59:00Z'),
			summary('failed', 'failed'),
			summary('a', 'completed', '2024-10-04T09:59:00'),
			summary('b', 'completed', '2024-10-05T09:59:00.5'),
		);
		withDetails(details('a'), details('b'), details('c'));
		expect(ids(await trigger.activate())).toEqual(['a', 'b', 'c']);
	});

	it.each([
		['completed', ['done']],
		['failed', ['broken']],
		['finished', ['broken', 'done']],
	])('fires for the event %s', async (event, expected) => {
		const trigger = new ActiveTrigger({ event, startFrom: 'existing' });
		list(
			summary('done', 'completed', '2024-10-06T10:00:01'),
			summary('broken', 'failed'),
			summary('running', 'in_progress'),
			summary('odd', 'archived'),
		);
		for (const id of expected) withDetails(details(id, id === 'done' ? 'completed' : 'failed'));
		expect(ids(await trigger.poll())).toEqual(expected);
	});

	it('returns one item per file with Output File Links', async () => {
		const trigger = new ActiveTrigger({
			output: 'links',
			event: 'finished',
			startFrom: 'existing',
		});
		list(summary('b', 'failed', '2024-10-06T10:00:01'), summary('a'));
		const broken = { ...summary('b', 'failed'), presigned_urls: null };
		api().get(jobPath('b'), { body: broken });
		withDetails(details('a', 'completed', ['1.json.gz', '2.json.gz']));
		const items = await trigger.poll();
		const common = { start_time: '2024-10-06T09:00:00', end_time: '2024-10-06T10:00:00' };
		expect(items!.map(({ json }) => json)).toEqual([
			{
				...common,
				job_id: 'a',
				filename: '1.json.gz',
				url: 'https://files.example.com/1.json.gz?X-Amz-Signature=a',
				status: 'completed',
			},
			{
				...common,
				job_id: 'a',
				filename: '2.json.gz',
				url: 'https://files.example.com/2.json.gz?X-Amz-Signature=a',
				status: 'completed',
			},
			{ ...common, job_id: 'b', filename: null, url: null, status: 'failed' },
		]);
	});

	it("works with the documentation's example responses", async () => {
		const trigger = new ActiveTrigger({ startFrom: 'existing' });
		const jobs = fixture<Array<Record<string, string>>>('guide.list-jobs.200');
		api().get(JOBS, { body: jobs });
		const job = fixture('guide.job.200');
		for (const { job_id } of jobs) api().get(jobPath(job_id!), { body: { ...job, job_id } });
		// The documentation lists the last job to finish first.
		expect(ids(await trigger.poll())).toEqual([jobs[1]!.job_id, jobs[0]!.job_id]);
	});

	describe('remembers', () => {
		it('after a restart, even one that lost everything since it last fired', async () => {
			const trigger = new ActiveTrigger();
			list(summary('old'));
			await trigger.activate();
			list(summary('old'), summary('a'));
			withDetails(details('a'));
			expect(ids(await trigger.poll())).toEqual(['a']);
			list(summary('old'), summary('a'), summary('b', 'in_progress'));
			expect(await trigger.poll()).toBeNull();
			trigger.restart();
			list(summary('old'), summary('a'), summary('b'));
			withDetails(details('b'));
			expect(ids(await trigger.activate())).toEqual(['b']);
		});

		it('which jobs finished while the workflow was not active', async () => {
			const trigger = new ActiveTrigger();
			list();
			await trigger.activate();
			trigger.restart();
			list(summary('meanwhile'));
			withDetails(details('meanwhile'));
			expect(ids(await trigger.activate())).toEqual(['meanwhile']);
		});

		it('after the workflow is edited: a wider event does not fire for old jobs', async () => {
			const trigger = new ActiveTrigger({ event: 'completed' });
			list(summary('broken', 'failed'));
			await trigger.activate();
			trigger.setParameters({ event: 'finished' });
			list(summary('broken', 'failed'), summary('broken later', 'failed'), summary('due'));
			withDetails(details('due'));
			expect(ids(await trigger.activate())).toEqual(['due']);
			list(summary('new', 'failed'));
			withDetails(details('new', 'failed'));
			expect(ids(await trigger.poll())).toEqual(['new']);
		});

		it('after a list that is empty once', async () => {
			const trigger = new ActiveTrigger();
			list(summary('old'));
			await trigger.activate();
			list();
			await trigger.poll();
			list(summary('old'));
			expect(await trigger.poll()).toBeNull();
		});

		it('nothing of static data that is not ours, and does not change it', async () => {
			const trigger = new ActiveTrigger({}, { handled: 'foreign', lastTimeChecked: '2024' });
			list(summary('old'));
			expect(await trigger.activate()).toBeNull();
			expect(trigger.memory).toMatchObject({
				lastTimeChecked: '2024',
				event: 'completed',
				handled: { old: expect.any(Number) },
			});
		});
	});

	describe('when requests fail', () => {
		const gone = { status: 404, body: fixture('guide.job.404') };

		it('tries a job again at the next poll, and does not delay the others', async () => {
			const trigger = new ActiveTrigger({ startFrom: 'existing' });
			const jobs = [summary('a'), summary('b', 'completed', '2024-10-06T10:00:01')];
			list(...jobs);
			api().get(jobPath('a'), gone);
			withDetails(details('b'));
			expect(ids(await trigger.poll())).toEqual(['b']);
			expect(Object.keys(trigger.memory.handled as object)).toEqual(['b']);
			list(...jobs);
			withDetails(details('a'));
			expect(ids(await trigger.poll())).toEqual(['a']);
		});

		it.each([
			['that is gone', gone],
			['whose answer is damaged', { body: '{"job_id":' }],
			['that fails on the server', { status: 500, body: '' }],
			['whose details are behind the list', { body: details('a', 'in_progress') }],
		])('does not fail for a job %s, which stays due', async (_, answer) => {
			const trigger = new ActiveTrigger({ startFrom: 'existing' });
			list(summary('a'));
			api().get(jobPath('a'), answer);
			expect(await trigger.poll()).toBeNull();
			list(summary('a'));
			withDetails(details('a'));
			expect(ids(await trigger.poll())).toEqual(['a']);
		});

		it.each([401, 403, 429])(
			'lets n8n see a %i of the details, and forgets nothing',
			async (status) => {
				const trigger = new ActiveTrigger({ startFrom: 'existing' });
				list(summary('a'));
				api().get(jobPath('a'), { status, body: '', headers: { 'retry-after': '900' } });
				await expect(trigger.poll()).rejects.toMatchObject({ httpCode: String(status) });
				expect(trigger.memory).toEqual({});
			},
		);

		it('fires once for a file without a link, and for details with another ID', async () => {
			const trigger = new ActiveTrigger({ startFrom: 'existing', output: 'links' });
			list(summary('a'));
			api().get(jobPath('a'), {
				body: { ...summary('A'), presigned_urls: [{ filename: null, url: null }] },
			});
			expect((await trigger.poll())![0]!.json).toMatchObject({ filename: null, url: null });
			list(summary('a'));
			expect(await trigger.poll()).toBeNull();
		});

		it.each([401, 403, 429])('passes a %i to n8n, which backs off', async (status) => {
			const trigger = new ActiveTrigger();
			api().get(JOBS, {
				status,
				body: { errors: [{ message: 'no' }] },
				headers: { 'retry-after': '900' },
			});
			await expect(trigger.poll()).rejects.toMatchObject({ httpCode: String(status) });
			expect(trigger.memory).toEqual({});
		});

		describe.each(['init', 'leadershipChange'] as const)('when n8n starts (%s)', (activation) => {
			it.each<[string, MockAnswer]>([
				['a failing server', { status: 500, body: '' }],
				['a refusal that may pass', { status: 403, body: '<html></html>' }],
				['an HTML page', { body: '<html></html>' }],
			])('does not fail for %s, which fails the next poll', async (_, answer) => {
				const trigger = new ActiveTrigger();
				list(summary('old'));
				await trigger.activate();
				api().get(JOBS, answer);
				expect(await trigger.takeUp(activation)).toBeNull();
				api().get(JOBS, answer);
				await expect(trigger.poll()).rejects.toThrow();
				list(summary('old'), summary('meanwhile'));
				withDetails(details('meanwhile'));
				expect(ids(await trigger.poll())).toEqual(['meanwhile']);
			});
		});

		it('lists the jobs with any fraction of a second left', async () => {
			const clock = jest.spyOn(Date, 'now');
			for (const budgetMs of [6_001, 6_000.5, 4_999]) {
				let now = Date.parse('2024-10-06T10:44:50Z');
				// The clock advances with each reading.
				clock.mockImplementation(() => now++);
				list();
				expect(await new ActiveTrigger().poll({ budgetMs })).toBeNull();
			}
			clock.mockRestore();
			expect(api().counts).toEqual({ 'GET /jobs/': 3 });
		});

		it('fails when a person publishes the workflow', async () => {
			api().get(JOBS, { status: 500, body: '' });
			await expect(new ActiveTrigger().takeUp('activate')).rejects.toThrow('Could not list');
		});

		it('keeps its memory when a later poll fails', async () => {
			const trigger = new ActiveTrigger();
			list(summary('old'));
			await trigger.activate();
			const before = JSON.stringify(trigger.memory);
			api().get(JOBS, { body: '<html></html>' });
			await expect(trigger.poll()).rejects.toThrow('an HTML page');
			expect(JSON.stringify(trigger.memory)).toBe(before);
		});
	});

	it.each([
		['event', `'Trigger On' is "called off", but must be one of: completed, failed, finished`],
		['output', `'Output' is "called off", but must be one of: links, job`],
		['startFrom', `'Start From' is "called off", but must be one of: existing, now`],
	])('names the field %s when its value is invalid', async (field, message) => {
		await expect(new ActiveTrigger({ [field]: '={{ "canceled" }}' }).poll()).rejects.toThrow(
			message,
		);
	});

	it('does nothing while another poll of the trigger is running', async () => {
		const trigger = new ActiveTrigger({ startFrom: 'existing' });
		list(summary('a'));
		withDetails(details('a'));
		const other = new ActiveTrigger(
			{ startFrom: 'existing' },
			{},
			'another trigger of the workflow',
		);
		list(summary('a'));
		withDetails(details('a'));
		const polls = await Promise.all([trigger.poll(), trigger.poll(), other.poll()]);
		expect(polls.map(ids)).toEqual([['a'], null, ['a']]);
	});

	it('fires once for each of 1,000 jobs, in as many polls as the machine needs for them', async () => {
		const trigger = new ActiveTrigger({ startFrom: 'existing' });
		const jobs = Array.from({ length: 1_000 }, (_, index) => summary(`job-${index}`));
		withDetails(...jobs.map(({ job_id }) => details(job_id)));
		const fired: string[] = [];
		let polled: string[] | null;
		do {
			list(...jobs);
			polled = ids(await trigger.poll()) as string[] | null;
			fired.push(...(polled ?? []));
		} while (polled !== null);
		expect(fired.sort()).toEqual(jobs.map(({ job_id }) => job_id).sort());
	});

	describe('in a manual test', () => {
		const test = async (trigger: ActiveTrigger) => await trigger.poll({ mode: 'manual' });

		it('returns the newest job that matches, even one that has fired, and remembers nothing', async () => {
			const trigger = new ActiveTrigger({ event: 'finished' });
			list(summary('new', 'failed', '2024-10-06T10:30:00'), summary('old'));
			withDetails(details('new', 'failed'));
			expect(ids(await test(trigger))).toEqual(['new']);
			expect(trigger.memory).toEqual({});
		});

		it.each([
			['completed', 'No export job has completed in the last 3 days'],
			['failed', 'No export job has failed in the last 3 days'],
			['finished', 'No export job has finished in the last 3 days'],
		])('fails when there is none: %s', async (event, message) => {
			list(summary('running', 'in_progress'));
			await expect(test(new ActiveTrigger({ event }))).rejects.toMatchObject({
				message,
				description: expect.stringContaining('Start an export with this API key'),
			});
		});
	});

	it.each(['.', '..', 'a\ud800'])(
		'asks no other path for a job with the ID %j, which holds up no other',
		async (id) => {
			const trigger = new ActiveTrigger({ startFrom: 'existing' });
			list(summary(id));
			expect(await trigger.poll()).toBeNull();
			list(summary(id), summary('a'));
			withDetails(details('a'));
			expect(ids(await trigger.poll())).toEqual(['a']);
			expect(api().counts).toEqual({ 'GET /jobs/': 2, 'GET /jobs/a': 1 });
		},
	);

	it('hides the key', async () => {
		const trigger = new ActiveTrigger({ startFrom: 'existing' });
		list(summary('a'));
		withDetails(details('a'));
		const items = await trigger.poll();
		expect(JSON.stringify([items, trigger.saved])).not.toContain(API_KEY);
		expect(trigger.saved).not.toContain('X-Amz-Signature');
	});
});
