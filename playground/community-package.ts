import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Failure } from './failure.ts';
import { npmFailure, runNpm } from './npm.ts';
import { DATA, LOGS, PROJECT } from './paths.ts';
import { startProcess } from './processes.ts';

export const PACKAGE_NAME = 'n8n-nodes-userpilot';

/** Files and folders that the built package is made from. */
export const SOURCES = [
	'nodes',
	'credentials',
	'gulpfile.js',
	'tsconfig.json',
	'package.json',
	'README.md',
	'LICENSE.md',
];

/**
 * Builds and packs the package of this project, and unpacks the tarball where n8n keeps the
 * community packages installed in its editor. Does nothing if the package was built from the same
 * sources.
 *
 * @param userFolder n8n's N8N_USER_FOLDER
 * @throws Failure when the build fails
 */
export async function installCommunityPackage(userFolder: string): Promise<void> {
	const folder = path.join(userFolder, '.n8n', 'nodes');
	const target = path.join(folder, 'node_modules', PACKAGE_NAME);
	const stampFile = path.join(folder, `${PACKAGE_NAME}.stamp`);
	const stamp = hashOfSources();
	if (existsSync(path.join(target, 'package.json')) && readStamp(stampFile) === stamp) return;
	const { tarball, version } = await (packed ??= packOnce(stamp));
	await unpack(tarball, target);
	writeFileSync(path.join(folder, 'package.json'), installedNodes(version));
	writeFileSync(stampFile, stamp);
}

/** Of this process, whose n8ns may be started side by side. */
let packed: Promise<{ tarball: string; version: string }> | undefined;

/** The tarball of these sources: another program, or an earlier run, may have packed it. */
async function packOnce(stamp: string): Promise<{ tarball: string; version: string }> {
	const folder = path.join(DATA, 'package');
	const stampFile = path.join(folder, 'stamp');
	if (readStamp(stampFile) !== stamp) {
		await buildPackage();
		await pack(folder);
		writeFileSync(stampFile, stamp);
	}
	const file = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
	const version = file.slice(PACKAGE_NAME.length + 1, -'.tgz'.length);
	return { tarball: path.join(folder, file), version };
}

function readStamp(file: string): string | undefined {
	return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function hashOfSources(): string {
	const hash = createHash('sha256');
	for (const source of SOURCES) {
		for (const file of filesBelow(path.join(PROJECT, source))) {
			hash.update(file).update('\0').update(readFileSync(file)).update('\0');
		}
	}
	return hash.digest('hex');
}

function filesBelow(location: string): string[] {
	if (!existsSync(location)) return [];
	try {
		return readdirSync(location)
			.sort()
			.flatMap((name) => filesBelow(path.join(location, name)));
	} catch {
		return [location]; // A file, not a folder.
	}
}

/** @throws Failure when `npm install` has not been run in the project */
export function requireBuildTools(): void {
	if (existsSync(path.join(PROJECT, 'node_modules', 'gulp'))) return;
	throw new Failure('The build tools are missing. Run npm install first.');
}

/** @throws Failure when the build fails */
export async function buildPackage(): Promise<void> {
	const logFile = path.join(LOGS, 'build.log');
	const exitCode = await runNpm({ args: ['run', 'build'], cwd: PROJECT, logFile });
	if (exitCode !== 0) {
		throw new Failure(`Could not build the package (npm run build). Log: ${logFile}`);
	}
}

async function pack(folder: string): Promise<void> {
	const logFile = path.join(LOGS, 'pack.log');
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const exitCode = await runNpm({
		// The prepack script would build a second time.
		args: ['pack', '--ignore-scripts', '--pack-destination', folder],
		cwd: PROJECT,
		logFile,
	});
	if (exitCode !== 0)
		throw npmFailure('Packing the package', readFileSync(logFile, 'utf8'), logFile);
}

/** n8n too installs a community package by unpacking its tarball. Nothing else is downloaded. */
async function unpack(tarball: string, target: string): Promise<void> {
	rmSync(target, { recursive: true, force: true });
	mkdirSync(target, { recursive: true });
	const logFile = path.join(LOGS, 'unpack.log');
	const running = await startProcess({
		command: 'tar',
		args: ['-xzf', tarball, '-C', target, '--strip-components=1'],
		cwd: target,
		logFile,
	});
	if ((await running.ended) !== 0) {
		throw new Failure(`Could not unpack the package with tar. Log: ${logFile}`);
	}
}

/** The package.json in which n8n lists the packages installed in this folder. */
function installedNodes(version: string): string {
	const content = {
		name: 'installed-nodes',
		private: true,
		dependencies: { [PACKAGE_NAME]: version },
	};
	return JSON.stringify(content, null, 2);
}
