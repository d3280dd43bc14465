import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { npmFailure, runNpm } from '../../playground/npm.ts';

export const HERE = fileURLToPath(new URL('.', import.meta.url));

/**
 * Installs what only these tests need: a server that speaks S3, and a maker of certificates.
 *
 * @throws Failure with npm's words
 */
export async function installTools(folder: string): Promise<void> {
	if (['node-forge', 's3rver'].every((name) => existsSync(path.join(HERE, 'node_modules', name)))) {
		return;
	}
	const logFile = path.join(folder, 'npm.log');
	const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
	if ((await runNpm({ args, cwd: HERE, logFile })) === 0) return;
	throw npmFailure('Installing the tools of the tests', readFileSync(logFile, 'utf8'), logFile);
}
