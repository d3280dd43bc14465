import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { EXPORTS } from './paths';

/** A response, and the ms it takes (Infinity: never). A `failure` is the code of a dropped connection. */
export interface Scripted {
	status?: number;
	body?: unknown;
	headers?: Record<string, string>;
	afterMs?: number;
	failure?: string;
}

/** Responds to a path below the exports, such as `/jobs/` or `/jobs/a`. */
export type Script = (path: string) => Scripted;

/** Replaces n8n's request helper: a script responds to a request, which keeps its time limit. */
export type Transport = (options: IHttpRequestOptions) => Promise<IDataObject>;

const failing = (code: string) => Object.assign(new Error(`simulated ${code}`), { code });

/** Responds to requests by a script, without network, so that time may be virtual. */
export function transportOf(script: Script): Transport {
	return async ({ url, timeout = Infinity }) => {
		const path = new URL(url).pathname.replace(EXPORTS, '');
		const { status = 200, body, headers = {}, afterMs = 0, failure } = script(path);
		if (afterMs > 0) {
			await new Promise((resolve) => setTimeout(resolve, Math.min(afterMs, timeout)));
		}
		if (afterMs >= timeout) throw failing('ETIMEDOUT');
		if (failure) throw failing(failure);
		const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
		return { statusCode: status, headers, body: text };
	};
}

/** Turns of the event loop after which everything that waits for no timer has ended. */
const QUIET_TURNS = 2;

/**
 * Runs something that waits only for timers, on a clock that leaps from one to the next. `Date` shows the
 * virtual time.
 */
export async function inVirtualTime<T>(start: string | number, run: () => Promise<T>): Promise<T> {
	jest.useFakeTimers({
		now: new Date(start),
		doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'performance'],
	});
	const realTimeout = AbortSignal.timeout;
	AbortSignal.timeout = (ms) => {
		const controller = new AbortController();
		setTimeout(() => controller.abort(), ms);
		return controller.signal;
	};
	try {
		let isSettled = false;
		const running = run().finally(() => {
			isSettled = true;
		});
		running.catch(() => {});
		for (;;) {
			for (let turn = 0; turn < QUIET_TURNS && !isSettled; turn++) {
				await new Promise(setImmediate);
			}
			if (isSettled) return await running;
			if (jest.getTimerCount() === 0) throw new Error('It waits for something other than a timer');
			jest.advanceTimersToNextTimer();
		}
	} finally {
		AbortSignal.timeout = realTimeout;
		jest.useRealTimers();
	}
}
