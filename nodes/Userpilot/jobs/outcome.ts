import { listJobsIfReachable } from '../api/calls';
import { pause, throwIfStopped } from '../api/connection';
import type { Connection } from '../api/connection';
import { neverConnected } from '../api/networkErrors';
import { isSuccess, parseJson } from '../api/response';
import type { Answer, Response } from '../api/response';
import { createdExportSchema } from '../api/schemas';
import type { JobSummary } from '../api/schemas';
import { isStartedHere } from './account';
import type { Account, Attempt, Doubt } from './account';
import { severalJobsError } from './startErrors';

/** What a POST did. `maybe`: nobody knows whether it started an export. `refused`: it started nothing. */
export type Outcome =
	| { kind: 'created'; job: NonNullable<Attempt['job']> }
	| { kind: 'conflict'; response: Response }
	| { kind: 'maybe'; doubt: Doubt }
	| { kind: 'refused'; answer: Answer };

/** For so long after a POST, the list may not show the job that it started: up to 10 s have to be reckoned with. */
const LIST_LAG_MS = 12_000;
const LIST_INTERVAL_MS = 2_000;
/** Of one look at the list after a lost response: the next one is the retry. */
const LIST_TIMEOUT_MS = 10_000;

/** A gateway that gives up, or a server that fails, may have carried out the request before. */
function mayHaveStarted(answer: Answer): boolean {
	if (answer.kind === 'failure') return !neverConnected(answer.code);
	return answer.status < 300 || answer.status === 408 || answer.status >= 500;
}

/** What the response to a POST says it did. */
export function outcomeOf(answer: Answer, listed: JobSummary[]): Outcome {
	if (answer.kind === 'response' && answer.status === 409) {
		return { kind: 'conflict', response: answer };
	}
	const created = isSuccess(answer) && createdExportSchema.safeParse(parseJson(answer.text));
	if (created && created.success) return { kind: 'created', job: created.data };
	if (!mayHaveStarted(answer)) return { kind: 'refused', answer };
	const knownBefore = new Set(listed.map(({ job_id }) => job_id));
	return { kind: 'maybe', doubt: { knownBefore, since: Date.now(), answer } };
}

/**
 * Finds out what a POST did whose response was lost: ours is the job that is listed now, was not listed
 * before, and belongs to no other request. Only a list that has had the time to catch up can tell that
 * there is none.
 *
 * @returns `maybe` where no such list can be had
 * @throws {NodeApiError} when several are new, because nothing tells which is ours
 */
export async function resolve(
	connection: Connection,
	account: Account,
	doubt: Doubt,
): Promise<Outcome> {
	const { knownBefore, since, answer } = doubt;
	// A clock that was set back meanwhile must not prolong this.
	const caughtUpAt = Math.min(since, Date.now()) + LIST_LAG_MS;
	for (;;) {
		const leftMs = caughtUpAt - Date.now();
		const deadline = Math.min(connection.deadline, Date.now() + LIST_TIMEOUT_MS);
		const listed = await listJobsIfReachable({
			...connection,
			deadline,
			isTriedOnce: true,
		}).catch(() => undefined);
		throwIfStopped(connection.context);
		const fresh = (listed ?? []).filter(
			(job) => !knownBefore.has(job.job_id) && !isStartedHere(account, job),
		);
		if (fresh.length > 1) throw severalJobsError(connection, fresh);
		if (fresh[0]) return { kind: 'created', job: fresh[0] };
		if (leftMs <= 0) return listed ? { kind: 'refused', answer } : { kind: 'maybe', doubt };
		await pause(connection.context, Math.min(LIST_INTERVAL_MS, leftMs));
	}
}
