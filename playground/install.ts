import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { Failure } from './failure.ts';
import { npmFailure, runNpm } from './npm.ts';
import { LOGS, PLAYGROUND } from './paths.ts';
import { startProcess } from './processes.ts';
import { showStep, type Step } from './progress.ts';

const LOCK_FILE = path.join(PLAYGROUND, 'package-lock.json');
const STAMP_FILE = path.join(PLAYGROUND, 'node_modules', '.playground-stamp');
const FOLLOW_LOG_MS = 1_000;

/** Packages with a compiled part that n8n cannot do without; the others' install scripts are not run. */
const NATIVE_PACKAGES = ['sqlite3', 'isolated-vm'];

/** n8n's own start script. */
export const N8N_SCRIPT = path.join(PLAYGROUND, 'node_modules', 'n8n', 'bin', 'n8n');

/**
 * Installs the n8n that package-lock.json pins, unless this very one is there: about 5 minutes and
 * 3 GB the first time.
 *
 * @throws Failure with what to do
 */
export async function installN8n(): Promise<void> {
	if (isInstalled()) return;
	await showStep('Installing n8n (once, about 5 minutes, 3 GB)', async (step) => {
		step.detail('asking the npm registry');
		await requireRegistry();
		await download(step);
		step.detail('compiling what has no prebuilt file');
		await compile();
		await requireNativePackages();
	});
	writeFileSync(STAMP_FILE, stamp());
}

export function isInstalled(): boolean {
	return existsSync(N8N_SCRIPT) && readOrEmpty(STAMP_FILE) === stamp();
}

/** Changes with what is to be installed, and with the Node that the compiled parts were made for. */
function stamp(): string {
	const lock = createHash('sha256').update(readFileSync(LOCK_FILE)).digest('hex');
	return [lock, process.platform, process.arch, process.versions.modules].join(' ');
}

function readOrEmpty(file: string): string {
	return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** npm ci itself would try for minutes before it gave up. */
async function requireRegistry(): Promise<void> {
	const logFile = path.join(LOGS, 'registry.log');
	const exitCode = await runNpm({
		args: ['view', 'n8n', 'version', '--prefer-offline', '--fetch-retries=0'],
		cwd: PLAYGROUND,
		logFile,
	});
	if (exitCode !== 0) {
		throw npmFailure('Installing n8n', readFileSync(logFile, 'utf8'), logFile);
	}
}

async function download(step: Step): Promise<void> {
	const logFile = path.join(LOGS, 'install.log');
	const total = packagesInLock();
	let follower: NodeJS.Timeout | undefined;
	const exitCode = await runNpm({
		// http: one line for each package fetched, which is what the progress counts.
		args: ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'],
		cwd: PLAYGROUND,
		logFile,
		onStart: () => {
			const count = fetchCounter(logFile);
			follower = setInterval(async () => {
				const fetched = await count();
				if (fetched === 0) step.detail('resolving packages');
				else if (fetched < total) step.detail(`${fetched} of ${total} packages fetched`);
				else step.detail('unpacking packages');
			}, FOLLOW_LOG_MS);
		},
	}).finally(() => clearInterval(follower));
	if (exitCode !== 0) {
		throw npmFailure('Installing n8n', readFileSync(logFile, 'utf8'), logFile);
	}
}

function packagesInLock(): number {
	const lock = JSON.parse(readFileSync(LOCK_FILE, 'utf8')) as { packages: Record<string, unknown> };
	return Object.keys(lock.packages).length - 1;
}

/** Counts the packages that a log says are fetched; reads only what was added since the last call. */
function fetchCounter(logFile: string): () => Promise<number> {
	let position = 0;
	let fetched = 0;
	return async () => {
		for await (const chunk of createReadStream(logFile, { start: position })) {
			const bytes = chunk as Buffer;
			position += bytes.length;
			fetched += bytes.toString('latin1').match(/npm http fetch GET 200 .*\.tgz/g)?.length ?? 0;
		}
		return fetched;
	};
}

async function compile(): Promise<void> {
	const logFile = path.join(LOGS, 'compile.log');
	const rebuild = async (env: NodeJS.ProcessEnv) =>
		await runNpm({
			args: ['rebuild', ...NATIVE_PACKAGES],
			cwd: PLAYGROUND,
			logFile,
			env: { JOBS: 'max', ...env },
		});
	if ((await rebuild({})) === 0) return;
	// Where neither a prebuilt file nor Node's header files can be fetched, those that came with the
	// machine's own Node will do: what is compiled uses Node-API, which is the same in each version.
	const nodeFolder = folderWithNodeHeaders();
	if (nodeFolder !== undefined && (await rebuild({ npm_config_nodedir: nodeFolder })) === 0) return;
	throw npmFailure('Compiling parts of n8n', readFileSync(logFile, 'utf8'), logFile);
}

function folderWithNodeHeaders(): string | undefined {
	const folders = (process.env.PATH ?? '').split(path.delimiter).map((bin) => path.dirname(bin));
	return folders.find((folder) => existsSync(path.join(folder, 'include/node/node_api.h')));
}

/** npm can be told to skip install scripts, and then says nothing: so try what they should have made. */
async function requireNativePackages(): Promise<void> {
	const require = createRequire(path.join(PLAYGROUND, 'package.json'));
	const script = NATIVE_PACKAGES.map((name) => `require(${JSON.stringify(require.resolve(name))})`);
	const logFile = path.join(LOGS, 'native-packages.log');
	const running = await startProcess({
		command: process.execPath,
		args: ['-e', script.join(';')],
		cwd: PLAYGROUND,
		logFile,
	});
	if ((await running.ended) === 0) return;
	throw new Failure(
		`n8n is installed, but a compiled part of it (${NATIVE_PACKAGES.join(' or ')}) does not load. If your npm is set to ignore install scripts, allow them for the playground and run npm start again. Log: ${logFile}`,
	);
}
