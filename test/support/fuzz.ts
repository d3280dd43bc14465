/** How many times as many runs; for whoever looks for faults: `FUZZ_TIMES=20 npm test -- fuzz`. */
const times = Number(process.env.FUZZ_TIMES ?? 1);

const MOST_MS = 40_000;

/** For a test's own time limit: looking for the shortest example must not outlast it, or its seed is never printed. */
export const FUZZ_TIMEOUT_MS = (MOST_MS + 20_000) * times;

/** A failure names the seed and the path that lead to it again: `FUZZ_SEED=… npm test -- fuzz`. */
export const fuzzOptions = (numRuns: number) => ({
	numRuns: numRuns * times,
	interruptAfterTimeLimit: MOST_MS * times,
	...(process.env.FUZZ_SEED ? { seed: Number(process.env.FUZZ_SEED) } : {}),
});
