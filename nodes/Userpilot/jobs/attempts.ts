import type { Answer } from '../api/answer';
import type { CreatedExport, JobSummary } from '../api/schemas';

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
