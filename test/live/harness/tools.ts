import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { npmFailure, runNpm } from '../../../playground/npm.ts';

/**
 * Installs what only some tests need, as the package.json of their folder says, unless it is there.
 *
 * @param logs a folder for npm's log
 * @throws Failure with npm's words
 */
export async function installTools(folder: string, logs: string): Promise<void> {
	const { dependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
		dependencies: Record<string, string>;
	};
	const isThere = (name: string) => existsSync(path.join(folder, 'node_modules', name));
	if (Object.keys(dependencies).every(isThere)) return;
	const logFile = path.join(logs, 'npm.log');
	const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
	if ((await runNpm({ args, cwd: folder, logFile })) === 0) return;
	throw npmFailure('Installing the tools of the tests', readFileSync(logFile, 'utf8'), logFile);
}
