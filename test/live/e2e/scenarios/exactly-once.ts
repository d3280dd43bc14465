import { setTimeout as sleep } from 'node:timers/promises';

import { seededRandom } from '../../../../playground/emulator/random.ts';
import { showStep, type Step } from '../../../../playground/progress.ts';
import { Tally } from '../../harness/tally.ts';
import { until } from '../../harness/until.ts';
import { Watch } from '../../harness/watch.ts';
import { pollTimesEvery } from '../../harness/workflows.ts';
import { MODES } from '../modes.ts';
import type { Context, Scenario } from '../scenario.ts';
import type { Plan, Size } from './exactly-once/plan.ts';
import { report, reportHost } from './exactly-once/report.ts';
import { Restarts } from './exactly-once/restarts.ts';
import { OwnNodes } from './own-nodes.ts';

const ROUND_MS = 16_000;
const DRAIN_MS = 120_000;
/** A job that fires twice has fired twice after so many polls. */
const SETTLE_POLLS = 2.4;

/** The trigger in several workflows side by side, under restarts, kills and failing requests. */
export const exactlyOnce =
	(plan: Plan): Scenario =>
	async (context) => {
		const { instance, findings } = context;
		await instance.use(MODES[plan.mode]);
		const run = await prepare(context, plan);
		await showStep(
			'Publishing, killed in the first poll',
			async (step) => await publish(run, step),
		);
		await showStep(`${run.size.restarts} restarts`, async (step) => await restart(run, step));
		await showStep('Waiting for the last jobs', async () => await drain(run));
		const { restarts, tallies, ownNodes } = run;
		const results = tallies.map((tally) => tally.result());
		report(context, plan, results, restarts);
		reportHost(context, plan, results, restarts);
		ownNodes?.report(findings);
		for (const workflow of run.workflows) await workflow.close();
	};

type Run = Awaited<ReturnType<typeof prepare>>;

async function prepare(context: Context, plan: Plan) {
	const { instance, full, seed } = context;
	const size = full ? plan.full : plan.ci;
	const random = seededRandom(seed);
	const watches = await createWatches(context, plan, size);
	const ownNodes = plan.compare ? await OwnNodes.create(instance) : undefined;
	const tallies = watches.map((watch) => new Tally(instance, watch));
	const workflows = [...watches, ...(ownNodes ? [ownNodes] : [])];
	const restarts = new Restarts({
		...{ instance, plan, watches, seed, random },
		emulators: workflows.map(({ emulator }) => emulator),
		whileDown() {
			tallies.forEach((tally) => tally.readWhileDown());
			ownNodes?.collect();
		},
	});
	return { size, random, watches, ownNodes, tallies, workflows, restarts };
}

/** Killed before anything was ever saved. */
async function publish(run: Run, step: Step): Promise<void> {
	const { watches, tallies, ownNodes, workflows, restarts, random } = run;
	watches.forEach((watch, index) => (tallies[index]!.old = watch.addJobs()));
	ownNodes?.emulator.control.seedJobs();
	watches.forEach(({ emulator }) =>
		emulator.control.setFaults([{ kind: 'slow', operation: 'listJobs', delayMs: 500, times: 1 }]),
	);
	const publishing = workflows.map(async (workflow) => await workflow.publish().catch(() => {}));
	await until(() => watches.some((watch) => watch.calls('listJobs').length > 0), 20_000, 5);
	await sleep(random() * 1_500);
	await restarts.next(step, 0);
	await Promise.all(publishing);
	for (const workflow of workflows) await workflow.publish();
}

async function restart({ size, random, watches, ownNodes, restarts }: Run, step: Step) {
	const spreadMs = Math.max(ROUND_MS, size.gapMs);
	for (let round = 1; round <= size.restarts; round++) {
		for (const watch of watches) {
			const share = jobsOfRound(size.jobsEach, round, size.restarts);
			const ends = Array.from({ length: share }, () => Date.now() + random() * spreadMs);
			// Now and then two end in the same second.
			if (ends.length > 1 && random() < 0.3) ends[1] = ends[0]!;
			watch.addJobs(...ends);
			if (watch === watches[0]) ownNodes?.addJobs(ends);
		}
		await sleep(random() * ROUND_MS);
		if (round < size.restarts) await restarts.next(step, size.gapMs);
	}
}

async function drain({ size, tallies, ownNodes }: Run): Promise<void> {
	const open = () =>
		tallies
			.filter((tally) => !tally.isComplete())
			.reduce((sum, tally) => sum + 1 + tally.collect().missing.length, 0);
	// As long as jobs fire.
	for (let left = open(); left > 0 && (await until(() => open() < left, DRAIN_MS, 1_000)); ) {
		left = open();
	}
	await sleep(SETTLE_POLLS * size.pollEverySeconds * 1_000);
	tallies.forEach((tally) => tally.collect());
	ownNodes?.collect();
}

/** Half of them start from existing jobs. */
async function createWatches({ instance }: Context, plan: Plan, size: Size): Promise<Watch[]> {
	const watches: Watch[] = [];
	for (let index = 0; index < size.watches; index++) {
		const startFrom = index % 2 === 0 ? 'now' : 'existing';
		const pollTimes = pollTimesEvery(size.pollEverySeconds);
		const name = `${plan.name}-${startFrom}-${index}`;
		watches.push(await Watch.create(instance, name, { startFrom, pollTimes }));
	}
	return watches;
}

/** The shares of all rounds add up to the number of jobs. */
function jobsOfRound(jobs: number, round: number, rounds: number): number {
	return Math.floor((jobs * round) / rounds) - Math.floor((jobs * (round - 1)) / rounds);
}
