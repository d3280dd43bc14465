import { createExportRequest, listJobs, listJobsIfReachable } from '../api/calls';
import type { ExportRequest } from '../api/calls';
import { retryDelayMs, send } from '../api/client';
import { pause } from '../api/connection';
import type { ApiRequest, Connection } from '../api/connection';
import type { ApiResponse } from '../api/response';
import type { CreatedExport, JobSummary } from '../api/schemas';
import { accountOf, recordOutcome, recordStarted } from './account';
import type { Account, Attempt, Outcome } from './account';
import { ageMs, isInProgress, newestFirst, pollIntervalMs, unlistedIntervalMs } from './job';
import { findOutcome, outcomeOf } from './outcome';
import { conflictError, conflictTimeoutError, notStartedError } from './startErrors';

/** What to do when another export is running. */
export type OnConflict = 'fail' | 'wait' | 'useRunning';

export interface StartOptions {
	onConflict: OnConflict;
	/** How long the wait for another export may take, in ms. */
	maxWaitMs: number;
	/** What earlier tries of the same request left. */
	attempt: Attempt;
}

export interface StartedExport {
	job: CreatedExport | JobSummary;
	/** Whether another export is used, which was running already. */
	reused: boolean;
}

/** One request for an export. */
interface Start extends StartOptions {
	connection: Connection;
	account: Account;
	request: ApiRequest;
	/** Unix time in ms. */
	startedAt: number;
	/** Conflicts in a row with a job that was not listed. */
	unlisted: number;
}

/** `useRunning` gives up after this many conflicts with a job that is not listed. */
const MAX_UNLISTED_CONFLICTS = 3;

function throwIfTimedOut({ connection, account, maxWaitMs, startedAt }: Start): void {
	if (Date.now() - startedAt < maxWaitMs) return;
	throw conflictTimeoutError(connection, account.running, maxWaitMs);
}

/** Sends the POST once, unless an earlier one has started our export, or may have. */
async function post({ connection, account, request, attempt }: Start): Promise<Outcome> {
	const record = (outcome: Outcome) => recordOutcome(account, attempt, outcome);
	if (attempt.lost) {
		const earlier = record(await findOutcome(connection, account, attempt.lost));
		if (earlier.kind !== 'rejected') return earlier;
	}
	const listed = await listJobs(connection, 'list the jobs before starting the export');
	const outcome = record(outcomeOf(await send(connection, request), listed));
	if (outcome.kind === 'created') recordStarted(account, outcome.job);
	if (outcome.kind !== 'unknown') return outcome;
	return record(await findOutcome(connection, account, outcome.lost));
}

/**
 * Waits after a conflict until the other export has ended.
 *
 * @returns the running job if `onConflict` says to use it; undefined when it is time for another POST
 * @throws {NodeApiError} when `onConflict` says so, and after `maxWaitMs`
 */
async function settleConflict(
	start: Start,
	conflict: ApiResponse,
): Promise<JobSummary | undefined> {
	const { connection, account, onConflict, maxWaitMs, startedAt } = start;
	let listed = await listJobsIfReachable(connection);
	let jobs = listed ?? [];
	let awaited: string | undefined;
	for (let polls = 1; ; polls++) {
		const inProgress = jobs.filter(isInProgress).sort(newestFirst);
		const [running] = inProgress;
		account.running = running;
		if (running) start.unlisted = 0;
		if (onConflict === 'useRunning' && running) return running;
		// If the other export has ended, or is not listed, only another POST can tell whether it is our turn.
		const hasEnded = awaited !== undefined && !inProgress.some(({ job_id }) => job_id === awaited);
		if (hasEnded || (polls > 1 && listed && !running)) return undefined;
		if (!running) start.unlisted++;
		const givesUp = onConflict === 'useRunning' && start.unlisted >= MAX_UNLISTED_CONFLICTS;
		if (onConflict === 'fail' || givesUp) throw conflictError(connection, running, conflict);
		throwIfTimedOut(start);
		const waited = Date.now() - startedAt;
		const interval = running
			? pollIntervalMs(Math.max(waited, ageMs(running)))
			: unlistedIntervalMs(start.unlisted);
		await pause(connection.context, Math.min(interval, maxWaitMs - waited));
		awaited = running?.job_id;
		listed = await listJobsIfReachable(connection);
		jobs = listed ?? jobs;
	}
}

/** Sends the POST until it has started our export, or another one can be used. */
async function postUntilStarted(start: Start): Promise<StartedExport> {
	const { connection, account, request } = start;
	for (let tries = 1; ; tries++) {
		const outcome = await account.posts.run(
			connection.context,
			async () => await post(start),
			() => throwIfTimedOut(start),
		);
		if (outcome.kind === 'created') return { job: outcome.job, reused: false };
		if (outcome.kind === 'conflict') {
			const running = await settleConflict(start, outcome.response);
			if (running) return { job: running, reused: true };
			tries = 0;
			continue;
		}
		const delay =
			outcome.kind === 'rejected' ? retryDelayMs(outcome.result, tries, connection) : undefined;
		if (delay === undefined) throw notStartedError(connection, request, outcome);
		await pause(connection.context, delay);
	}
}

/**
 * Starts one export, and at most one per request.
 *
 * The jobs are listed before each POST. When its response is lost, our job is the one that was not listed
 * before. If there is none once the list is up to date, nothing was started, and the POST is sent again.
 * (An export that another program starts before the list could be read again looks like ours.)
 *
 * Requests of this process that wait start in the order they came.
 *
 * @throws {NodeApiError} when the API rejects the request; when another export is running and
 * `onConflict` says to fail (httpCode 409), or it takes too long; when it is not known which job is ours
 */
export async function startExport(
	connection: Connection,
	body: ExportRequest,
	options: StartOptions,
): Promise<StartedExport> {
	const { attempt, onConflict } = options;
	if (attempt.job) return { job: attempt.job, reused: false };
	const account = accountOf(connection);
	const request = createExportRequest(body);
	const start = { ...options, connection, account, request, startedAt: Date.now(), unlisted: 0 };
	if (onConflict !== 'wait') return await postUntilStarted(start);
	return await account.waiting.run(
		connection.context,
		async () => await postUntilStarted(start),
		() => throwIfTimedOut(start),
	);
}
