import { listJobsIfReachable } from '../api/calls';
import { pause, throwIfStopped } from '../api/connection';
import type { Connection } from '../api/connection';
import { neverConnected } from '../api/networkErrors';
import { isSuccess, parseJson } from '../api/response';
import type { ApiResult } from '../api/response';
import { createdExportSchema } from '../api/schemas';
import type { JobSummary } from '../api/schemas';
import { isStartedHere } from './account';
import type { Account, LostResponse, Outcome } from './account';
import { severalJobsError } from './startErrors';

/** How long after a POST the list may not show its job: up to 10 s were seen, and some more to be safe. */
const LIST_LAG_MS = 12_000;
const LIST_INTERVAL_MS = 2_000;
/** For one request of the list, without retries: the next request is the retry. */
const LIST_TIMEOUT_MS = 10_000;

/** A gateway that times out, or a server that fails, may have done the work before. */
function mayHaveStarted(result: ApiResult): boolean {
	if (result.kind === 'failure') return !neverConnected(result.code);
	return result.status < 300 || result.status === 408 || result.status >= 500;
}

/**
 * What a POST did, by its result.
 *
 * @param listed the jobs just before it
 */
export function outcomeOf(result: ApiResult, listed: JobSummary[]): Outcome {
	if (result.kind === 'response' && result.status === 409) {
		return { kind: 'conflict', response: result };
	}
	const created = isSuccess(result) && createdExportSchema.safeParse(parseJson(result.text));
	if (created && created.success) return { kind: 'created', job: created.data };
	if (!mayHaveStarted(result)) return { kind: 'rejected', result };
	const knownBefore = new Set(listed.map(({ job_id }) => job_id));
	return { kind: 'unknown', lost: { knownBefore, since: Date.now(), result } };
}

/**
 * Finds out what a POST did whose response was lost. Its job is listed now, was not listed before, and
 * belongs to no other request. Only a list that is up to date can show that there is none.
 *
 * @returns `unknown` when there is no such list
 * @throws {NodeApiError} when several jobs are new, because it is not known which is ours
 */
export async function findOutcome(
	connection: Connection,
	account: Account,
	lost: LostResponse,
): Promise<Outcome> {
	const { knownBefore, since, result } = lost;
	// A clock that was set back meanwhile must not prolong this.
	const upToDateAt = Math.min(since, Date.now()) + LIST_LAG_MS;
	for (;;) {
		const leftMs = upToDateAt - Date.now();
		const deadline = Math.min(connection.deadline, Date.now() + LIST_TIMEOUT_MS);
		const request = listJobsIfReachable({ ...connection, deadline, isTriedOnce: true });
		const listed = await request.catch(() => undefined);
		throwIfStopped(connection.context);
		const newJobs = (listed ?? []).filter(
			(job) => !knownBefore.has(job.job_id) && !isStartedHere(account, job),
		);
		if (newJobs.length > 1) throw severalJobsError(connection, newJobs);
		if (newJobs[0]) return { kind: 'created', job: newJobs[0] };
		if (leftMs <= 0) return listed ? { kind: 'rejected', result } : { kind: 'unknown', lost };
		await pause(connection.context, Math.min(LIST_INTERVAL_MS, leftMs));
	}
}
