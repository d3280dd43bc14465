import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from '../../../playground/failure.ts';
import type { RunningProcess } from '../../../playground/processes.ts';

const CHECK_EVERY_MS = 25;
const LOG_TAIL_CHARS = 2_000;

/**
 * The result of a process: the first line of its output that is a JSON object.
 *
 * @throws Failure with the end of its output when it ends without one
 */
export async function jsonLine<T>(running: RunningProcess, name: string): Promise<T> {
	for (;;) {
		const hasEnded = !running.running;
		const log = readFileSync(running.logFile, 'utf8');
		const line = /^\{.*\}$/m.exec(log)?.[0];
		if (line !== undefined) return JSON.parse(line) as T;
		if (hasEnded) throw new Failure(`${name} failed:\n${log.slice(-LOG_TAIL_CHARS)}`);
		await sleep(CHECK_EVERY_MS);
	}
}
