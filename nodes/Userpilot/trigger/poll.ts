import type { IDataObject, INodeExecutionData, IPollFunctions, NodeApiError } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { getJob, listJobs } from '../api/calls';
import type { Connection } from '../api/context';
import { connect } from '../api/request';
import type { Job, JobSummary } from '../api/schemas';
import { fileRecords } from '../jobs/files';
import { checkParameter, choiceSchema } from '../parameters';
import { eventOptions, outputOptions, startFromOptions } from './fields';
import type { Memory, TriggerEvent } from './memory';
import { afterFiring, dueJobs, matchesEvent, matchingJobs, openMemory, readMemory } from './memory';

/** n8n abandons a poll after 36 to 45 s, and hosts that say no budget still poll every minute. */
const LONGEST_BUDGET_MS = 30_000;
/** Kept back of the budget for handing over what was fetched. */
const MARGIN_MS = 2_000;
const JOBS_AT_ONCE = 5;
/** A poll that is older than this has been abandoned. */
const ABANDONED_AFTER_MS = 60_000;

interface RunningPoll {
	/** Unix time in ms. */
	startedAt: number;
	/** Ends with its last call. */
	fetching: Promise<unknown>;
}

/**
 * The polls of this process, by workflow and node; n8n's ticks may overlap. Nothing else is kept from
 * poll to poll: n8n drops what a poll gives whose workflow was edited meanwhile, so those jobs must
 * stay due.
 */
const running = new Map<string, Map<string, RunningPoll>>();

/**
 * A workflow's polls end together. At the end of each, n8n takes away what the workflow's expressions
 * run in (n8n-io/n8n#30729: the release is destructive), without which another one that is still
 * running cannot read its credential any more.
 */
async function untilAllHaveFetched(polls: Map<string, RunningPoll>): Promise<void> {
	const youngest = Date.now() - ABANDONED_AFTER_MS;
	const others = [...polls.values()].filter(({ startedAt }) => startedAt > youngest);
	await Promise.allSettled(others.map(({ fetching }) => fetching));
}

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

const toItems = (job: Job, output: 'job' | 'files'): INodeExecutionData[] =>
	(output === 'files' ? fileRecords(job) : [job as IDataObject]).map((json) => ({ json }));

/** Errors that the other jobs would meet as well: the key, the plan, too many calls, no answer. */
const concernsAllJobs = ({ httpCode }: NodeApiError) =>
	!httpCode || ['401', '403', '429'].includes(httpCode);

/** A job that is due, by the id that the list gives it, with its details. */
interface FetchedJob {
	id: string;
	job: Job;
}

/**
 * The details of those jobs, in their order, until the time is up. A job whose details cannot be had
 * now, or do not match the list yet, is left out: it is still due at the next poll, and does not hold
 * up the others.
 *
 * @throws {NodeApiError} when not one could be fetched, for a reason that concerns them all
 */
async function fetchDetails(
	connection: Connection,
	due: JobSummary[],
	event: TriggerEvent,
): Promise<FetchedJob[]> {
	const fetched: FetchedJob[] = [];
	const errors: NodeApiError[] = [];
	// No batch may use up the time of those behind it, or a few jobs that hang would block the rest.
	const timeMs = connection.deadline - Date.now();
	const batchMs = Math.floor(timeMs / 3);
	// None begins late: on a busy machine it would end too late, and n8n would drop the whole poll.
	const lastStart = Date.now() + timeMs / 2;
	for (let start = 0; start < due.length; start += JOBS_AT_ONCE) {
		if (Date.now() >= lastStart) break;
		const deadline = Math.min(connection.deadline, Date.now() + batchMs);
		const batch = due.slice(start, start + JOBS_AT_ONCE).map(async ({ job_id: id }) => ({
			id,
			job: await getJob({ ...connection, deadline }, id),
		}));
		for (const result of await Promise.allSettled(batch)) {
			if (result.status === 'rejected') errors.push(result.reason as NodeApiError);
			else if (matchesEvent(result.value.job, event)) fetched.push(result.value);
		}
	}
	errors.forEach(({ message }) => connection.context.logger?.warn(`Userpilot Trigger: ${message}`));
	const lasting = errors.find(concernsAllJobs);
	if (fetched.length === 0 && lasting) throw lasting;
	return fetched;
}

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
					'There is nothing to test with yet. Start an export with this API key (Userpilot node: Export > Create), wait until it has finished, and test again. Once the workflow is published, the trigger waits for such a job by itself.',
			},
		);
	}
	return await getJob(connection, newest.job_id);
}

/**
 * One poll: one call when nothing is new, one more for each job that has newly finished.
 *
 * @returns null when there is nothing to fire for
 * @throws {NodeApiError} when the jobs cannot be listed, other than at n8n's start; n8n backs off by its
 * httpCode
 */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const event = readChoice(context, 'event', 'Event', eventOptions);
	const output = readChoice(context, 'output', 'Output', outputOptions);
	if (context.getMode() === 'manual') {
		const connection = await connect(context, { budgetMs: LONGEST_BUDGET_MS });
		return [toItems(await newestMatching(context, connection, event), output)];
	}
	const { id: workflowId = '' } = context.getWorkflow();
	const polls = running.get(workflowId) ?? new Map<string, RunningPoll>();
	running.set(workflowId, polls);
	const nodeId = context.getNode().id;
	const isAtStart = isTakeUp(context);
	const startedAt = Date.now();
	const isOverlapping =
		startedAt - (polls.get(nodeId)?.startedAt ?? -Infinity) < ABANDONED_AFTER_MS;
	if (isOverlapping) {
		await untilAllHaveFetched(polls);
		return null;
	}
	const fetching = fetchDue(context, event);
	polls.set(nodeId, { startedAt, fetching });
	try {
		await fetching.catch(() => undefined);
		await untilAllHaveFetched(polls);
		const jobs = remember(context, await fetching);
		const items = jobs.flatMap((job) => toItems(job, output));
		return items.length > 0 ? [items] : null;
	} catch (error) {
		if (!isAtStart) throw error as NodeApiError;
		// The next poll tries again, and its failure shows.
		context.logger?.warn(`Userpilot Trigger: ${(error as Error).message}`);
		return null;
	} finally {
		if (polls.get(nodeId)?.startedAt === startedAt) polls.delete(nodeId);
		if (polls.size === 0) running.delete(workflowId);
	}
}

interface Fetched {
	/** Unix time in ms from which on n8n drops what the poll gives. */
	abandonedAt: number;
	listed: JobSummary[];
	stored: Memory | undefined;
	memory: Memory;
	jobs: FetchedJob[];
}

/** All calls of a poll. */
async function fetchDue(context: IPollFunctions, event: TriggerEvent): Promise<Fetched> {
	const startFrom = readChoice(context, 'startFrom', 'Start From', startFromOptions);
	const budgetMs = Math.min(LONGEST_BUDGET_MS, context.getPollBudgetMs?.() ?? LONGEST_BUDGET_MS);
	const abandonedAt = Date.now() + budgetMs;
	const connection = await connect(context, { budgetMs: budgetMs - MARGIN_MS });

	const listed = await listJobs(connection);
	const stored = readMemory(context.getWorkflowStaticData('node'));
	const memory = openMemory(stored, listed, { event, startFrom, now: Date.now() });
	const jobs = await fetchDetails(connection, dueJobs(memory, listed), event);
	return { abandonedAt, listed, stored, memory, jobs };
}

/** The jobs to fire for, once the trigger's memory holds that they have fired. */
function remember(
	context: IPollFunctions,
	{ abandonedAt, listed, stored, memory, jobs }: Fetched,
): Job[] {
	// n8n drops what a poll gives after its time: such jobs must stay due.
	if (Date.now() > abandonedAt) {
		throw new NodeOperationError(context.getNode(), 'The poll took longer than n8n allows', {
			description: 'Nothing was lost: the next poll goes on from here.',
		});
	}
	// The static data is the live object, and a change to it outlives a throw: so it comes last.
	if (memory !== stored || jobs.length > 0) {
		const firedIds = jobs.map(({ id }) => id);
		const staticData = context.getWorkflowStaticData('node');
		Object.assign(staticData, afterFiring(memory, firedIds, listed, Date.now()));
	}
	return jobs.map(({ job }) => job);
}
