/** Far above the needs of a busy machine, and far below the minutes of a wrong algorithm. */
const STALL_MS = 30_000;

/** Runs what would stall n8n for minutes if its cost grew faster than its input. */
export function promptly<Result>(run: () => Result): Result {
	const startedAt = performance.now();
	const result = run();
	expect(performance.now() - startedAt).toBeLessThan(STALL_MS);
	return result;
}
