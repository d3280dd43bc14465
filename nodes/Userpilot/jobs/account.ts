import type { Connection } from '../api/connection';
import type { ApiResponse, ApiResult } from '../api/response';
import type { CreatedExport, JobSummary } from '../api/schemas';
import { startTime } from './job';
import { Queue } from './queue';

/** A POST whose response was lost. */
export interface LostResponse {
	/** IDs that are not ours: listed just before the POST, or found to be another request's since. */
	knownBefore: Set<string>;
	/** Unix time in ms. */
	since: number;
	/** What came instead of the response. */
	result: ApiResult;
}

/** What a POST did. `unknown`: it may have started an export. `rejected`: it has not. */
export type Outcome =
	| { kind: 'created'; job: CreatedExport | JobSummary }
	| { kind: 'conflict'; response: ApiResponse }
	| { kind: 'unknown'; lost: LostResponse }
	| { kind: 'rejected'; result: ApiResult };

/**
 * The state of one requested export. n8n's Retry On Fail runs the whole node again in the same process:
 * with this, the next try continues with the job of the one before.
 */
export interface Attempt {
	/** Our job, until its data is returned, or it has failed or is gone. */
	job?: CreatedExport | JobSummary;
	lost?: LostResponse;
}

/** What all exports with one API key share in this process. */
export interface Account {
	/** Sends one POST at a time, until its outcome is known, so that two lost responses cannot be confused. */
	posts: Queue;
	/** The requests that wait for another export: the first one polls for all. */
	waiting: Queue;
	/** The other export, as the first one last saw it in the list. */
	running?: JobSummary;
	/** Jobs that this process has started, by ID, oldest first. `startTime` is that of the API. */
	started: Map<string, { startTime: number; since: number }>;
	/** Oldest first. */
	lost: Set<LostResponse>;
}

const accounts = new Map<string, Account>();

export function accountOf({ baseUrl, secrets }: Connection): Account {
	const key = JSON.stringify([baseUrl, secrets]);
	const account = accounts.get(key) ?? {
		posts: new Queue(),
		waiting: new Queue(),
		started: new Map(),
		lost: new Set(),
	};
	accounts.set(key, account);
	return account;
}

/** How long Userpilot lists a job and answers requests about it. */
const JOB_LIFETIME_MS = 3 * 24 * 60 * 60 * 1000;

/** Drops what is about jobs that are gone. The oldest entries must come first. */
function dropExpired<Key>(collection: {
	entries(): Iterable<[Key, { since: number }]>;
	delete(key: Key): unknown;
}): void {
	for (const [key, { since }] of collection.entries()) {
		if (Date.now() - since <= JOB_LIFETIME_MS) break;
		collection.delete(key);
	}
}

/** Remembers what is known of a request now. */
export function recordOutcome(account: Account, attempt: Attempt, outcome: Outcome): Outcome {
	const { lost } = account;
	if (attempt.lost) lost.delete(attempt.lost);
	attempt.lost = outcome.kind === 'unknown' ? outcome.lost : undefined;
	attempt.job = outcome.kind === 'created' ? outcome.job : undefined;
	if (attempt.lost) lost.add(attempt.lost);
	dropExpired(lost);
	if (attempt.job) {
		// No other request may take it for its own.
		for (const { knownBefore } of lost) knownBefore.add(attempt.job.job_id);
		// The next request will see in the list what is running then.
		account.running = undefined;
	}
	return outcome;
}

/** Remembers the job of a POST, because the list may not show it for a while. */
export function recordStarted({ started }: Account, job: CreatedExport | JobSummary): void {
	started.set(job.job_id, { startTime: startTime(job), since: Date.now() });
	dropExpired(started);
}

/** The API reports the start of a job to the microsecond in one place, and to the second in another. */
const SAME_TIME_MS = 1_000;

/** Whether this process has started a listed job. */
export const isStartedHere = ({ started }: Account, job: JobSummary): boolean =>
	Math.abs((started.get(job.job_id)?.startTime ?? NaN) - startTime(job)) < SAME_TIME_MS;

/** Attempts that no running execution is using, by request, oldest first. */
const unfinished = new Map<string, { attempts: Attempt[]; since: number }>();

/** What an earlier try of that request left, for this try alone; or a new attempt. */
export function takeAttempt(key: string): Attempt {
	const attempts = unfinished.get(key)?.attempts;
	const attempt = attempts?.shift();
	if (attempts?.length === 0) unfinished.delete(key);
	return attempt ?? {};
}

/**
 * Keeps an unfinished attempt for the next try, while Userpilot knows the job. Their number has no limit:
 * one execution may hold thousands, and n8n tries all of them again.
 */
export function keepAttempt(key: string, attempt: Attempt): void {
	if (!attempt.job && !attempt.lost) return;
	const attempts = unfinished.get(key)?.attempts ?? [];
	unfinished.delete(key);
	unfinished.set(key, { attempts: [...attempts, attempt], since: Date.now() });
	dropExpired(unfinished);
}
