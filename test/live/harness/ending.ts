import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Failure } from '../../../playground/failure.ts';
import { killAllProcesses, stopAllProcesses } from '../../../playground/processes.ts';
import { elapsed } from '../../../playground/progress.ts';
import type { Findings } from './findings.ts';

/** A new folder, removed when this program ends. */
export function temporaryFolder(name: string, keep = false): string {
	const folder = mkdtempSync(path.join(tmpdir(), `userpilot-${name}-`));
	if (!keep) process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/**
 * Runs a program to its end, prints why it failed or what it found, and stops the processes it has
 * started. The last line counts the checks: .ci/run reads it.
 */
export async function runToTheEnd(program: () => Promise<Findings | void>): Promise<never> {
	const startedAt = Date.now();
	// Before the folders are removed, which is registered later.
	process.on('exit', killAllProcesses);
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.once(signal, () => {
			console.error(`Stopped by ${signal}`);
			process.exit(130);
		});
	}
	try {
		const findings = await program();
		if (findings) {
			console.log(`\nAfter ${elapsed(Date.now() - startedAt)}`);
			console.log(`${findings.passed} passed, ${findings.failed} failed`);
			if (findings.failed > 0) process.exitCode = 1;
		}
	} catch (error) {
		process.exitCode = 1;
		console.error(error instanceof Failure ? `\n${error.message}` : error);
	}
	await stopAllProcesses();
	process.exit();
}
