import type { NodeApiError } from 'n8n-workflow';

import { getJob } from '../api/calls';
import type { Connection } from '../api/connection';
import type { Job, JobSummary } from '../api/schemas';
import type { TriggerEvent } from './memory';
import { matchesEvent } from './memory';

const JOBS_AT_ONCE = 10;
/** Of one request. Many jobs get less time each, so that those that hang cannot use up a poll. */
const MIN_TIMEOUT_MS = 2_000;
const MAX_TIMEOUT_MS = 10_000;
/** Timers can fire a little before their time. */
const TIMER_TOLERANCE_MS = 50;
/** A list that is ahead of the details by two polls is nothing unusual. */
const WARN_AFTER_MISMATCHES = 3;

/** What has become of a job that is still due, at earlier polls of this process. */
interface Attempts {
	/** All of them, because the job is still due. */
	failures: number;
	/** Each doubles the time that the next one gets. */
	timeouts: number;
	/** How often the details did not match the list. */
	mismatches: number;
}

/** By trigger, then by job. Lost with the process, which costs a poll or two and no job. */
const attemptsByTrigger = new Map<string, Map<string, Attempts>>();

/** The attempts at those jobs; others are forgotten. */
function attemptsAt(trigger: string, due: JobSummary[]): Map<string, Attempts> {
	const known = attemptsByTrigger.get(trigger);
	const attempts = new Map(
		due.map(({ job_id: id }) => [
			id,
			known?.get(id) ?? { failures: 0, timeouts: 0, mismatches: 0 },
		]),
	);
	if (due.length === 0) attemptsByTrigger.delete(trigger);
	else attemptsByTrigger.set(trigger, attempts);
	return attempts;
}

/** A job that is due, by the ID that the list gives it, with its details. */
export interface FetchedJob {
	id: string;
	job: Job;
}

/**
 * Errors that the other jobs would meet as well: the key, the plan, too many requests; a dropped
 * connection or a timeout only at the second poll, for the next poll is the retry.
 */
const concernsAllJobs = ({ httpCode }: NodeApiError, { failures }: Attempts) =>
	httpCode ? ['401', '403', '429'].includes(httpCode) : failures > 1;

/** Requests the details of one job, and notes in `attempt` what went wrong. */
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
		if (attempt.mismatches >= WARN_AFTER_MISMATCHES) warnOfMismatch(connection, id, job, attempt);
		return undefined;
	} catch (error) {
		if (Date.now() >= deadline - TIMER_TOLERANCE_MS) attempt.timeouts++;
		throw error as NodeApiError;
	}
}

/**
 * The details of those jobs, in their order, until the time is up. Each is requested once: a job whose
 * details cannot be had now, or do not match the list yet, is still due at the next poll. There it stands
 * behind those that have not failed, so that it never holds up the others.
 *
 * @throws {NodeApiError} when not one could be fetched, for a reason that concerns them all
 */
export async function fetchDetails(
	connection: Connection,
	trigger: string,
	due: JobSummary[],
	event: TriggerEvent,
): Promise<FetchedJob[]> {
	const attempts = attemptsAt(trigger, due);
	const queue = due
		.map(({ job_id: id }) => id)
		.sort((a, b) => attempts.get(a)!.failures - attempts.get(b)!.failures);
	const fetched = new Map<string, Job>();
	let general: NodeApiError | undefined;
	// None begins late: on a busy machine it would end too late, and n8n would drop the whole poll.
	const lastStart = (Date.now() + connection.deadline) / 2;
	const shareMs = (lastStart - Date.now()) / Math.ceil(due.length / JOBS_AT_ONCE);
	const mayBegin = () =>
		Date.now() < Math.min(lastStart, connection.deadline) && general?.httpCode !== '429';

	const work = async () => {
		while (queue.length > 0 && mayBegin()) {
			const id = queue.shift()!;
			const attempt = attempts.get(id)!;
			try {
				const job = await fetchOne(connection, id, event, attempt, shareMs);
				if (job) fetched.set(id, job);
			} catch (thrown) {
				const error = thrown as NodeApiError;
				warn(connection, error.message);
				if (general?.httpCode !== '429' && concernsAllJobs(error, attempt)) general = error;
			}
		}
	};
	await Promise.all(Array.from({ length: JOBS_AT_ONCE }, work));

	if (fetched.size === 0 && general) throw general;
	if (fetched.size === 0 && queue.length > 0) {
		const jobs = `${queue.length} ${queue.length === 1 ? 'job' : 'jobs'}`;
		warn(connection, `No time was left to request the details of ${jobs}. The next poll does.`);
	}
	return due.flatMap(({ job_id: id }) => (fetched.has(id) ? [{ id, job: fetched.get(id)! }] : []));
}

export const warn = ({ context }: Pick<Connection, 'context'>, message: string) =>
	context.logger?.warn(`Userpilot Trigger: ${message}`);

function warnOfMismatch(
	connection: Connection,
	id: string,
	{ status }: Job,
	{ mismatches }: Attempts,
) {
	const shown = status ? `"${status}"` : 'no status';
	warn(
		connection,
		`The list of jobs shows job "${id}" as finished, but its details show ${shown}, at ${mismatches} polls so far. The job fires as soon as its details match. If this continues, contact Userpilot support.`,
	);
}
