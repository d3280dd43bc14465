import type { WorkflowActivateMode } from 'n8n-workflow';

import { UserpilotTrigger } from '../../../nodes/Userpilot/UserpilotTrigger.node';
import { ActiveTrigger, idOfTest } from '../../support/engine';
import type { Script, Scripted } from '../../support/virtualTime';
import { inVirtualTime, transportOf } from '../../support/virtualTime';
import { details, ids, summary } from './jobs';
import { logged } from './log';

const START = '2024-10-06T10:44:50Z';
const HANGS: Scripted = { afterMs: Infinity };

/** Serves these jobs, with a delay for each response. */
const serving = (jobs: () => Array<ReturnType<typeof summary>>, afterMs = 100): Script => {
	return (path) => {
		if (path === '/jobs/') return { body: jobs(), afterMs };
		const { job_id, status } = jobs().find(({ job_id: id }) => path === `/jobs/${id}`)!;
		return { body: details(job_id, status), afterMs };
	};
};

const timed = async <T>(run: Promise<T>) => {
	const startedAt = Date.now();
	const result = await run.catch((error: Error) => error);
	return { result, ms: Date.now() - startedAt };
};

const fired = (result: unknown) => ids(result as Awaited<ReturnType<ActiveTrigger['poll']>>);

describe('two triggers of a workflow', () => {
	const log = logged();
	const healthy = serving(() => [summary('a')]);

	const polls = async (first: Script, second: Script) => {
		const one = new ActiveTrigger({ startFrom: 'existing' }, {}, 'one');
		const other = new ActiveTrigger({ startFrom: 'existing' }, {}, 'other', { beside: one });
		return await inVirtualTime(START, async () => {
			const rounds = [];
			for (let round = 0; round < 2; round++) {
				rounds.push(
					await Promise.all([
						timed(one.poll({ transport: transportOf(first) })),
						timed(other.poll({ transport: transportOf(second) })),
					]),
				);
			}
			return rounds;
		});
	};

	it('one fires in time, and the other, whose server hangs, fails with a timeout', async () => {
		const [round] = await polls(healthy, () => HANGS);
		const [well, ill] = round!;
		expect(fired(well!.result)).toEqual(['a']);
		expect(well!.ms).toBeLessThan(15_000);
		expect((ill!.result as Error).message).toBe(
			'Could not list the export jobs: the server at https://appex.userpilot.io did not respond in time',
		);
	});

	it.each<[string, Script]>([
		['hangs', () => HANGS],
		['is overloaded', () => ({ status: 503 })],
		['is overloaded and slow', () => ({ status: 503, afterMs: 9_900 })],
	])('one fires at each poll, while the server of the other %s', async (_, ill) => {
		const rounds = await polls(healthy, ill);
		expect(rounds.map(([well]) => fired(well!.result))).toEqual([['a'], null]);
		for (const [, other] of rounds) {
			expect((other!.result as Error).message).not.toContain('n8n itself failed');
		}
	});

	it('both fire when one server is slow: no poll ends before the other has fetched', async () => {
		const slow = serving(() => [summary('s')], 4_000);
		const [round] = await polls(healthy, (path) =>
			path === '/jobs/' ? slow(path) : { ...slow(path), afterMs: 1_500 },
		);
		expect(round!.map(({ result }) => fired(result))).toEqual([['a'], ['s']]);
	});

	it('a slow one leaves the rest of its jobs to the next poll, and logs it', async () => {
		const slow = serving(() => [summary('s')], 1_000);
		let listMs = 12_000;
		const rounds = await polls(healthy, (path) => {
			if (path !== '/jobs/') return slow(path);
			const list = { ...slow(path), afterMs: listMs };
			listMs = 1_000;
			return list;
		});
		expect(rounds.map(([, other]) => fired(other!.result))).toEqual([null, ['s']]);
		expect(log.warnings.join()).toContain('Jobs not requested in time: 1.');
	});
});

describe('a workflow that is published again while a poll of it still runs', () => {
	const jobs = { list: [summary('old')] };
	const slowly = transportOf(serving(() => jobs.list, 3_000));
	const promptly = transportOf(serving(() => jobs.list));

	beforeEach(() => {
		jobs.list = [summary('old'), summary('ours', 'in_progress')];
	});

	it.each([false, true])(
		'fires for what finished meanwhile, also at the very first poll (durable: %s)',
		async (durable) => {
			await inVirtualTime(START, async () => {
				const trigger = new ActiveTrigger({}, {}, `again, durable: ${durable}`, { durable });
				const before = durable ? undefined : trigger.poll({ transport: slowly });
				const publishing = durable ? trigger.activate({ transport: slowly }) : undefined;
				await new Promise((resolve) => setTimeout(resolve, 1_000));
				// The first poll has already requested the list.
				jobs.list = [summary('old'), summary('ours')];
				const again = trigger.activate({ transport: promptly });
				expect([await before, await publishing, await again]).toEqual([
					durable ? undefined : null,
					durable ? null : undefined,
					null,
				]);
				expect(ids(await trigger.poll({ transport: promptly }))).toEqual(['ours']);
				expect(await trigger.poll({ transport: promptly })).toBeNull();
			});
		},
	);

	it('fires once for the jobs of the previous poll', async () => {
		await inVirtualTime(START, async () => {
			const trigger = new ActiveTrigger({}, {}, 'about to fire');
			await trigger.activate({ transport: promptly });
			jobs.list = [summary('old'), summary('ours')];
			const polls = jest.spyOn(UserpilotTrigger.prototype, 'poll');
			const before = trigger.poll({ transport: slowly });
			await new Promise((resolve) => setTimeout(resolve, 1_000));
			const again = trigger.activate({ transport: promptly });
			expect([await before, await again]).toEqual([null, null]);
			// Newer n8n drop the result of a poll whose workflow was reloaded; older ones do not.
			expect(await polls.mock.results[0]!.value).toBeNull();
			polls.mockRestore();
			expect(ids(await trigger.poll({ transport: promptly }))).toEqual(['ours']);
		});
	});

	it.each([false, true])(
		'with another event marks what has finished by then, and fires for what comes later (durable: %s)',
		async (durable) => {
			await inVirtualTime(START, async () => {
				const trigger = new ActiveTrigger({}, {}, `other event, durable: ${durable}`, { durable });
				await trigger.activate({ transport: promptly });
				jobs.list = [summary('broken', 'failed'), summary('ours', 'in_progress')];
				const before = trigger.poll({ transport: slowly });
				await new Promise((resolve) => setTimeout(resolve, 1_000));
				trigger.setParameters({ event: 'finished' });
				const again = trigger.activate({ transport: promptly });
				expect([await before, await again]).toEqual([null, null]);
				jobs.list = [summary('broken', 'failed'), summary('ours', 'failed')];
				expect(ids(await trigger.poll({ transport: promptly }))).toEqual(['ours']);
			});
		},
	);

	it('skips finished jobs itself while the previous poll hangs', async () => {
		await inVirtualTime(START, async () => {
			const trigger = new ActiveTrigger({}, {}, 'hangs');
			const before = timed(trigger.poll({ transport: transportOf(() => HANGS) }));
			await new Promise((resolve) => setTimeout(resolve, 1_000));
			expect(await trigger.activate({ transport: promptly })).toBeNull();
			expect((await before).result).toBeInstanceOf(Error);
			jobs.list = [summary('old'), summary('ours')];
			expect(ids(await trigger.poll({ transport: promptly }))).toEqual(['ours']);
		});
	});
});

describe('the first poll after n8n has started', () => {
	const log = logged();
	const jobs = Array.from({ length: 300 }, (_, job) => summary(`job-${job}`));

	const started = async (count: number, script: Script, activation: WorkflowActivateMode) => {
		const memory = { event: 'completed', handled: {} };
		const triggers = Array.from({ length: count }, (_, index) => {
			return new ActiveTrigger({}, memory, `${index} ${idOfTest()}`);
		});
		return await inVirtualTime(START, async () => {
			let current = script;
			const transport = transportOf((path) => current(path));
			const takeUps = triggers.map(async (it) => await timed(it.takeUp(activation, { transport })));
			const outcomes = await Promise.all(takeUps);
			current = serving(() => jobs, 10);
			const next: string[][] = [];
			for (const trigger of triggers) next.push(ids(await trigger.poll()) ?? []);
			return outcomes.map(({ result, ms }, index) => ({
				ms,
				fired: [...(fired(result) ?? []), ...next[index]!].sort(),
			}));
		});
	};

	const everyJob = jobs.map(({ job_id }) => job_id).sort();

	it.each<[string, Script]>([
		['hangs', () => HANGS],
		['answers the list after 20 s', serving(() => jobs, 20_000)],
		['answers after 3 s', serving(() => jobs, 3_000)],
		['hangs over the details', (path) => (path === '/jobs/' ? { body: jobs } : HANGS)],
		['is overloaded', () => ({ status: 503, headers: { 'retry-after': '2' } })],
		['has 300 jobs that are due', serving(() => jobs, 500)],
	])('takes 5 s at most and loses nothing, when the server %s', async (_, script) => {
		for (const activation of ['init', 'leadershipChange'] as const) {
			for (const { ms, fired: all } of await started(10, script, activation)) {
				expect(ms).toBeLessThanOrEqual(5_000);
				expect(all).toEqual(everyJob);
			}
		}
	});

	it('logs its error', async () => {
		await started(1, () => HANGS, 'init');
		expect(log.warnings).toEqual([expect.stringContaining('did not respond in time')]);
	});
});
