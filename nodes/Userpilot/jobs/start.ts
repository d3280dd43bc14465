import type { Answer, Response } from '../api/answer';
import { isSuccess, parseJson, wordsOf } from '../api/answer';
import type { ExportRequest } from '../api/calls';
import { createExportCall, listJobs, listJobsIfReachable } from '../api/calls';
import type { ApiCall, Connection } from '../api/context';
import { errorOf, nodeApiError, unexpectedBodyError } from '../api/errors';
import { pause } from '../api/pause';
import { exchange, retryDelayMs } from '../api/request';
import type { CreatedExport, JobSummary } from '../api/schemas';
import { createdExportSchema } from '../api/schemas';
import type { Attempt } from './attempts';
import { pauseBetweenLooksMs } from './pace';
import { isRunning } from './status';
import { formatUtc, inMinutes, newestFirst } from './time';

/** What to do when the API says that another export is running. */
export type OnConflict = 'fail' | 'wait' | 'useRunning';

export interface StartOptions {
	onConflict: OnConflict;
	/** How long, in ms, the wait for another export may take. */
	maxWaitMs: number;
	/** What earlier tries of the same wish left. */
	attempt: Attempt;
}

/** The job, and whether it is another's that was running already. */
export interface StartedExport {
	job: CreatedExport | JobSummary;
	reused: boolean;
}

/** A job that ends between our POST and our look at the list is not listed as running: try this often. */
const MAX_UNLISTED_CONFLICTS = 3;

const idsOf = (jobs: JobSummary[]): ReadonlySet<string> =>
	new Set(jobs.map(({ job_id }) => job_id));

/** The job that is running now. One whose status we do not know may be a relic, so it comes last. */
function runningJob(jobs: JobSummary[]): JobSummary | undefined {
	const running = jobs.filter(isRunning).sort(newestFirst);
	return running.find(({ status }) => status === 'in_progress') ?? running[0];
}

const describeJob = ({ job_id, start_time, status, progress }: JobSummary) =>
	`job "${job_id}" (${[status, progress].filter(Boolean).join(', ')}, started ${formatUtc(start_time)})`;

/**
 * Our job among those listed, after a POST whose fate is unknown: the one that was not listed before.
 *
 * @throws {NodeApiError} when several are new, because nothing tells which is ours
 */
function jobOfLostAnswer(
	connection: Connection,
	jobs: JobSummary[],
	{ knownBefore }: Attempt,
): JobSummary | undefined {
	const fresh = knownBefore ? jobs.filter(({ job_id }) => !knownBefore.has(job_id)) : [];
	if (fresh.length > 1) {
		throw nodeApiError(connection, {
			message: `The answer to the export was lost, and ${fresh.length} jobs have started since: ${fresh.map(describeJob).join('; ')}. Nothing tells which one is ours`,
			description:
				'Look at these jobs, and go on with the right one: Job > Get by its ID. No further export was started.',
		});
	}
	return fresh[0];
}

type PostResult = { job: CreatedExport | JobSummary } | { conflict: Response };

/**
 * Sends the POST until the API has taken it, or refused it because another export is running.
 *
 * @throws {NodeApiError} for every other refusal, and when the API stays out of reach
 */
async function post(connection: Connection, call: ApiCall, attempt: Attempt): Promise<PostResult> {
	for (let tries = 1; ; tries++) {
		const listed = await listJobs(connection, 'list the jobs before starting the export');
		const found = jobOfLostAnswer(connection, listed, attempt);
		if (found) return { job: found };

		const answer = await exchange(connection, call);
		if (answer.kind === 'response' && answer.status === 409) return { conflict: answer };
		// From here on an export may be running: only a list with a new job, or with none, will tell.
		if (mayHaveStarted(answer)) attempt.knownBefore ??= idsOf(listed);
		if (isSuccess(answer)) {
			const { success, data } = createdExportSchema.safeParse(parseJson(answer.text));
			return { job: success ? data : await lastLook(connection, call, attempt, answer) };
		}

		const delay = retryDelayMs(answer, tries, connection);
		if (delay === undefined) return { job: await lastLook(connection, call, attempt, answer) };
		await pause(connection.context, delay);
	}
}

function mayHaveStarted(answer: Answer): boolean {
	return answer.kind === 'failure' || answer.status < 300 || answer.status >= 500;
}

const DOUBT =
	'It is not known whether the export was started: look with Job > Get Many before you start it again.';

/**
 * Before giving up: the export may have started all the same, also where the answer says nothing of a job.
 *
 * @throws {NodeApiError} that says whether an export was started, as far as that is known
 */
async function lastLook(connection: Connection, call: ApiCall, attempt: Attempt, answer: Answer) {
	let verdict = 'No export was started.';
	if (attempt.knownBefore) {
		const listed = await listJobs(connection).catch(() => undefined);
		const found = listed && jobOfLostAnswer(connection, listed, attempt);
		if (found) return found;
		if (!listed) verdict = DOUBT;
	}
	if (isSuccess(answer)) {
		const advice = `${DOUBT} If such an answer comes again`;
		throw unexpectedBodyError(answer, connection, call, 'JSON with "job_id"', advice);
	}
	const error = errorOf(answer, connection, call);
	error.description = `${verdict} ${error.description}`;
	throw error;
}

function conflictError(
	connection: Connection,
	running: JobSummary | undefined,
	conflict: Response,
) {
	const words = wordsOf(parseJson(conflict.text));
	const description = [
		'Nothing was started.',
		connection.itemIndex &&
			'This node starts one export for each input item; if one is enough, turn on Settings > Execute Once.',
		'Set Options > When Another Export Is Running to wait for it or to go on with it, or run this again when it has finished.',
		words && `Userpilot's words: ${words}`,
	];
	return nodeApiError(
		connection,
		{
			message: running
				? `Userpilot runs one export at a time, and another one is running: ${describeJob(running)}`
				: 'Userpilot runs one export at a time, and another one is running that is not in the list of this API key',
			description: description.filter(Boolean).join(' '),
		},
		409,
	);
}

function outOfTimeError(
	connection: Connection,
	running: JobSummary | undefined,
	maxWaitMs: number,
) {
	const other = running ? describeJob(running) : 'the other export';
	return nodeApiError(connection, {
		message: `Waited ${inMinutes(maxWaitMs)} for ${other} to finish. Our own export was not started`,
		description:
			'Raise Options > Max Wait (Minutes), or start this workflow with the Userpilot Trigger, which fires when that job has finished.',
	});
}

/**
 * What to do about another export that is running: use it, or wait until it has ended. Undefined when
 * the way is free for another try.
 */
async function settleConflict(
	connection: Connection,
	conflict: Response,
	{ onConflict, maxWaitMs, attempt }: StartOptions,
	{ startedAt, isLastTry }: { startedAt: number; isLastTry: boolean },
): Promise<StartedExport | undefined> {
	let jobs = await listJobs(connection);
	for (let looks = 1; ; looks++) {
		const found = jobOfLostAnswer(connection, jobs, attempt);
		if (found) return { job: found, reused: false };
		const running = runningJob(jobs);
		// A job known before is running: so no earlier POST of ours has started anything. When none is
		// listed, what refuses us may be our own job that is not listed yet.
		if (running) attempt.knownBefore = undefined;

		if (onConflict === 'useRunning' && running) return { job: running, reused: true };
		// A status that we do not know is left to the POST: the API knows what it means by it.
		if (looks > 1 && running?.status !== 'in_progress') return undefined;
		if (onConflict === 'fail' || (onConflict === 'useRunning' && isLastTry)) {
			throw conflictError(connection, running, conflict);
		}
		const waited = Date.now() - startedAt;
		const delay = pauseBetweenLooksMs(waited);
		if (waited + delay > maxWaitMs) throw outOfTimeError(connection, running, maxWaitMs);
		await pause(connection.context, delay);
		jobs = (await listJobsIfReachable(connection)) ?? jobs;
	}
}

/**
 * Starts one export, and never two for one wish.
 *
 * The API allows one export at a time and knows no key that makes a repeated POST harmless. So the
 * jobs are listed before each POST: when its answer is lost, our job is the one not listed before.
 * None new means that nothing was started, and it is sent again. (A stranger's export that starts in
 * the same seconds cannot be told from ours.)
 *
 * @throws {NodeApiError} when the API refuses; when another export is running and `onConflict`, or
 * the time, says so (httpCode 409 for the first); when it cannot be told which job is ours
 */
export async function startExport(
	connection: Connection,
	body: ExportRequest,
	options: StartOptions,
): Promise<StartedExport> {
	const { attempt } = options;
	const call = createExportCall(body);
	const startedAt = Date.now();
	let started: StartedExport | undefined = attempt.created && {
		job: attempt.created,
		reused: false,
	};
	for (let tries = 1; !started; tries++) {
		const result = await post(connection, call, attempt);
		const isLastTry = tries === MAX_UNLISTED_CONFLICTS;
		started =
			'job' in result
				? { job: result.job, reused: false }
				: await settleConflict(connection, result.conflict, options, { startedAt, isLastTry });
	}
	if (!started.reused) attempt.created = started.job;
	return started;
}
