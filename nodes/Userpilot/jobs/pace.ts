const SHORTEST_MS = 1_000;
const LONGEST_MS = 30_000;

/** The pause between two looks at a job: a tenth of the time waited so far, 1 s to 30 s. */
export function pauseBetweenLooksMs(waitedMs: number): number {
	return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, waitedMs / 10));
}
