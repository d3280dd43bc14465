import type { Connection } from '../api/connection';
import type { Answer } from '../api/response';
import type { CreatedExport, JobSummary } from '../api/schemas';
import { startTime } from './job';
import { Queue } from './queue';

/** What the requests for exports with one API key share in this process. */
export interface Account {
	/** One POST at a time, until it is known what it did: so no two lost responses can be confused. */
	posting: Queue;
	/** Requests that wait for another export: the first one polls, and all learn from it. */
	waiting: Queue;
	/** The other export, as the one who polls for all sees it in the list. */
	running?: JobSummary;
	/** Jobs that a POST of this process has started, the oldest first. */
	started: Map<string, Started>;
	/** What nobody knows yet, the oldest first. */
	doubts: Set<Doubt>;
}

interface Started {
	/** As Userpilot tells it: Unix time in ms. */
	startTime: number;
	/** Unix time in ms. */
	since: number;
}

/** The API tells a job's start to the microsecond in one place, to the second in another. */
const SAME_TIME_MS = 1_000;

const accounts = new Map<string, Account>();

export function accountOf({ baseUrl, secrets }: Connection): Account {
	const key = JSON.stringify([baseUrl, secrets]);
	let account = accounts.get(key);
	if (!account) {
		account = {
			posting: new Queue(),
			waiting: new Queue(),
			started: new Map(),
			doubts: new Set(),
		};
		accounts.set(key, account);
	}
	return account;
}

/** Writes down what is known of a request now: its job, or a doubt, or neither. */
export function noteOutcome(account: Account, attempt: Attempt, known: Attempt): void {
	const { doubts } = account;
	if (attempt.doubt) doubts.delete(attempt.doubt);
	attempt.doubt = known.doubt;
	attempt.job = known.job;
	if (known.doubt) doubts.add(known.doubt);
	const isGone = ({ since }: Doubt) => Date.now() - since > JOB_LIFETIME_MS;
	for (const doubt of doubts) {
		if (isGone(doubt)) doubts.delete(doubt);
		// No other request may take it for its own.
		else if (known.job) doubt.knownBefore.add(known.job.job_id);
	}
	// Whoever is next will see in the list what is running then.
	if (known.job) account.running = undefined;
}

/** Notes the job of a POST, which the list may not show for a while. Jobs that are gone are dropped. */
export function noteStarted({ started }: Account, job: CreatedExport): void {
	const since = Date.now();
	started.set(job.job_id, { startTime: startTime(job), since });
	for (const [id, oldest] of started) {
		if (since - oldest.since <= JOB_LIFETIME_MS) break;
		started.delete(id);
	}
}

/** Whether a listed job is the one that a POST of this process has started. */
export const isStartedHere = ({ started }: Account, job: JobSummary): boolean =>
	Math.abs((started.get(job.job_id)?.startTime ?? NaN) - startTime(job)) < SAME_TIME_MS;

/** Userpilot lists a job, and can be asked about it, for so long. */
export const JOB_LIFETIME_MS = 3 * 24 * 60 * 60 * 1000;

/** A POST of which it is not known whether it started an export. */
export interface Doubt {
	/** The IDs that are not ours: listed just before it, or found to be another request's since. */
	knownBefore: Set<string>;
	/** When its response was lost, Unix time in ms. */
	since: number;
	/** What came in place of its response. */
	answer: Answer;
}

/**
 * What is unresolved of one requested export. n8n's Retry On Fail runs the whole node again in the
 * same process: with this, the next try goes on with the job of the one before.
 */
export interface Attempt {
	/** Our job, until it is delivered, has failed, or is gone. */
	job?: CreatedExport | JobSummary;
	doubt?: Doubt;
}

interface Kept {
	attempts: Attempt[];
	/** Unix time in ms. */
	keptAt: number;
}

/** By what identifies the request; the one that was kept last comes last. None of them is in use. */
const kept = new Map<string, Kept>();

/** What an earlier try of that request left, for this try alone; or a new attempt. */
export function takeAttempt(key: string): Attempt {
	const entry = kept.get(key);
	const attempt = entry?.attempts.shift();
	if (entry?.attempts.length === 0) kept.delete(key);
	return attempt ?? {};
}

/**
 * Keeps what is unresolved for a next try, for as long as Userpilot knows of the job. There is no limit
 * to their number: one execution may hold thousands, and n8n tries all of them again.
 */
export function keepAttempt(key: string, attempt: Attempt, now = Date.now()): void {
	if (!attempt.job && !attempt.doubt) return;
	const attempts = kept.get(key)?.attempts ?? [];
	kept.delete(key);
	kept.set(key, { attempts: [...attempts, attempt], keptAt: now });
	for (const [oldest, { keptAt }] of kept) {
		if (now - keptAt <= JOB_LIFETIME_MS) break;
		kept.delete(oldest);
	}
}
