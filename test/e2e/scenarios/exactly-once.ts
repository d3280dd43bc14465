import { setTimeout as sleep } from 'node:timers/promises';

import type { Fault } from '../../../playground/emulator/faults.ts';
import { seededRandom } from '../../../playground/emulator/random.ts';
import { showStep, type Step } from '../../../playground/progress.ts';
import { mixedFaults } from '../mixedFaults.ts';
import type { Context } from '../scenario.ts';
import { until } from '../until.ts';
import { Watch } from '../watch.ts';
import { OwnNodes } from './own-nodes.ts';
import { Tally } from './tally.ts';

/** Half of each: a kill, then a stop as a person does it. */
const SIZES = {
	ci: { watches: 4, jobsEach: 10, restarts: 4 },
	full: { watches: 10, jobsEach: 20, restarts: 20 },
};
const ROUND_MS = 16_000;
const DRAIN_MS = 120_000;
/** Long enough for two more polls of each: what fires twice has fired by then. */
const SETTLE_MS = 12_000;
const SHARE = 0.0102;

/** One call in twenty fails, or is late. */
const FAULTS = mixedFaults(SHARE);

/** When the process is killed. `handing over`: when the last call of a poll that has news is answered. */
const MOMENTS = ['first poll', 'execution begun', 'in a poll', 'handing over', 'any time'] as const;
type Moment = (typeof MOMENTS)[number];

/** The trigger, side by side in several workflows, under restarts, kills and failing calls. */
export async function exactlyOnce({ instance, findings, full, seed }: Context): Promise<void> {
	const size = full ? SIZES.full : SIZES.ci;
	const random = seededRandom(seed);
	const watches: Watch[] = [];
	for (let index = 0; index < size.watches; index++) {
		const startFrom = index % 2 === 0 ? 'now' : 'existing';
		watches.push(await Watch.create(instance, `watch-${startFrom}-${index}`, { startFrom }));
	}
	const ownNodes = await OwnNodes.create(instance);
	const tallies = watches.map((watch) => new Tally(instance, watch));

	const setFaults = (seedOffset: number, extra: Fault[] = []) =>
		[...watches, ownNodes].forEach(({ emulator: { control } }, index) => {
			control.set({ seed: seed + seedOffset * 100 + index });
			control.setFaults([...extra, ...FAULTS]);
		});

	/** Waits for the moment and kills. */
	const killAt = async (moment: Moment, round: number) => {
		const watch = watches[Math.floor(random() * watches.length)]!;
		const before = watch.calls('getJob').length;
		if (moment === 'in a poll') setFaults(round, [{ kind: 'slow', delayMs: 1_000, times: 4 }]);
		if (!['first poll', 'any time'].includes(moment)) watch.addJobs();
		const lastId = instance.read((database) => database.lastExecutionId());
		const isNow: Record<Moment, () => boolean> = {
			'first poll': () => true,
			'execution begun': () => instance.read((database) => hasBegun(database, watch, lastId)),
			'in a poll': () => watch.calls('listJobs').at(-1)?.status === null,
			'handing over': () =>
				watch
					.calls('getJob')
					.slice(before)
					.some(({ status }) => status === 200),
			'any time': () => true,
		};
		await until(isNow[moment], 20_000, 1);
		const spreadMs = { 'in a poll': 1_200, 'any time': 5_000 } as Partial<Record<Moment, number>>;
		await sleep(random() * (spreadMs[moment] ?? 25));
		await instance.kill();
	};

	let kills = 0;
	const downAndUp = async (round: number, step: Step) => {
		const isKill = round % 2 === 0;
		const moment = MOMENTS[(round / 2) % MOMENTS.length] ?? 'any time';
		step.detail(`restart ${round + 1} of ${size.restarts}, ${isKill ? `kill: ${moment}` : 'stop'}`);
		if (isKill) {
			kills++;
			await killAt(round > 0 && moment === 'first poll' ? 'any time' : moment, round);
		} else {
			await instance.stop();
		}
		tallies.forEach((tally) => tally.lookWhileDown());
		ownNodes.collect();
		setFaults(round + 1);
		await instance.start();
	};

	// Before anything was ever saved: killed in the first poll of all.
	for (const watch of watches) tallies[watches.indexOf(watch)]!.old = watch.addJobs();
	ownNodes.emulator.control.seedJobs();
	await showStep('Publishing, killed in the first poll', async (step) => {
		watches.forEach(({ emulator }) =>
			emulator.control.setFaults([{ kind: 'slow', operation: 'listJobs', delayMs: 500, times: 1 }]),
		);
		const publishing = [...watches, ownNodes].map(
			async (watch) => await watch.publish().catch(() => {}),
		);
		await until(() => watches.some((watch) => watch.calls('listJobs').length > 0), 20_000, 5);
		await sleep(random() * 1_500);
		await downAndUp(0, step);
		await Promise.all(publishing);
		for (const watch of [...watches, ownNodes]) await watch.publish();
	});

	await showStep(`${size.restarts} restarts`, async (step) => {
		for (let round = 1; round <= size.restarts; round++) {
			for (const watch of watches) {
				const share = jobsOfRound(size.jobsEach, round, size.restarts);
				const ends = Array.from({ length: share }, () => Date.now() + random() * ROUND_MS);
				// Now and then two end in the same second.
				if (ends.length > 1 && random() < 0.3) ends[1] = ends[0]!;
				watch.addJobs(...ends);
				if (watch === watches[0]) ownNodes.addJobs(ends);
			}
			await sleep(random() * ROUND_MS);
			if (round < size.restarts) await downAndUp(round, step);
		}
	});

	await showStep('Waiting for the last jobs', async () => {
		await until(() => tallies.every((tally) => tally.isComplete()), DRAIN_MS, 1_000);
		await sleep(SETTLE_MS);
		tallies.forEach((tally) => tally.collect());
		ownNodes.collect();
	});

	const all = tallies.map((tally) => tally.result());
	const sum = (pick: (result: (typeof all)[number]) => number) =>
		all.reduce((total, result) => total + pick(result), 0);
	const [jobs, lost, repeated] = [
		sum((r) => r.owed),
		sum((r) => r.lostByHost.length),
		sum((r) => r.repeatedByHost.length),
	];
	const [missing, twice] = [all.flatMap((r) => r.missing), all.flatMap((r) => r.twice)];
	const calls = sum((r) => r.calls);
	findings.note(
		`${jobs} jobs, ${watches.length} workflows, ${size.restarts} restarts, ${kills} of them kill -9`,
	);
	findings.note(`${calls} calls, ${sum((r) => r.faults)} of them with a fault`);
	findings.check(
		'no job is missing',
		missing.length === 0,
		`${jobs - lost - missing.length} of ${jobs} started an execution; missing: ${missing.length}`,
	);
	findings.check('no job fires twice', twice.length === 0, `${twice.length} twice`);
	findings.equal(
		'no job fires that had finished before',
		all.flatMap((r) => r.unexpected),
		[],
	);
	findings.check(
		'the oldest comes first',
		sum((r) => r.disordered) === 0,
		`${sum((r) => r.overtaken)} overtook one whose call had failed`,
	);
	findings.check(
		'what n8n itself loses or repeats stays within the job that was being handed over',
		lost + repeated <= kills,
		`killed between its two writes: ${lost} lost, ${repeated} repeated, in ${kills} kills`,
	);
	findings.note(
		`${sum((r) => r.cutShort)} executions had begun when the kill came: n8n lists them as crashed`,
	);
	ownNodes.report(findings);
	for (const watch of [...watches, ownNodes]) await watch.close();
}

function hasBegun(
	database: Parameters<Parameters<Context['instance']['read']>[0]>[0],
	watch: Watch,
	lastId: number,
): boolean {
	if (database.lastExecutionId() === lastId) return false;
	return database.executions(watch.name).some(({ id, mode }) => id > lastId && mode === 'trigger');
}

/** So that they add up, whatever the number of rounds. */
function jobsOfRound(jobs: number, round: number, rounds: number): number {
	return Math.floor((jobs * round) / rounds) - Math.floor((jobs * (round - 1)) / rounds);
}
