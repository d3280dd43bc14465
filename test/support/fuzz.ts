/** Multiplies the number of runs, to search for faults: `FUZZ_TIMES=20 npm test -- fuzz`. */
const times = Number(process.env.FUZZ_TIMES ?? 1);

const MAX_MS = 40_000;

/** A test's own time limit. Shrinking an example must not outlast it, or its seed is never printed. */
export const FUZZ_TIMEOUT_MS = (MAX_MS + 20_000) * times;

/** A failure names the seed and the path that repeat it: `FUZZ_SEED=… npm test -- fuzz`. */
export const fuzzOptions = (numRuns: number) => ({
	numRuns: numRuns * times,
	interruptAfterTimeLimit: MAX_MS * times,
	...(process.env.FUZZ_SEED ? { seed: Number(process.env.FUZZ_SEED) } : {}),
});
