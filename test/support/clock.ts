/** What a run would take in real time. */
export interface Timed<T> {
	result: T;
	elapsedMs: number;
}

const STEP_MS = 50;
/** Our pauses are slices of 250 ms, n8n's pause between two tries is 1 s; longer timers are timeouts. */
const MAX_PAUSE_MS = 1_000;

/** A request that nock handles is done after fewer turns of the event loop. */
const QUIET_TURNS = 40;

/** A server must be silent for this many turns before the clock leaps over its silence. */
const SILENT_TURNS = 1_500;
/** Between two leaps over a silence, so that a server on a busy machine notices that its client has left. */
const LEAP_TURNS = 50;
const SILENT_STEP_MS = 1_000;

/** A run that takes longer than this in real time hangs. */
const MAX_REAL_MS = 180_000;

/** Counts the pauses that run on the fake clock, and all that have begun. */
function watchPauses() {
	const fakeSetTimeout = globalThis.setTimeout;
	const pauses = { underWay: 0, begun: 0 };
	globalThis.setTimeout = ((callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
		if (ms > MAX_PAUSE_MS) return fakeSetTimeout(callback, ms, ...args);
		pauses.underWay++;
		pauses.begun++;
		return fakeSetTimeout(() => {
			pauses.underWay--;
			callback(...args);
		}, ms);
	}) as typeof setTimeout;
	return pauses;
}

/** Jest leaves this one on the real clock, on which a slow machine would run out of time. */
function fakeTimeoutSignals() {
	const real = AbortSignal.timeout;
	AbortSignal.timeout = (ms) => {
		const controller = new AbortController();
		// Always longer than a pause, as the time limit of a request is none.
		setTimeout(() => controller.abort(), Math.max(ms, MAX_PAUSE_MS + 1));
		return controller.signal;
	};
	return () => {
		AbortSignal.timeout = real;
	};
}

/**
 * Runs something on a clock of its own that stands still during requests and leaps over pauses. Only timers
 * and the date are replaced; requests and streams stay real.
 *
 * @param isSilent whether a server is keeping its client waiting, which the clock leaps over too
 */
export async function onFastClock<T>(
	start: string,
	run: () => Promise<T>,
	isSilent = () => false,
): Promise<Timed<T>> {
	jest.useFakeTimers({
		now: new Date(start),
		doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'performance'],
	});
	const restoreTimeoutSignals = fakeTimeoutSignals();
	const pauses = watchPauses();
	try {
		let isSettled = false;
		const begun = Date.now();
		const running = run().finally(() => {
			isSettled = true;
		});
		// Rethrown below; here it must not count as unhandled.
		running.catch(() => {});
		const giveUpAt = performance.now() + MAX_REAL_MS;
		let pausesSeen = 0;
		for (let quietTurns = 0; !isSettled; quietTurns++) {
			if (performance.now() > giveUpAt) throw new Error('The run hangs');
			await new Promise(setImmediate);
			if (pauses.begun !== pausesSeen) quietTurns = 0;
			pausesSeen = pauses.begun;
			if (pauses.underWay > 0) {
				if (quietTurns >= QUIET_TURNS) jest.advanceTimersByTime(STEP_MS);
			} else if (!isSilent()) {
				quietTurns = 0;
			} else if (quietTurns >= SILENT_TURNS) {
				jest.advanceTimersByTime(SILENT_STEP_MS);
				quietTurns = SILENT_TURNS - LEAP_TURNS;
			}
		}
		return { result: await running, elapsedMs: Date.now() - begun };
	} finally {
		restoreTimeoutSignals();
		jest.useRealTimers();
	}
}
