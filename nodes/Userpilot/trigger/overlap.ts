import type { IPollFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import type { Connection } from '../api/connection';
import type { Memory } from './memory';

/** How long a trigger waits for another one of the workflow, whose server is slow. */
const MAX_WAIT_FOR_OTHERS_MS = 10_000;
/** n8n has abandoned a poll that is older than this. */
const ABANDONED_AFTER_MS = 60_000;
/** No timer can be stopped here, so a wait is made of slices. */
const SLICE_MS = 250;
/**
 * n8n's scheduler reads the memory before a poll begins, which may wait for another one, and writes it a
 * moment after its end.
 */
const COMMIT_MS = 45_000;
/** Where its scheduler does not poll, n8n reports 5 minutes, and older n8n report nothing. */
const MAX_SCHEDULED_BUDGET_MS = 60_000;

/** A running poll of a trigger. */
export interface RunningPoll {
	/** Unix time in ms. */
	startedAt: number;
	/** Unix time in ms by which n8n expects the result. */
	endsAt: number;
	/** The workflow as n8n has loaded it: its polls share what its expressions run in. */
	workflow: object;
	/** With an earlier deadline, no more requests are sent. */
	connection?: Connection;
	/** The memory that it started from, once known. */
	memory?: Memory;
	/** Settles after the last response; undefined from then on. */
	fetching?: Promise<unknown>;
	/** Whether a poll of a newer version of the workflow waits for it. Only newer n8n drop its result. */
	isSuperseded: boolean;
	/** Settles at the end of the poll. */
	done: Promise<unknown>;
}

/** By trigger. Of a poll that has ended nothing is kept but the jobs below, because n8n may drop its result. */
const runningPolls = new Map<string, RunningPoll>();

/** Identifies a trigger: nodes of an imported workflow can share an ID. */
export function triggerKey(context: IPollFunctions): string {
	const { id, name } = context.getNode();
	return JSON.stringify([context.getWorkflow().id, id, name]);
}

const isScheduled = (context: IPollFunctions): boolean =>
	(context.getPollBudgetMs?.() ?? Infinity) <= MAX_SCHEDULED_BUDGET_MS;

/** By trigger: the jobs that it fired for within `COMMIT_MS`, and when (Unix time in ms). */
const recentlyFired = new Map<string, Array<{ id: string; at: number; byScheduler: boolean }>>();

/** n8n starts with all that was written before. */
const processKey = (context: IPollFunctions) => `${performance.timeOrigin} ${triggerKey(context)}`;

const recentlyFiredBy = (context: IPollFunctions) =>
	(recentlyFired.get(processKey(context)) ?? []).filter(
		({ at }) => Math.abs(Date.now() - at) < COMMIT_MS,
	);

export function recordFired(context: IPollFunctions, ids: string[], isActivation: boolean): void {
	// Other polls remember at once what they fired for.
	const byScheduler = isScheduled(context);
	if (!isActivation && !byScheduler) return;
	const fired = ids.map((id) => ({ id, at: Date.now(), byScheduler }));
	recentlyFired.set(processKey(context), [...recentlyFiredBy(context), ...fired]);
}

/**
 * Whether n8n had not written yet what other polls remember when it read the memory for this one. This poll
 * would fire for the same jobs again, and overwrite that.
 */
export function isOutdated(context: IPollFunctions, memory: Memory | undefined): boolean {
	return recentlyFiredBy(context).some(
		({ id, byScheduler }) =>
			(byScheduler || isScheduled(context)) && !Object.hasOwn(memory?.handled ?? {}, id),
	);
}

/** Waits for a promise, at most until a time (Unix time in ms). */
async function waitUntil(time: number, promise?: Promise<unknown>): Promise<void> {
	let isSettled = false;
	const settled = Promise.allSettled([promise]).then(() => {
		isSettled = true;
	});
	for (let left = time - Date.now(); !isSettled && left > 0; left = time - Date.now()) {
		await Promise.race([settled, sleep(Math.min(SLICE_MS, left))]);
	}
}

/**
 * When a poll of a workflow ends, n8n releases what all expressions of the workflow run in
 * (n8n-io/n8n#30729), and other polls can no longer read their credential. So a poll ends after the others
 * have fetched. It does not wait long for a server that hangs: such a poll then sends no more requests, and
 * continues with the response that it waits for.
 */
async function letOthersFetch(own: RunningPoll): Promise<void> {
	const others = () =>
		[...runningPolls.values()].filter(
			(poll) => poll !== own && poll.workflow === own.workflow && poll.fetching,
		);
	for (;;) {
		const next = others()
			.map(({ startedAt, fetching }) => ({
				fetching,
				until: Math.min(own.endsAt, startedAt + MAX_WAIT_FOR_OTHERS_MS),
			}))
			.find(({ until }) => until > Date.now());
		if (!next) break;
		await waitUntil(next.until, next.fetching);
	}
	for (const { connection } of others()) if (connection) connection.deadline = Date.now();
}

/** The result of a poll, after all polls of the workflow have fetched; undefined if n8n would lose it. */
async function finishPoll<Fetched, Result>(
	own: RunningPoll,
	fetching: Promise<Fetched>,
	finish: (fetched: Fetched) => Result,
): Promise<Result | undefined> {
	await Promise.allSettled([fetching]);
	await letOthersFetch(own);
	const fetched = await fetching;
	return own.isSuperseded ? undefined : finish(fetched);
}

/** The running poll of a trigger, unless n8n has abandoned it. */
function runningPoll(key: string): RunningPoll | undefined {
	const poll = runningPolls.get(key);
	return poll && Date.now() - poll.startedAt < ABANDONED_AFTER_MS ? poll : undefined;
}

/**
 * Runs a poll after the previous one of the same trigger. n8n's polls may overlap, and a workflow may be
 * published again while a poll of it still runs.
 *
 * @param endsAt Unix time in ms by which n8n expects the result
 * @param fetch sends all requests of the poll
 * @param finish makes the result of them
 * @returns undefined when the previous poll was of the same loaded workflow, and has done it all
 */
export async function runAfterPrevious<Fetched, Result>(
	context: IPollFunctions,
	endsAt: number,
	fetch: (own: RunningPoll, previous: RunningPoll | undefined) => Promise<Fetched>,
	finish: (fetched: Fetched) => Result,
): Promise<Result | undefined> {
	const key = triggerKey(context);
	const workflow = context.getWorkflowStaticData('global');
	let previous: RunningPoll | undefined;
	for (let poll = runningPoll(key); poll && poll !== previous; poll = runningPoll(key)) {
		previous = poll;
		poll.isSuperseded ||= poll.workflow !== workflow && !isScheduled(context);
		await waitUntil(endsAt, poll.done);
	}
	if (previous?.workflow === workflow) return undefined;

	const own: RunningPoll = {
		startedAt: Date.now(),
		endsAt,
		workflow,
		isSuperseded: false,
		done: Promise.resolve(),
	};
	// No await since the last check, or two polls could start.
	runningPolls.set(key, own);
	const fetching = fetch(own, previous).finally(() => {
		own.fetching = undefined;
	});
	own.fetching = fetching;
	const done = finishPoll(own, fetching, finish).finally(() => {
		if (runningPolls.get(key) === own) runningPolls.delete(key);
	});
	own.done = done;
	return await done;
}
