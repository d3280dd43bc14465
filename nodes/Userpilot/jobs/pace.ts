const MIN_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 30_000;
/** Nothing tells when a job ends that is not listed. */
const UNLISTED_INTERVAL_MS = 5_000;

/**
 * The time between two polls for a job: a tenth of its age, 1 s to 30 s.
 *
 * @param ageMs how long the job has been running or waited for, in ms
 */
export const pollIntervalMs = (ageMs: number): number =>
	Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, ageMs / 10));

/**
 * The time until the next POST while a job is running that is not listed: 5 s, half as long again each
 * time, up to 30 s.
 */
export const unlistedIntervalMs = (refusals: number): number =>
	Math.min(MAX_INTERVAL_MS, UNLISTED_INTERVAL_MS * 1.5 ** (refusals - 1));
