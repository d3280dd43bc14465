import type { IPollFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import type { Connection } from '../api/connection';
import type { Memory } from './memory';

/** So long another trigger of the workflow waits for one whose server is slow. */
const FAIR_SHARE_MS = 10_000;
/** A poll that is older than this has been abandoned. */
const ABANDONED_AFTER_MS = 60_000;
/** There is no timer here that could be stopped, so waiting goes in slices. */
const SLICE_MS = 250;

/** One poll of a trigger that is under way. */
export interface Turn {
	/** Unix time in ms. */
	startedAt: number;
	/** Unix time in ms at which n8n wants its outcome. */
	endsAt: number;
	/** The workflow as n8n has loaded it: polls that share it share what its expressions run in. */
	workflow: object;
	/** With what it sends its requests; a sooner deadline lets it begin no more. */
	connection?: Connection;
	/** The memory it started from, once it knows it. */
	memory?: Memory;
	/** Ends with its last response. */
	fetching: Promise<unknown>;
	/** A poll of the workflow as it was published meanwhile waits for it. Only newer n8n drop its outcome. */
	isSuperseded: boolean;
	isFetching: boolean;
	/** Ends with the poll. */
	done: Promise<unknown>;
}

/** The polls of this process, by trigger. Nothing else is kept here: n8n may drop the outcome of any of them. */
const turns = new Map<string, Turn>();

/** Tells a trigger from all others: two nodes of an imported workflow can share an ID. */
export function triggerKey(context: IPollFunctions): string {
	const { id, name } = context.getNode();
	return JSON.stringify([context.getWorkflow().id, id, name]);
}

/**
 * n8n's scheduler reads what a trigger remembers when a poll begins, and writes it a moment after the poll
 * has ended, without waiting for the one or the other.
 */
const COMMIT_MS = 10_000;
/** n8n names 5 minutes where its scheduler does not poll, and older ones name nothing. */
const MAX_SCHEDULED_BUDGET_MS = 60_000;

/** Which memory the last poll of a trigger started from that handed jobs over, and when (Unix time in ms). */
const handOvers = new Map<string, { from: string; at: number }>();

const isScheduled = (context: IPollFunctions): boolean =>
	(context.getPollBudgetMs?.() ?? Infinity) <= MAX_SCHEDULED_BUDGET_MS;

export function noteHandOver(context: IPollFunctions, from: Memory | undefined): void {
	if (!isScheduled(context)) return;
	handOvers.set(triggerKey(context), { from: JSON.stringify(from), at: Date.now() });
}

/**
 * Whether a poll starts from the memory of before the last hand-over, because that is not written yet. It
 * would fire the same jobs again, and write over what the last one remembers.
 */
export function isBehind(context: IPollFunctions, memory: Memory | undefined): boolean {
	const last = handOvers.get(triggerKey(context));
	return (
		isScheduled(context) &&
		memory !== undefined &&
		last?.from === JSON.stringify(memory) &&
		Math.abs(Date.now() - last.at) < COMMIT_MS
	);
}

async function waitUntil(time: number, ...promises: Array<Promise<unknown>>): Promise<void> {
	let isSettled = false;
	const settled = Promise.allSettled(promises).then(() => {
		isSettled = true;
	});
	for (let left = time - Date.now(); !isSettled && left > 0; left = time - Date.now()) {
		await Promise.race([settled, sleep(Math.min(SLICE_MS, left))]);
	}
}

/**
 * When the first poll of a workflow ends, n8n takes away what the workflow's expressions run in
 * (n8n-io/n8n#30729: the release is destructive), and no other one can read its credential any more. So
 * a poll waits until the others have fetched. It does not wait long for a server that hangs: such a poll
 * then begins no more requests, and goes on with the response that it waits for.
 */
async function letOthersFetch(own: Turn): Promise<void> {
	const others = () =>
		[...turns.values()].filter(
			(turn) => turn !== own && turn.workflow === own.workflow && turn.isFetching,
		);
	for (;;) {
		const next = others()
			.map((turn) => ({ turn, until: Math.min(own.endsAt, turn.startedAt + FAIR_SHARE_MS) }))
			.find(({ until }) => until > Date.now());
		if (!next) break;
		await waitUntil(next.until, next.turn.fetching);
	}
	for (const { connection } of others()) if (connection) connection.deadline = Date.now();
}

/**
 * Runs a poll, after one of the same trigger that is still under way. n8n's ticks may overlap, and a
 * workflow may be published again while the poll of before still runs.
 *
 * @param fetch all requests of the poll; told of the poll of before
 * @param finish what makes the outcome of them
 * @returns undefined when the poll of before was one of the same loaded workflow, and has done it all
 */
export async function inTurn<Fetched, Outcome>(
	context: IPollFunctions,
	endsAt: number,
	fetch: (turn: Turn, before: Turn | undefined) => Promise<Fetched>,
	finish: (fetched: Fetched) => Outcome,
): Promise<Outcome | undefined> {
	const key = triggerKey(context);
	const workflow = context.getWorkflowStaticData('global');
	const isRunning = (turn: Turn | undefined): turn is Turn =>
		turn !== undefined && Date.now() - turn.startedAt < ABANDONED_AFTER_MS;
	let before: Turn | undefined;
	for (let turn = turns.get(key); isRunning(turn) && turn !== before; turn = turns.get(key)) {
		before = turn;
		turn.isSuperseded ||= turn.workflow !== workflow && !isScheduled(context);
		await waitUntil(endsAt, turn.done);
	}
	if (before?.workflow === workflow) return undefined;
	const own: Turn = {
		startedAt: Date.now(),
		endsAt,
		workflow,
		isSuperseded: false,
		isFetching: true,
		fetching: Promise.resolve(),
		done: Promise.resolve(),
	};
	turns.set(key, own);
	own.fetching = fetch(own, before).finally(() => {
		own.isFetching = false;
	});
	const run = async () => {
		try {
			await Promise.allSettled([own.fetching]);
			await letOthersFetch(own);
			const fetched = (await own.fetching) as Fetched;
			return own.isSuperseded ? undefined : finish(fetched);
		} finally {
			if (turns.get(key) === own) turns.delete(key);
		}
	};
	const done = run();
	own.done = done;
	return await done;
}
