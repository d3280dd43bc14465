import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { Failure } from '../../../playground/failure.ts';
import { freePort, LOOPBACK } from '../../../playground/ports.ts';
import { startProcess } from '../../../playground/processes.ts';
import { until } from './until.ts';

const READY_TIMEOUT_MS = 30_000;

export interface Redis {
	port: number;
	pid: number;
	stop(): Promise<void>;
}

/**
 * Starts a Redis of its own, on a free port of the loopback interface; it keeps everything in memory.
 *
 * @param folder for its log
 * @throws Failure when it is not installed, or does not become ready
 */
export async function startRedis(folder: string): Promise<Redis> {
	mkdirSync(folder, { recursive: true });
	const port = await freePort();
	const logFile = path.join(folder, 'redis.log');
	const running = await startProcess({
		command: 'redis-server',
		args: ['--port', String(port), '--bind', LOOPBACK, '--save', '', '--dir', folder],
		cwd: folder,
		logFile,
	}).catch(() => {
		throw new Failure('Redis is missing. On Debian or Ubuntu: apt-get install redis-server');
	});
	const isReady = () => readFileSync(logFile, 'utf8').includes('Ready to accept connections');
	if (!(await until(() => isReady() || !running.running, READY_TIMEOUT_MS)) || !running.running) {
		throw new Failure(`Redis did not start: ${readFileSync(logFile, 'utf8')}`);
	}
	return { port, pid: running.pid, stop: async () => await running.stop() };
}
