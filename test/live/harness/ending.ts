import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Failure } from '../../../playground/failure.ts';
import { killAllProcesses, stopAllProcesses } from '../../../playground/processes.ts';

/** Whatever ends this program, be it Ctrl-C, ends what it has started, too, and cleans up. */
export function atTheEnd(cleanUp: () => void): void {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.once(signal, () => {
			console.error(`Stopped by ${signal}`);
			process.exit(130);
		});
	}
	process.on('exit', () => {
		killAllProcesses();
		cleanUp();
	});
}

/** A new folder, which is gone at the end. */
export function temporaryFolder(name: string): string {
	const folder = mkdtempSync(path.join(tmpdir(), `userpilot-${name}-`));
	atTheEnd(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** Runs a program, tells why it failed, if it did, and ends what it has started. */
export async function runToTheEnd(program: () => Promise<void>): Promise<never> {
	try {
		await program();
	} catch (error) {
		process.exitCode = 1;
		console.error(error instanceof Failure ? `\n${error.message}` : error);
	}
	await stopAllProcesses();
	process.exit();
}
