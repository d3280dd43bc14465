import { ActiveTrigger, idOfTest } from '../../support/engine';
import type { Scripted } from '../../support/virtualTime';
import { inVirtualTime, transportOf } from '../../support/virtualTime';
import { details, ids, summary } from './jobs';
import { logged } from './log';

const START = Date.parse('2024-10-06T10:44:50Z');
const HANGS: Scripted = { afterMs: Infinity };

const jobsOf = (count: number) =>
	Array.from({ length: count }, (_, job) => {
		const end = new Date(START - 3_600_000 + job * 1_000).toISOString();
		return summary(`ill-${job}`, 'completed', end);
	});

describe('details that cannot be read', () => {
	const log = logged();

	/** Polls for jobs with these details, and a newer one with good details. Returns what each poll fires for. */
	async function poll(times: number, count: number, answer: (path: string) => Scripted) {
		const jobs = [summary('well', 'completed', '2024-10-06T10:40:00'), ...jobsOf(count)];
		const asked: string[] = [];
		const transport = transportOf((path) => {
			asked.push(path);
			if (path === '/jobs/') return { body: jobs, afterMs: 100 };
			return path === '/jobs/well' ? { body: details('well'), afterMs: 100 } : answer(path);
		});
		// Named after the test, because earlier failures are kept by the trigger's name.
		const trigger = new ActiveTrigger({ startFrom: 'existing' }, {}, idOfTest());
		const polls: Array<{ fired: string[] | null; error?: Error; ms: number }> = [];
		await inVirtualTime(START, async () => {
			for (let time = 0; time < times; time++) {
				const startedAt = Date.now();
				const polled = trigger.poll({ transport, budgetMs: 36_000 });
				const outcome = await polled.catch((error: Error) => error);
				const ms = Date.now() - startedAt;
				if (outcome instanceof Error) polls.push({ fired: null, error: outcome, ms });
				else polls.push({ fired: ids(outcome), ms });
			}
		});
		return { polls, asked };
	}

	it.each([
		[1, 10],
		[1, 40],
		[2, 100],
	])(
		'fire a younger job at poll %i at the latest, behind %i jobs that hang',
		async (times, count) => {
			const { polls } = await poll(times, count, () => HANGS);
			expect(polls.flatMap(({ fired }) => fired ?? [])).toEqual(['well']);
			for (const { ms } of polls) expect(ms).toBeLessThan(28_000);
		},
	);

	it.each<[string, Scripted]>([
		['503', { status: 503 }],
		['503 with Retry-After', { status: 503, headers: { 'retry-after': '8' } }],
		['404', { status: 404 }],
		['401 without a word', { status: 401 }],
		['half a body', { body: '{"job_id":' }],
		['nothing, and close the connection', { failure: 'ECONNRESET' }],
	])(
		'do not delay a newer job at the first poll, when 100 older ones return %s',
		async (_, answer) => {
			const { polls, asked } = await poll(1, 100, () => answer);
			expect(polls).toEqual([{ fired: ['well'], ms: expect.any(Number) }]);
			// One request for each job: the next poll is the retry.
			expect(new Set(asked).size).toBe(asked.length);
		},
	);

	it('end the requests of a poll at 429, and come last at the next poll', async () => {
		const { polls, asked } = await poll(2, 10, () => ({
			status: 429,
			headers: { 'retry-after': '1' },
		}));
		expect(polls[0]!.error).toMatchObject({ httpCode: '429' });
		expect(asked.indexOf('/jobs/well')).toBeGreaterThan(asked.lastIndexOf('/jobs/'));
		expect(polls[1]!.fired).toEqual(['well']);
	});

	it('get more time at each poll, so that slow jobs fire, too', async () => {
		const slow = (path: string) => ({ afterMs: 7_000, body: details(path.split('/')[2]!) });
		const { polls } = await poll(8, 50, slow);
		const fired = polls.map(({ fired }) => fired ?? []);
		expect(fired[0]).toEqual(['well']);
		expect(fired.flat().sort()).toEqual([...jobsOf(50).map(({ job_id }) => job_id), 'well'].sort());
	});

	it('get more time when few jobs are due', async () => {
		const { polls } = await poll(1, 5, (path) => ({
			afterMs: 9_000,
			body: details(path.split('/')[2]!),
		}));
		expect(polls[0]!.fired).toHaveLength(6);
	});

	it('leave the other jobs in the order in which they finished', async () => {
		let isDown = true;
		const { polls } = await poll(2, 30, (path) => {
			const id = path.split('/')[2]!;
			if (id === 'ill-29' && isDown) isDown = false;
			return ['ill-3', 'ill-7'].includes(id) && isDown ? { status: 503 } : { body: details(id) };
		});
		const others = jobsOf(30).map(({ job_id }) => job_id);
		expect(polls[0]!.fired).toEqual([
			...others.filter((id) => !['ill-3', 'ill-7'].includes(id)),
			'well',
		]);
		expect(polls[1]!.fired).toEqual(['ill-3', 'ill-7']);
	});

	it('leave the rest of 1,000 slow jobs to the next polls, when the time is up', async () => {
		const slow = (path: string) => ({ afterMs: 1_000, body: details(path.split('/')[2]!) });
		const { polls } = await poll(8, 1_000, slow);
		const fired = polls.flatMap(({ fired }) => fired ?? []);
		expect(new Set(fired).size).toBe(fired.length);
		expect(fired).toHaveLength(1_001);
		for (const { ms } of polls) expect(ms).toBeLessThan(20_000);
	});

	it('are logged from the third poll on, when only the list shows the job as completed', async () => {
		const { polls } = await poll(4, 1, () => ({ body: details('ill-0', 'in_progress') }));
		expect(polls.map(({ fired }) => fired)).toEqual([['well'], null, null, null]);
		expect(log.warnings).toEqual(
			[3, 4].map((times) =>
				expect.stringContaining(
					`shows job "ill-0" as finished, but its details show "in_progress", for ${times} polls`,
				),
			),
		);
	});
});
