/** What a run would take by the clock on the wall. */
export interface Timed<T> {
	result: T;
	elapsedMs: number;
}

const STEP_MS = 50;
/** Our pauses are slices of a quarter of a second, n8n's between two tries 1 s; longer ones are timeouts. */
const LONGEST_PAUSE_MS = 1_000;

/** A run that takes longer than this in real time hangs. */
const MAX_REAL_MS = 4_000;

/** Counts the pauses that are under way on the fake clock. */
function watchPauses() {
	const fakeSetTimeout = globalThis.setTimeout;
	let pauses = 0;
	globalThis.setTimeout = ((callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
		if (ms > LONGEST_PAUSE_MS) return fakeSetTimeout(callback, ms, ...args);
		pauses++;
		return fakeSetTimeout(() => {
			pauses--;
			callback(...args);
		}, ms);
	}) as typeof setTimeout;
	return () => pauses;
}

/**
 * Runs something on a clock of its own that stands still while calls are under way and leaps over
 * pauses. Only timers and the date are replaced; calls and streams stay real.
 */
export async function onFastClock<T>(start: string, run: () => Promise<T>): Promise<Timed<T>> {
	jest.useFakeTimers({
		now: new Date(start),
		doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'performance'],
	});
	const pauses = watchPauses();
	try {
		let isSettled = false;
		const begun = Date.now();
		const running = run().finally(() => {
			isSettled = true;
		});
		// A failure is handed on below; here it must not count as unhandled.
		running.catch(() => {});
		const giveUpAt = performance.now() + MAX_REAL_MS;
		while (!isSettled) {
			if (performance.now() > giveUpAt) throw new Error('The run hangs');
			await new Promise(setImmediate);
			if (!isSettled && pauses() > 0) jest.advanceTimersByTime(STEP_MS);
		}
		return { result: await running, elapsedMs: Date.now() - begun };
	} finally {
		jest.useRealTimers();
	}
}
