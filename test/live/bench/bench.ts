import { Failure } from '../../../playground/failure.ts';
import type { StoredExport } from '../harness/store/exports.ts';
import type { Store } from '../harness/store/store.ts';
import type { Workspace } from '../harness/workspace.ts';
import type { Measurement, Source, Task, Work } from './measured/task.ts';
import { runTask } from './program.ts';

const WARM_UP_ROWS = 2_000;

/** Everything that a part of the benchmark works with. */
export interface Bench {
	workspace: Workspace;
	/** The bundled program that is measured. */
	program: string;
	store: Store;
	/** How often each measurement is made; the best counts, as other processes disturb it. */
	rounds: number;
	/** A commit that is measured too, where a part can. */
	before?: string;
}

export interface Job {
	work: Work;
	export: StoredExport;
	/** Default: the one that measures the built package. */
	program?: string;
	/** More than Node gives by itself. */
	heapMb?: number;
	/** How slow the store is: `20MBps-50ms`. Undefined: as fast as this machine. */
	pace?: string;
}

async function sourceOf({ store }: Bench, stored: StoredExport, pace?: string): Promise<Source> {
	const jobId = pace === undefined ? stored.jobId : `${stored.jobId}.${pace}`;
	return { origin: store.origin, jobId, url: await store.link(jobId) };
}

/** Does one job in a process of its own, a small one of its kind before it. */
export async function measure(bench: Bench, job: Job): Promise<Measurement> {
	const warmUp = bench.store.exports.make(job.export.format, WARM_UP_ROWS);
	const task: Task = {
		work: job.work,
		source: await sourceOf(bench, job.export, job.pace),
		warmUp: await sourceOf(bench, warmUp),
	};
	return await runTask(bench.workspace, job.program ?? bench.program, task, job.heapMb);
}

/**
 * Does these jobs in turn, round after round, and gives the measurements of each.
 *
 * @throws Failure when one did not give all of its rows or bytes
 */
export async function alternate<Names extends string>(
	bench: Bench,
	jobs: Record<Names, Job & { count: number }>,
): Promise<Record<Names, Measurement[]>> {
	const names = Object.keys(jobs) as Names[];
	const results = Object.fromEntries(names.map((name) => [name, [] as Measurement[]]));
	for (let round = 0; round < bench.rounds; round += 1) {
		for (const name of names) {
			const measurement = await measure(bench, jobs[name]);
			requireCount(jobs[name].work, measurement.count, jobs[name].count);
			results[name]!.push(measurement);
		}
	}
	return results as Record<Names, Measurement[]>;
}

export function requireCount(what: string, count: number, expected: number): void {
	if (count !== expected) throw new Failure(`${what}: ${count} instead of ${expected}.`);
}

/** The smallest of a figure. */
export const best = (
	measurements: Measurement[],
	figure: (measurement: Measurement) => number,
): number => Math.min(...measurements.map(figure));
