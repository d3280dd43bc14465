import { createExportCall, listJobs, listJobsIfReachable } from '../api/calls';
import type { ExportRequest } from '../api/calls';
import { exchange, retryDelayMs } from '../api/client';
import { pause } from '../api/connection';
import type { ApiCall, Connection } from '../api/connection';
import { errorOf, unexpectedBodyError } from '../api/errors';
import { isSuccess } from '../api/response';
import type { Response } from '../api/response';
import type { CreatedExport, JobSummary } from '../api/schemas';
import { accountOf, noteOutcome, noteStarted } from './account';
import type { Account, Attempt } from './account';
import { ageMs, isInProgress, newestFirst, pollIntervalMs, unlistedIntervalMs } from './job';
import { outcomeOf, resolve } from './outcome';
import type { Outcome } from './outcome';
import { conflictError, outOfTimeError } from './startErrors';

/** What to do when the API says that another export is running. */
export type OnConflict = 'fail' | 'wait' | 'useRunning';

export interface StartOptions {
	onConflict: OnConflict;
	/** How long, in ms, the wait for another export may take. */
	maxWaitMs: number;
	/** What earlier tries of the same request left. */
	attempt: Attempt;
}

/** The job, and whether it is another's that was running already. */
export interface StartedExport {
	job: CreatedExport | JobSummary;
	reused: boolean;
}

/** `useRunning` gives up after so many refusals for a job that is not listed. */
const MAX_UNLISTED_REFUSALS = 3;

const DOUBT =
	'It is not known whether the export was started. Check with Job > Get Many before you start it again.';

/** Writes down what came of a request, the one place that does. */
function noted(account: Account, attempt: Attempt, outcome: Outcome): Outcome {
	const { kind } = outcome;
	noteOutcome(account, attempt, {
		job: kind === 'created' ? outcome.job : undefined,
		doubt: kind === 'maybe' ? outcome.doubt : undefined,
	});
	return outcome;
}

/** Sends the POST once, unless an earlier one has started our export, or may have. */
async function post(
	connection: Connection,
	account: Account,
	call: ApiCall,
	attempt: Attempt,
): Promise<Outcome> {
	const note = (outcome: Outcome) => noted(account, attempt, outcome);
	if (attempt.doubt) {
		const earlier = note(await resolve(connection, account, attempt.doubt));
		if (earlier.kind !== 'refused') return earlier;
	}
	const listed = await listJobs(connection, 'list the jobs before starting the export');
	const outcome = note(outcomeOf(await exchange(connection, call), listed));
	if (outcome.kind === 'created') noteStarted(account, outcome.job);
	if (outcome.kind !== 'maybe') return outcome;
	return note(await resolve(connection, account, outcome.doubt));
}

/** The error of an export that was not started, or of which that is not known. */
function notStartedError(
	connection: Connection,
	call: ApiCall,
	outcome: Extract<Outcome, { kind: 'maybe' | 'refused' }>,
) {
	const answer = outcome.kind === 'maybe' ? outcome.doubt.answer : outcome.answer;
	// A success that names no job was sent by something that may have started one all the same.
	if (isSuccess(answer)) {
		const advice = `${DOUBT} If this happens again`;
		return unexpectedBodyError(answer, connection, call, 'JSON with "job_id"', advice);
	}
	const error = errorOf(answer, connection, call);
	const verdict = outcome.kind === 'maybe' ? DOUBT : 'No export was started.';
	error.description = `${verdict} ${error.description}`;
	return error;
}

/** The wait of one request for other exports. */
interface Wait {
	/** Unix time in ms. */
	startedAt: number;
	/** Refusals, one after the other, for a job that was not listed. */
	unlisted: number;
}

/**
 * After a refusal because another export is running: waits until it has ended.
 *
 * @returns the running job, where `onConflict` says to use it; undefined when it is time to POST again
 * @throws {NodeApiError} when `onConflict`, or the time, says so
 */
async function settleConflict(
	connection: Connection,
	account: Account,
	conflict: Response,
	{ onConflict, maxWaitMs }: StartOptions,
	wait: Wait,
): Promise<JobSummary | undefined> {
	let listed = await listJobsIfReachable(connection);
	let jobs = listed ?? [];
	let awaited: string | undefined;
	for (let polls = 1; ; polls++) {
		const inProgress = jobs.filter(isInProgress).sort(newestFirst);
		const [running] = inProgress;
		account.running = running;
		if (running) wait.unlisted = 0;
		if (onConflict === 'useRunning' && running) return running;
		// What refused us has ended, or is not listed: only the API can tell whether it is our turn.
		const hasEnded = awaited !== undefined && !inProgress.some(({ job_id }) => job_id === awaited);
		if (hasEnded || (polls > 1 && listed && !running)) return undefined;
		if (!running) wait.unlisted++;
		if (
			onConflict === 'fail' ||
			(onConflict !== 'wait' && wait.unlisted >= MAX_UNLISTED_REFUSALS)
		) {
			throw conflictError(connection, running, conflict);
		}
		const waited = Date.now() - wait.startedAt;
		const interval = running
			? pollIntervalMs(Math.max(waited, ageMs(running)))
			: unlistedIntervalMs(wait.unlisted);
		if (waited >= maxWaitMs) throw outOfTimeError(connection, running, maxWaitMs);
		await pause(connection.context, Math.min(interval, maxWaitMs - waited));
		awaited = running?.job_id;
		listed = await listJobsIfReachable(connection);
		jobs = listed ?? jobs;
	}
}

function throwIfTimeIsUp(
	connection: Connection,
	{ running }: Account,
	{ maxWaitMs }: StartOptions,
	{ startedAt }: Wait,
): void {
	if (Date.now() - startedAt >= maxWaitMs) throw outOfTimeError(connection, running, maxWaitMs);
}

/** Sends the POST until it has started our export, or another one may be used. */
async function startInTurn(
	connection: Connection,
	account: Account,
	call: ApiCall,
	options: StartOptions,
	wait: Wait,
): Promise<StartedExport> {
	const { context } = connection;
	for (let tries = 1; ; tries++) {
		const outcome = await account.posting.inTurn(
			context,
			async () => await post(connection, account, call, options.attempt),
			() => throwIfTimeIsUp(connection, account, options, wait),
		);
		if (outcome.kind === 'created') return { job: outcome.job, reused: false };
		if (outcome.kind === 'conflict') {
			const { response } = outcome;
			const running = await settleConflict(connection, account, response, options, wait);
			if (running) return { job: running, reused: true };
			tries = 0;
			continue;
		}
		const delay =
			outcome.kind === 'refused' ? retryDelayMs(outcome.answer, tries, connection) : undefined;
		if (delay === undefined) throw notStartedError(connection, call, outcome);
		await pause(context, delay);
	}
}

/**
 * Starts one export, and never two for one request.
 *
 * The API allows one export at a time and knows no key that makes a repeated POST harmless. So the
 * jobs are listed before each POST: when its response is lost, our job is the one not listed before.
 * None new, once the list has caught up, means that nothing was started, and it is sent again. (An
 * export that another program starts in the same seconds cannot be told from ours.)
 *
 * Requests of this process take turns: first come, first served.
 *
 * @throws {NodeApiError} when the API refuses; when another export is running and `onConflict`, or
 * the time, says so (httpCode 409 for the first); when it cannot be told which job is ours
 */
export async function startExport(
	connection: Connection,
	body: ExportRequest,
	options: StartOptions,
): Promise<StartedExport> {
	const { attempt, onConflict } = options;
	if (attempt.job) return { job: attempt.job, reused: false };
	const account = accountOf(connection);
	const wait: Wait = { startedAt: Date.now(), unlisted: 0 };
	const call = createExportCall(body);
	const start = async () => await startInTurn(connection, account, call, options, wait);
	if (onConflict !== 'wait') return await start();
	return await account.waiting.inTurn(connection.context, start, () =>
		throwIfTimeIsUp(connection, account, options, wait),
	);
}
