import type { CreatedExport, JobSummary } from '../api/schemas';

/**
 * What is known of one wish for an export. n8n's Retry On Fail runs the whole node again in the same
 * process: with this, a second run finds the job that the first one started.
 */
export interface Attempt {
	/** Our job, once the API has named it. */
	created?: CreatedExport | JobSummary;
	/** Set while the fate of a POST is unknown: the ids that were listed just before it. */
	knownBefore?: ReadonlySet<string>;
}

const MAX_REMEMBERED = 1_000;
const attempts = new Map<string, Attempt>();

/** The attempt of that key, a new one where there is none. The oldest is forgotten beyond 1,000. */
export function attemptFor(key: string): Attempt {
	let attempt = attempts.get(key);
	if (!attempt) {
		attempt = {};
		attempts.set(key, attempt);
		const [oldest] = attempts.keys();
		if (attempts.size > MAX_REMEMBERED && oldest !== undefined) attempts.delete(oldest);
	}
	return attempt;
}
