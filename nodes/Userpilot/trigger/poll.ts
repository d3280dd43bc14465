import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { getJob, listJobs } from '../api/calls';
import { connect } from '../api/client';
import type { Job } from '../api/schemas';
import { fileRecords } from '../jobs/job';
import { triggerParameters } from '../actions/parameters';
import type { FetchedJob } from './details';
import { fetchDetails, warn } from './details';
import { eventOptions, outputOptions, startFromOptions, triggerFields } from './fields';
import { afterFiring, dueJobs, matchingJobs, newerMemory, openMemory, readMemory } from './memory';
import type { Memory, StartFrom, TriggerEvent } from './memory';
import { readCopy, writeCopy } from './memoryCopy';
import { isOutdated, recordFired, runAfterPrevious, triggerKey } from './overlap';
import type { RunningPoll } from './overlap';
import { isActivationPoll, isWhileStarting, missingExecutionsWarning } from './startup';

/** n8n abandons a poll after 36 to 45 s. Where it reports no budget, it may still poll every minute. */
const MAX_BUDGET_MS = 30_000;
/** While n8n starts, it activates five workflows at a time, and a poll delays those behind it. */
const STARTUP_BUDGET_MS = 5_000;
/** The part of the budget that is left to return the jobs. */
const MAX_MARGIN_MS = 2_000;

const toItems = (job: Job, output: 'job' | 'links'): INodeExecutionData[] =>
	(output === 'links' ? fileRecords(job) : [job as IDataObject]).map((json) => ({ json }));

/** For a manual test: the newest job that matches. It has no effect on later polls. */
async function newestJob(context: IPollFunctions, event: TriggerEvent): Promise<Job> {
	const connection = await connect(context, { budgetMs: MAX_BUDGET_MS });
	const newest = matchingJobs(await listJobs(connection), event).at(-1);
	if (!newest) {
		throw new NodeOperationError(
			context.getNode(),
			`No export job has ${event} in the last 3 days`,
			{
				description:
					'There is no job to test with. Start an export with this API key (Userpilot node: Export > Start), wait until it has finished, and test again. A published workflow waits for such a job by itself.',
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

function readSettings(context: IPollFunctions): Settings {
	const parameters = triggerParameters(context, triggerFields);
	return {
		event: parameters.readChoice('event', eventOptions),
		output: parameters.readChoice('output', outputOptions),
		startFrom: parameters.readChoice('startFrom', startFromOptions),
	};
}

/**
 * One poll: one request if there are no new jobs, and one more for each job that has newly finished.
 *
 * @returns null when there is nothing to fire for
 * @throws {NodeApiError} when the jobs cannot be listed, except while n8n starts. n8n backs off by its
 * `failure` and its httpCode
 */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const settings = readSettings(context);
	const { event, output } = settings;
	if (context.getMode() === 'manual') return [toItems(await newestJob(context, event), output)];

	const warning = missingExecutionsWarning(context, storedMemory(context));
	if (warning) warn({ context }, warning);
	const isActivation = isActivationPoll(context);
	const isAtStartup = isActivation && isWhileStarting(context);
	const budgetMs = Math.min(
		isAtStartup ? STARTUP_BUDGET_MS : MAX_BUDGET_MS,
		context.getPollBudgetMs?.() ?? MAX_BUDGET_MS,
	);
	const endsAt = Date.now() + budgetMs;
	try {
		const jobs = await runAfterPrevious(
			context,
			endsAt,
			async (own, previous) => await fetchNewJobs(context, settings, own, previous),
			(fetched) => (fetched ? remember(context, endsAt, isActivation, fetched) : []),
		);
		const items = (jobs ?? []).flatMap((job) => toItems(job, output));
		return items.length > 0 ? [items] : null;
	} catch (error) {
		if (!isAtStartup) throw error as Error;
		// The next poll tries again, and shows its error.
		warn({ context }, (error as Error).message);
		return null;
	}
}

const storedMemory = (context: IPollFunctions) => readMemory(context.getWorkflowStaticData('node'));

interface Fetched {
	/** The memory in the node's own static data. */
	stored: Memory | undefined;
	/** `stored`, merged with the copy of memoryCopy.ts. */
	saved: Memory | undefined;
	/** The memory that the poll starts from. */
	memory: Memory;
	/** IDs of all jobs in the list. */
	listed: string[];
	/** The jobs to fire for. */
	jobs: FetchedJob[];
}

/**
 * Sends all requests of a poll; undefined when the next poll has to do it. After a previous poll, whose
 * result n8n may drop, it fetches no jobs: the next poll knows whether they have fired.
 */
async function fetchNewJobs(
	context: IPollFunctions,
	{ event, startFrom }: Settings,
	own: RunningPoll,
	previous: RunningPoll | undefined,
): Promise<Fetched | undefined> {
	const stored = storedMemory(context);
	const saved = newerMemory(stored, readCopy(context));
	if (isOutdated(context, saved)) return undefined;
	const known = newerMemory(saved, previous?.memory);
	if (previous && known?.event === event) {
		return { stored, saved, memory: known, listed: [], jobs: [] };
	}

	const leftMs = own.endsAt - Date.now();
	const connection = await connect(context, {
		budgetMs: leftMs - Math.min(MAX_MARGIN_MS, leftMs / 10),
	});
	own.connection = connection;
	const jobs = await listJobs(connection);
	const memory = openMemory(known, jobs, { event, startFrom, now: Date.now() });
	own.memory = memory;
	const due = previous ? [] : dueJobs(memory, jobs);
	return {
		stored,
		saved,
		memory,
		listed: jobs.map(({ job_id }) => job_id),
		jobs: await fetchDetails(connection, triggerKey(context), due, event),
	};
}

/** The jobs to fire for, after the memory holds that they have fired. */
function remember(
	context: IPollFunctions,
	endsAt: number,
	isActivation: boolean,
	{ stored, saved, memory, listed, jobs }: Fetched,
): Job[] {
	const now = Date.now();
	// n8n drops the result of a poll after this time, so the jobs must stay due.
	if (now > endsAt) {
		throw new NodeOperationError(context.getNode(), 'The poll took longer than n8n allows', {
			description: 'Nothing was lost: the next poll fires for these jobs.',
		});
	}
	if (memory !== saved) writeCopy(context, memory, stored, now);
	// Last, because n8n keeps changes of static data even after an error.
	if (memory !== stored || jobs.length > 0) {
		const firedIds = jobs.map(({ id }) => id);
		const staticData = context.getWorkflowStaticData('node');
		Object.assign(staticData, afterFiring(memory, firedIds, listed, now));
		if (jobs.length > 0) recordFired(context, firedIds, isActivation);
	}
	return jobs.map(({ job }) => job);
}
