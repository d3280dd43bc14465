import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { npmFailure, runNpm } from '../../../playground/npm.ts';
import { showStep } from '../../../playground/progress.ts';

/** Has a package.json with what only these programs need. */
export const LIVE = fileURLToPath(new URL('..', import.meta.url));

const require = createRequire(path.join(LIVE, 'package.json'));

/** A module of these tools: S3 server, certificates, browser. */
export const requireTool = <T>(name: string): T => require(name) as T;

/**
 * Installs these tools, unless they are there.
 *
 * @param logs a folder for npm's log
 * @throws Failure with npm's words
 */
export async function installTools(logs: string): Promise<void> {
	const { dependencies } = require('./package.json') as { dependencies: Record<string, string> };
	const isThere = (name: string) => existsSync(path.join(LIVE, 'node_modules', name));
	if (Object.keys(dependencies).every(isThere)) return;
	const logFile = path.join(logs, 'npm.log');
	const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
	const exitCode = await showStep(
		'Installing the tools of the tests',
		async () => await runNpm({ args, cwd: LIVE, logFile }),
	);
	if (exitCode === 0) return;
	throw npmFailure('Installing the tools of the tests', readFileSync(logFile, 'utf8'), logFile);
}
