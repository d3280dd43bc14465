import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Failure } from './failure.ts';
import { commandOf, stopLeftover, watchProcesses } from './processes.ts';

interface LockContent {
	/** The process that uses the folder. */
	pid: number;
	/** What it has started. */
	children: number[];
}

/**
 * Claims the data folder for this process until it ends: two n8ns on one database would spoil it.
 * What an earlier run left behind, because it was killed, is stopped first.
 *
 * @throws Failure when another run is using the folder
 */
export async function claimFolder(folder: string): Promise<void> {
	mkdirSync(folder, { recursive: true });
	const file = path.join(folder, 'lock.json');
	const previous = read(file);
	if (previous !== undefined && isPlayground(previous.pid)) {
		throw new Failure(
			`The playground is already running (process ${previous.pid}). End it with Ctrl-C in its terminal, then run npm start again.`,
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

/** The system may have given the id of a run that was killed to any other process since. */
function isPlayground(pid: number): boolean {
	return pid !== process.pid && /playground\/start\./.test(commandOf(pid) ?? '');
}
