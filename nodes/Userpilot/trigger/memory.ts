import type { JobSummary } from '../api/schemas';
import { byFinishTime, isCompleted, isFailed, isFinished } from '../jobs/job';

/** Which jobs the trigger fires for. */
export type TriggerEvent = 'completed' | 'failed' | 'finished';
/** What the first poll does with jobs that have finished already: `now` marks them, `existing` fires. */
export type StartFrom = 'now' | 'existing';

/**
 * What the trigger knows from poll to poll, in the node's static data.
 *
 * It holds ids, not a time: clocks differ, and two jobs can end in the same second. n8n stores it
 * when the workflow is activated and when the trigger fires, but not after a poll without news. So
 * nothing that matters may be learnt in such a poll, and a job is not remembered before it has fired.
 */
export interface Memory {
	/** The event for which finished jobs were marked or fired. */
	event: TriggerEvent;
	/** Job id → Unix time in ms at which it was dealt with. */
	handled: Record<string, number>;
	/** Those that were handed over in the last `HAND_OVER_MS`: the same, without those that were only marked. */
	fired: Record<string, number>;
	/** How often stock was taken of what has finished already. Of two memories, the higher one is newer. */
	stock: number;
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
 * Userpilot lists a job for 3 days. An id is kept for longer, so that a list that comes back short
 * once, or a clock that is days off, does not make a job fire again.
 */
export const FORGET_AFTER_MS = 14 * 24 * 60 * 60 * 1000;

/** What n8n was handed less than this before it stopped may have been lost with it. */
export const HAND_OVER_MS = 2 * 60 * 1000;

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const timesOf = (value: unknown): Record<string, number> =>
	Object.fromEntries(
		Object.entries(isRecord(value) ? value : {}).filter(
			(entry): entry is [string, number] => typeof entry[1] === 'number',
		),
	);

/** The memory in the static data; undefined when there is none yet, or what is there is not ours. */
export function readMemory({
	event,
	handled,
	fired,
	stock,
}: Record<string, unknown>): Memory | undefined {
	if (!isTriggerEvent(event) || !isRecord(handled)) return undefined;
	return {
		event,
		handled: timesOf(handled),
		fired: timesOf(fired),
		stock: typeof stock === 'number' ? stock : 0,
	};
}

/** The newer of two memories; what either of them knows as dealt with stays so. */
export function newer(own: Memory | undefined, other: Memory | undefined): Memory | undefined {
	if (!other || other.stock <= (own?.stock ?? 0)) return own;
	return {
		...other,
		handled: { ...own?.handled, ...other.handled },
		fired: { ...own?.fired, ...other.fired },
	};
}

/** The jobs that match the event, the one that finished first at the front, each id once. */
export function matchingJobs(jobs: JobSummary[], event: TriggerEvent): JobSummary[] {
	const byId = new Map(jobs.map((job) => [job.job_id, job]));
	return [...byId.values()].filter(EVENTS[event]).sort(byFinishTime);
}

const marked = (memory: Memory, ids: string[], now: number): Memory => ({
	...memory,
	handled: { ...memory.handled, ...Object.fromEntries(ids.map((id) => [id, now])) },
});

/**
 * The memory a poll starts from. The first poll marks what has finished already, unless
 * `startFrom` wants it to fire. When the event was changed, jobs that the old event passed over
 * and the new one would fire for are marked likewise, but no job that the old one still owes.
 */
export function openMemory(
	memory: Memory | undefined,
	jobs: JobSummary[],
	{ event, startFrom, now }: { event: TriggerEvent; startFrom: StartFrom; now: number },
): Memory {
	if (memory?.event === event) return memory;
	const opened: Memory = {
		event,
		handled: memory?.handled ?? {},
		fired: memory?.fired ?? {},
		stock: (memory?.stock ?? 0) + 1,
	};
	if (startFrom === 'existing') return opened;
	const passedOver = jobs.filter(
		(job) => isFinished(job) && !(memory && EVENTS[memory.event](job)),
	);
	return marked(
		opened,
		passedOver.map(({ job_id }) => job_id),
		now,
	);
}

/** The jobs that still have to fire, the one that finished first at the front. */
export function dueJobs(memory: Memory, jobs: JobSummary[]): JobSummary[] {
	return matchingJobs(jobs, memory.event).filter(
		({ job_id }) => !Object.hasOwn(memory.handled, job_id),
	);
}

const entriesOf = (
	times: Record<string, number>,
	isKept: (entry: [id: string, time: number]) => boolean,
): Record<string, number> => Object.fromEntries(Object.entries(times).filter(isKept));

/** The memory after those jobs have fired. Ids that are old, and no longer listed, are dropped. */
export function afterFiring(
	memory: Memory,
	firedIds: string[],
	listedIds: string[],
	now: number,
): Memory {
	const listed = new Set(listedIds);
	const { handled } = marked(memory, firedIds, now);
	const fired = { ...memory.fired, ...Object.fromEntries(firedIds.map((id) => [id, now])) };
	return {
		...memory,
		handled: entriesOf(handled, ([id, time]) => listed.has(id) || now - time < FORGET_AFTER_MS),
		fired: entriesOf(fired, ([, time]) => now - time < HAND_OVER_MS),
	};
}

/** The jobs that were handed over so shortly before a time that a process that ended then may have lost them. */
export const handedOverBefore = ({ fired }: Memory, time: number): string[] =>
	Object.keys(entriesOf(fired, ([, at]) => at <= time && time - at < HAND_OVER_MS));
