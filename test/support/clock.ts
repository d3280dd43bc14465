/** What a run would take by the clock on the wall. */
export interface Timed<T> {
	result: T;
	elapsedMs: number;
}

const STEP_MS = 50;
/** Our pauses are slices of a quarter of a second, n8n's between two tries 1 s; longer ones are timeouts. */
const LONGEST_PAUSE_MS = 1_000;

/** A call that nock answers is through after fewer turns of the event loop than this. */
const QUIET_TURNS = 40;

/** What a test knows to be silent is so for this many turns before the clock leaps over it. */
const SILENT_TURNS = 1_500;
/** Between two leaps over a silence, so that a server on a busy machine notices that its client has left. */
const LEAP_TURNS = 50;
const SILENT_STEP_MS = 1_000;

/** A run that takes longer than this in real time hangs. */
const MAX_REAL_MS = 180_000;

/** Counts the pauses that are under way on the fake clock, and those that ever began. */
function watchPauses() {
	const fakeSetTimeout = globalThis.setTimeout;
	const pauses = { underWay: 0, begun: 0 };
	globalThis.setTimeout = ((callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
		if (ms > LONGEST_PAUSE_MS) return fakeSetTimeout(callback, ms, ...args);
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
		// Always above what counts as a pause: a call's time limit is none.
		setTimeout(() => controller.abort(), Math.max(ms, LONGEST_PAUSE_MS + 1));
		return controller.signal;
	};
	return () => {
		AbortSignal.timeout = real;
	};
}

/**
 * Runs something on a clock of its own that stands still while calls are under way and leaps over
 * pauses. Only timers and the date are replaced; calls and streams stay real.
 *
 * @param isSilent whether a server is keeping its client waiting: the clock leaps over that, too
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
		// A failure is handed on below; here it must not count as unhandled.
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
