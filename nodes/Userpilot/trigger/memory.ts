import type { JobSummary } from '../api/schemas';
import { byFinishTime, isCompleted, isFailed, isFinished } from '../jobs/job';

/** Which jobs the trigger fires for. */
export type TriggerEvent = 'completed' | 'failed' | 'finished';
/** Whether the first poll skips jobs that have already finished (`now`), or fires for them. */
export type StartFrom = 'now' | 'existing';

/**
 * What the trigger remembers between polls, in n8n's static data.
 *
 * It holds IDs and not a time, because clocks differ, and two jobs can finish in the same second. n8n saves
 * it when the workflow is published and when the trigger fires, but not after a poll without new jobs. So
 * nothing that matters may depend on such a poll, and a job is not remembered before it has fired.
 */
export interface Memory {
	/** The event that the IDs below belong to. */
	event: TriggerEvent;
	/** Jobs that fired or were skipped: ID → Unix time in ms. */
	handled: Record<string, number>;
	/** Those that fired within `RECENT_MS`. */
	fired: Record<string, number>;
	/** Counts first polls, also after a change of the event. Of two memories, the one with the higher count is newer. */
	baselines: number;
}

const EVENTS: Record<TriggerEvent, (job: JobSummary) => boolean> = {
	completed: isCompleted,
	failed: isFailed,
	finished: isFinished,
};

const isTriggerEvent = (value: unknown): value is TriggerEvent =>
	typeof value === 'string' && Object.hasOwn(EVENTS, value);

export const matchesEvent = (job: JobSummary, event: TriggerEvent) => EVENTS[event](job);

/**
 * Userpilot lists a job for 3 days. Its ID is kept for longer, so that it does not fire again after a list
 * that was incomplete once, or with a clock that is days off.
 */
export const FORGET_AFTER_MS = 14 * 24 * 60 * 60 * 1000;

/** If n8n was killed within this time, it may have lost the execution of a job that fired. */
const RECENT_MS = 2 * 60 * 1000;

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** The times that pass the filter; other values are dropped. */
const filterTimes = (
	times: unknown,
	keep: (time: number, id: string) => boolean = () => true,
): Record<string, number> =>
	Object.fromEntries(
		Object.entries(isRecord(times) ? times : {}).filter(
			(entry): entry is [string, number] =>
				typeof entry[1] === 'number' && keep(entry[1], entry[0]),
		),
	);

/** The memory in static data; undefined if there is none, or the data is not ours. */
export function readMemory(data: Record<string, unknown>): Memory | undefined {
	const { event, handled, fired, baselines } = data;
	if (!isTriggerEvent(event) || !isRecord(handled)) return undefined;
	return {
		event,
		handled: filterTimes(handled),
		fired: filterTimes(fired),
		baselines: typeof baselines === 'number' ? baselines : 0,
	};
}

/** The newer of two memories, with the jobs of both. */
export function newerMemory(own: Memory | undefined, other: Memory | undefined) {
	if (!other || other.baselines <= (own?.baselines ?? 0)) return own;
	return {
		...other,
		handled: { ...own?.handled, ...other.handled },
		fired: { ...own?.fired, ...other.fired },
	};
}

/** The jobs that match the event, each once, the first to finish first. */
export function matchingJobs(jobs: JobSummary[], event: TriggerEvent): JobSummary[] {
	const byId = new Map(jobs.map((job) => [job.job_id, job]));
	return [...byId.values()].filter(EVENTS[event]).sort(byFinishTime);
}

const timesOf = (ids: string[], time: number): Record<string, number> =>
	Object.fromEntries(ids.map((id) => [id, time]));

/**
 * The memory that a poll starts from. The first poll skips the jobs that have finished, unless `startFrom`
 * says to fire for them. The first poll after a change of the event does the same, except for jobs that
 * matched the old event: those that have not fired stay due.
 */
export function openMemory(
	memory: Memory | undefined,
	jobs: JobSummary[],
	{ event, startFrom, now }: { event: TriggerEvent; startFrom: StartFrom; now: number },
): Memory {
	if (memory?.event === event) return memory;
	const { handled = {}, fired = {}, baselines = 0 } = memory ?? {};
	const skipped = jobs.filter(
		(job) => startFrom === 'now' && isFinished(job) && !(memory && matchesEvent(job, memory.event)),
	);
	const ids = skipped.map(({ job_id }) => job_id);
	return {
		event,
		handled: { ...handled, ...timesOf(ids, now) },
		fired,
		baselines: baselines + 1,
	};
}

/** The jobs that have to fire, the first to finish first. */
export const dueJobs = (memory: Memory, jobs: JobSummary[]): JobSummary[] =>
	matchingJobs(jobs, memory.event).filter(({ job_id }) => !Object.hasOwn(memory.handled, job_id));

/** The memory after jobs have fired, without IDs that are old and no longer listed. */
export function afterFiring(
	memory: Memory,
	firedIds: string[],
	listedIds: string[],
	now: number,
): Memory {
	const listed = new Set(listedIds);
	const newlyFired = timesOf(firedIds, now);
	return {
		...memory,
		handled: filterTimes(
			{ ...memory.handled, ...newlyFired },
			(time, id) => listed.has(id) || now - time < FORGET_AFTER_MS,
		),
		fired: filterTimes({ ...memory.fired, ...newlyFired }, (time) => now - time < RECENT_MS),
	};
}

/** The jobs that fired shortly before a time. */
export const firedJustBefore = ({ fired }: Memory, time: number): string[] =>
	Object.keys(filterTimes(fired, (at) => at <= time && time - at < RECENT_MS));
