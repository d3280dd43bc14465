import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Failure } from './failure.ts';
import { commandOf, stopLeftover, watchProcesses } from './processes.ts';

interface LockContent {
	/** Id of the process that uses the folder. */
	pid: number;
	/** Ids of the processes that it started. */
	children: number[];
}

/**
 * Locks the data folder until this process ends, because two n8n on one database would corrupt it.
 * First stops the processes that an earlier run left behind when it was killed.
 *
 * @throws Failure when another run is using the folder
 */
export async function claimFolder(folder: string): Promise<void> {
	mkdirSync(folder, { recursive: true });
	const file = path.join(folder, 'lock.json');
	const previous = read(file);
	if (previous !== undefined && isPlayground(previous.pid)) {
		throw new Failure(
			`The playground is already running (process ${previous.pid}). Press Ctrl-C in its terminal, then run npm start again.`,
		);
	}
	for (const pid of previous?.children ?? []) {
		if (/\b(node|n8n)\b/.test(commandOf(pid) ?? '')) await stopLeftover(pid);
	}
	const write = (children: number[]) =>
		writeFileSync(file, JSON.stringify({ pid: process.pid, children } satisfies LockContent));
	write([]);
	watchProcesses(write);
	process.once('exit', () => rmSync(file, { force: true }));
}

function read(file: string): LockContent | undefined {
	try {
		return JSON.parse(readFileSync(file, 'utf8')) as LockContent;
	} catch {
		return undefined;
	}
}

/** Checks the command line, because the system may have reused the id of a killed run. */
function isPlayground(pid: number): boolean {
	return pid !== process.pid && /playground\/start\./.test(commandOf(pid) ?? '');
}
