import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { getJob, listJobs } from '../api/calls';
import type { Connection } from '../api/connection';
import { connect } from '../api/client';
import type { Job } from '../api/schemas';
import { fileRecords } from '../jobs/job';
import { checkParameter, choiceSchema } from '../actions/parameters';
import type { FetchedJob } from './details';
import { fetchDetails, warn } from './details';
import { eventOptions, outputOptions, startFromOptions } from './fields';
import { readMarks, writeMarks } from './marks';
import type { Memory, StartFrom, TriggerEvent } from './memory';
import {
	afterFiring,
	dueJobs,
	handedOverBefore,
	matchingJobs,
	newer,
	openMemory,
	readMemory,
} from './memory';
import type { Turn } from './overlap';
import { inTurn, isBehind, noteHandOver, triggerKey } from './overlap';

/** n8n abandons a poll after 36 to 45 s, and hosts that say no budget still poll every minute. */
const MAX_BUDGET_MS = 30_000;
/** While n8n activates its workflows at its start, five at a time, each poll holds up those behind it. */
const START_BUDGET_MS = 5_000;
/** Kept back of the budget for handing over what was fetched. */
const MAX_MARGIN_MS = 2_000;

/** The contexts that have polled: n8n makes one when it takes up a workflow, and polls with it from then on. */
const hasPolled = new WeakSet<IPollFunctions>();

/**
 * Whether n8n is taking up an active workflow at its own start. Where that poll throws five times
 * within 15 s or so, n8n 2.41 never polls the workflow again, not even after its next start.
 */
function isTakeUp(context: IPollFunctions): boolean {
	const isFirst = !hasPolled.has(context);
	hasPolled.add(context);
	return isFirst && ['init', 'leadershipChange'].includes(context.getActivationMode());
}

function readChoice<const Value extends string>(
	context: IPollFunctions,
	name: string,
	label: string,
	options: ReadonlyArray<{ value: Value }>,
): Value {
	const value = context.getNodeParameter(name);
	return checkParameter(context.getNode(), label, value, choiceSchema(options));
}

const toItems = (job: Job, output: 'job' | 'links'): INodeExecutionData[] =>
	(output === 'links' ? fileRecords(job) : [job as IDataObject]).map((json) => ({ json }));

/** A person's test: the newest job that matches, whether it has fired or not. Nothing is remembered. */
async function newestMatching(
	context: IPollFunctions,
	connection: Connection,
	event: TriggerEvent,
): Promise<Job> {
	const newest = matchingJobs(await listJobs(connection), event).at(-1);
	if (!newest) {
		throw new NodeOperationError(
			context.getNode(),
			`No export job has ${event} in the last 3 days`,
			{
				description:
					'There is nothing to test with yet. Start an export with this API key (Userpilot node: Export > Start), wait until it has finished, and test again. Once the workflow is published, the trigger waits for such a job by itself.',
			},
		);
	}
	return await getJob(connection, newest.job_id);
}

interface Settings {
	event: TriggerEvent;
	output: 'job' | 'links';
	startFrom: StartFrom;
}

const readSettings = (context: IPollFunctions): Settings => ({
	event: readChoice(context, 'event', 'Trigger On', eventOptions),
	output: readChoice(context, 'output', 'Output', outputOptions),
	startFrom: readChoice(context, 'startFrom', 'Start From', startFromOptions),
});

/**
 * One poll: one request when nothing is new, one more for each job that has newly finished.
 *
 * @returns null when there is nothing to fire for
 * @throws {NodeApiError} when the jobs cannot be listed, other than at n8n's start; n8n backs off by its
 * `failure`, and by its httpCode
 */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const settings = readSettings(context);
	const { event, output } = settings;
	if (context.getMode() === 'manual') {
		const connection = await connect(context, { budgetMs: MAX_BUDGET_MS });
		return [toItems(await newestMatching(context, connection, event), output)];
	}
	nameHandedOver(context);
	const isAtStart = isTakeUp(context);
	const budgetMs = Math.min(
		isAtStart ? START_BUDGET_MS : MAX_BUDGET_MS,
		context.getPollBudgetMs?.() ?? MAX_BUDGET_MS,
	);
	try {
		const jobs = await inTurn(
			context,
			Date.now() + budgetMs,
			async (turn, before) => await fetchDue(context, settings, turn, before),
			(fetched) => (fetched ? remember(context, fetched) : []),
		);
		const items = (jobs ?? []).flatMap((job) => toItems(job, output));
		return items.length > 0 ? [items] : null;
	} catch (error) {
		if (!isAtStart) throw error as Error;
		// The next poll tries again, and its failure shows.
		warn({ context }, (error as Error).message);
		return null;
	}
}

const ownMemory = (context: IPollFunctions) => readMemory(context.getWorkflowStaticData('node'));

/** The start of the process (Unix time in ms) for which each trigger has named what was handed over before it. */
const named = new Map<string, number>();

/**
 * By default n8n saves what the trigger remembers before it writes the execution. What it was handed
 * just before it was killed may be remembered, and have no execution; nothing else tells of it.
 */
function nameHandedOver(context: IPollFunctions): void {
	const { timeOrigin } = performance;
	const memory = ownMemory(context);
	const trigger = triggerKey(context);
	if (!memory || named.get(trigger) === timeOrigin) return;
	named.set(trigger, timeOrigin);
	const ids = handedOverBefore(memory, timeOrigin);
	if (ids.length === 0) return;
	const jobs = `${ids.length === 1 ? 'Job' : 'Jobs'} ${ids.map((id) => `"${id}"`).join(', ')}`;
	warn(
		{ context },
		`${jobs}: handed over to workflow "${context.getWorkflow().name}" less than 2 minutes before n8n started. If n8n was killed, and does not use durable poll cursors, the execution may be missing. Check the executions of the workflow, and get missing data with Job > Download.`,
	);
}

interface Fetched {
	/** Unix time in ms from which on n8n drops what the poll gives. */
	endsAt: number;
	/** IDs of all jobs in the list. */
	listed: string[];
	/** What the node's own static data holds. */
	stored: Memory | undefined;
	/** The same, with the marks of the poll at activation. */
	saved: Memory | undefined;
	/** What the poll starts from. */
	memory: Memory;
	/** Whether it holds marks that are saved nowhere yet. */
	isStockNew: boolean;
	jobs: FetchedJob[];
}

/**
 * All requests of a poll; undefined where all is left to the next one. After another poll that n8n may
 * drop, it only takes stock, where that is still to be done: what is due fires at the next poll, when it
 * is known whether it has fired already.
 */
async function fetchDue(
	context: IPollFunctions,
	{ event, startFrom }: Settings,
	turn: Turn,
	before: Turn | undefined,
): Promise<Fetched | undefined> {
	const { endsAt } = turn;
	const stored = ownMemory(context);
	const saved = newer(stored, readMarks(context));
	if (isBehind(context, saved)) return undefined;
	const known = newer(saved, before?.memory);
	const fetched = { endsAt, stored, saved, isStockNew: known !== saved, jobs: [] };
	if (before && known?.event === event) return { ...fetched, listed: [], memory: known };

	const leftMs = endsAt - Date.now();
	const connection = await connect(context, {
		budgetMs: leftMs - Math.min(MAX_MARGIN_MS, leftMs / 10),
	});
	turn.connection = connection;
	const listed = await listJobs(connection);
	const memory = openMemory(known, listed, { event, startFrom, now: Date.now() });
	turn.memory = memory;
	return {
		...fetched,
		listed: listed.map(({ job_id }) => job_id),
		memory,
		isStockNew: memory !== saved,
		jobs: await fetchDetails(
			connection,
			triggerKey(context),
			before ? [] : dueJobs(memory, listed),
			event,
		),
	};
}

/** The jobs to fire for, once the trigger's memory holds that they have fired. */
function remember(
	context: IPollFunctions,
	{ endsAt, listed, stored, saved, memory, isStockNew, jobs }: Fetched,
): Job[] {
	const now = Date.now();
	// n8n drops what a poll gives after its time: such jobs must stay due.
	if (now > endsAt) {
		throw new NodeOperationError(context.getNode(), 'The poll took longer than n8n allows', {
			description: 'Nothing was lost: the next poll goes on from here.',
		});
	}
	if (isStockNew) writeMarks(context, memory, stored, now);
	// The static data is the live object, and a change to it outlives a throw: so it comes last.
	if (memory !== stored || jobs.length > 0) {
		const firedIds = jobs.map(({ id }) => id);
		const staticData = context.getWorkflowStaticData('node');
		Object.assign(staticData, afterFiring(memory, firedIds, listed, now));
		if (jobs.length > 0) noteHandOver(context, saved);
	}
	return jobs.map(({ job }) => job);
}
