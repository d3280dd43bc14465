import type { NodeApiError } from 'n8n-workflow';

import { getJob } from '../api/calls';
import type { Connection } from '../api/connection';
import type { Job, JobSummary } from '../api/schemas';
import type { TriggerEvent } from './memory';
import { matchesEvent } from './memory';

const MAX_PARALLEL = 10;
/** For one request. Many jobs get less time each, so that those that hang do not use up a poll. */
const MIN_TIMEOUT_MS = 2_000;
const MAX_TIMEOUT_MS = 10_000;
/** Timers can fire a little early. */
const TIMER_TOLERANCE_MS = 50;
/** The list may be ahead of the details for two polls. */
const WARN_AFTER_MISMATCHES = 3;

/** Earlier attempts of this process to get the details of a due job. */
interface Attempts {
	failures: number;
	/** Each doubles the timeout of the next attempt. */
	timeouts: number;
	/** How often the details did not match the list. */
	mismatches: number;
}

/** By trigger, then by job. If the process ends, this costs a poll or two, and no job. */
const attemptsByTrigger = new Map<string, Map<string, Attempts>>();

export const warn = ({ context }: Pick<Connection, 'context'>, message: string) =>
	context.logger?.warn(`Userpilot Trigger: ${message}`);

const mismatchWarning = (id: string, { status }: Job, { mismatches }: Attempts) =>
	`The list of jobs shows job "${id}" as finished, but its details show ${status ? `"${status}"` : 'no status'}, for ${mismatches} polls now. The trigger fires as soon as they match. If this continues, contact Userpilot support.`;

/** The attempts for due jobs. Those for other jobs are forgotten. */
function attemptsFor(trigger: string, due: JobSummary[]): Map<string, Attempts> {
	const known = attemptsByTrigger.get(trigger);
	const none = { failures: 0, timeouts: 0, mismatches: 0 };
	const attempts = new Map(due.map(({ job_id: id }) => [id, known?.get(id) ?? { ...none }]));
	if (due.length === 0) attemptsByTrigger.delete(trigger);
	else attemptsByTrigger.set(trigger, attempts);
	return attempts;
}

/** The details of a due job, and its ID in the list. */
export interface FetchedJob {
	id: string;
	job: Job;
}

/**
 * Whether other jobs would fail for the same reason: the key, the plan, the rate limit. A network error
 * counts from the second poll on, because the next poll is the retry.
 */
const affectsAllJobs = ({ httpCode }: NodeApiError, { failures }: Attempts) =>
	httpCode ? ['401', '403', '429'].includes(httpCode) : failures > 1;

/** The details of one job, if they match the event. What went wrong is counted in `attempt`. */
async function fetchOne(
	connection: Connection,
	id: string,
	event: TriggerEvent,
	attempt: Attempts,
	shareMs: number,
): Promise<Job | undefined> {
	const timeoutMs = Math.max(MIN_TIMEOUT_MS, shareMs) * 2 ** attempt.timeouts;
	const endsAt = Date.now() + Math.min(MAX_TIMEOUT_MS, timeoutMs);
	const deadline = Math.min(connection.deadline, endsAt);
	attempt.failures++;
	try {
		const job = await getJob({ ...connection, deadline, isTriedOnce: true }, id);
		if (matchesEvent(job, event)) return job;
		attempt.mismatches++;
		if (attempt.mismatches >= WARN_AFTER_MISMATCHES) {
			warn(connection, mismatchWarning(id, job, attempt));
		}
		return undefined;
	} catch (error) {
		if (Date.now() >= deadline - TIMER_TOLERANCE_MS) attempt.timeouts++;
		throw error as NodeApiError;
	}
}

/**
 * The details of due jobs, in their order, as far as the time allows. Each is requested once. If that
 * fails, or the details do not match the list yet, the job stays due, and the next poll requests it after
 * the others.
 *
 * @throws {NodeApiError} when none could be fetched, for a reason that affects all jobs
 */
export async function fetchDetails(
	connection: Connection,
	trigger: string,
	due: JobSummary[],
	event: TriggerEvent,
): Promise<FetchedJob[]> {
	const attempts = attemptsFor(trigger, due);
	const queue = due
		.map(({ job_id: id }) => id)
		.sort((a, b) => attempts.get(a)!.failures - attempts.get(b)!.failures);
	const fetched = new Map<string, Job>();
	let sharedError: NodeApiError | undefined;
	// A late request could end after the poll on a busy machine, and n8n would drop the whole poll.
	const lastStart = (Date.now() + connection.deadline) / 2;
	const shareMs = (lastStart - Date.now()) / Math.ceil(due.length / MAX_PARALLEL);
	const mayStart = () =>
		Date.now() < Math.min(lastStart, connection.deadline) && sharedError?.httpCode !== '429';

	const worker = async () => {
		while (queue.length > 0 && mayStart()) {
			const id = queue.shift()!;
			const attempt = attempts.get(id)!;
			try {
				const job = await fetchOne(connection, id, event, attempt, shareMs);
				if (job) fetched.set(id, job);
			} catch (thrown) {
				const error = thrown as NodeApiError;
				warn(connection, error.message);
				if (sharedError?.httpCode !== '429' && affectsAllJobs(error, attempt)) sharedError = error;
			}
		}
	};
	await Promise.all(Array.from({ length: MAX_PARALLEL }, worker));

	if (fetched.size === 0 && sharedError) throw sharedError;
	if (fetched.size === 0 && queue.length > 0) {
		warn(connection, `Jobs not requested in time: ${queue.length}. The next poll requests them.`);
	}
	return due.flatMap(({ job_id: id }) => (fetched.has(id) ? [{ id, job: fetched.get(id)! }] : []));
}
