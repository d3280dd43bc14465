import { createHash } from 'node:crypto';
import {
	cpSync,
	createReadStream,
	existsSync,
	mkdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { Failure } from './failure.ts';
import { npmFailure, runNpm } from './npm.ts';
import { LOGS, PLAYGROUND } from './paths.ts';
import { startProcess } from './processes.ts';
import { showStep, type Step } from './progress.ts';

const FOLLOW_LOG_MS = 1_000;

/** An n8n in the node_modules of a folder. */
export interface Host {
	/** Its package.json names the version of n8n, its package-lock.json every package. */
	folder: string;
	/** The Node binary that runs n8n. */
	node: string;
	/** Native packages that n8n needs. No other package's install script is run. */
	nativePackages: string[];
	/** Folder for the installation's logs. */
	logs: string;
}

/** The n8n that `npm start` starts. */
export const PLAYGROUND_HOST: Host = {
	folder: PLAYGROUND,
	node: process.execPath,
	nativePackages: ['sqlite3', 'isolated-vm'],
	logs: LOGS,
};

/** n8n's own start script. */
export function n8nScript({ folder }: Host): string {
	return path.join(folder, 'node_modules', 'n8n', 'bin', 'n8n');
}

/**
 * Installs n8n in the host's folder, unless it is installed already. Takes about 4 minutes and 3 GB.
 *
 * @throws Failure that says what to do
 */
export async function installN8n(host = PLAYGROUND_HOST): Promise<void> {
	if (isInstalled(host)) return;
	await showStep('Installing n8n (once, about 4 minutes, 3 GB)', async (step) => {
		step.detail('contacting the npm registry');
		await requireRegistry(host);
		const [workshop] = await Promise.all([compile(host), download(host, step)]);
		for (const name of compiledPackages(host)) {
			const [from, to] = [workshop, host.folder].map((root) =>
				path.join(root, 'node_modules', name),
			);
			// Their dependencies are installed already.
			const filter = (file: string) => path.basename(file) !== 'node_modules';
			cpSync(from!, to!, { recursive: true, verbatimSymlinks: true, filter });
		}
		rmSync(workshop, { recursive: true, force: true });
		await requireNativePackages(host);
	});
	writeFileSync(stampFile(host), stamp(host));
}

export function isInstalled(host = PLAYGROUND_HOST): boolean {
	return existsSync(n8nScript(host)) && readOrEmpty(stampFile(host)) === stamp(host);
}

const lockFile = ({ folder }: Host) => path.join(folder, 'package-lock.json');
const stampFile = ({ folder }: Host) => path.join(folder, 'node_modules', '.playground-stamp');

/** Changes when the lock file or the Node version that native packages were compiled for changes. */
function stamp(host: Host): string {
	const pinned = createHash('sha256')
		.update(readFileSync(lockFile(host)))
		.digest('hex');
	return [pinned, process.platform, process.arch, process.versions.modules].join(' ');
}

function readOrEmpty(file: string): string {
	return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Fails fast where npm ci would retry for minutes. */
async function requireRegistry({ folder, logs }: Host): Promise<void> {
	const logFile = path.join(logs, 'registry.log');
	const exitCode = await runNpm({
		args: ['view', 'n8n', 'version', '--prefer-offline', '--fetch-retries=0'],
		cwd: folder,
		logFile,
	});
	if (exitCode !== 0) {
		throw npmFailure('Installing n8n', readFileSync(logFile, 'utf8'), logFile);
	}
}

async function download(host: Host, step: Step): Promise<void> {
	const logFile = path.join(host.logs, 'install.log');
	const total = Object.keys(readLock(host).packages).length - 1;
	let follower: NodeJS.Timeout | undefined;
	const exitCode = await runNpm({
		// Level http logs one line for each downloaded package, which the progress counts.
		args: [
			...['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'],
			...(await peerOptions(host)),
		],
		cwd: host.folder,
		logFile,
		onStart: () => {
			const count = fetchCounter(logFile);
			follower = setInterval(async () => {
				const fetched = await count();
				if (fetched === 0) step.detail('resolving packages');
				else if (fetched < total) step.detail(`downloaded ${fetched} of ${total} packages`);
				else step.detail('unpacking packages');
			}, FOLLOW_LOG_MS);
		},
	}).finally(() => clearInterval(follower));
	if (exitCode !== 0) {
		throw npmFailure('Installing n8n', readFileSync(logFile, 'utf8'), logFile);
	}
	step.detail('compiling native packages');
}

/** npm 10 places optional peer packages differently, and so rejects a lock file that npm 11 wrote. */
async function peerOptions({ folder, logs }: Host): Promise<string[]> {
	const logFile = path.join(logs, 'npm-version.log');
	await runNpm({ args: ['--version'], cwd: folder, logFile });
	return Number.parseInt(readFileSync(logFile, 'utf8'), 10) < 11 ? ['--legacy-peer-deps'] : [];
}

interface LockedPackage {
	version?: string;
	dependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
}

interface LockFile {
	packages: Record<string, LockedPackage>;
}

const readLock = (host: Host): LockFile =>
	JSON.parse(readFileSync(lockFile(host), 'utf8')) as LockFile;

/** Counts the downloaded packages in a log. Reads only what was added since the last call. */
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

/** The npm package `node` installs its binary with its install script, so it counts as one. */
const compiledPackages = ({ node, nativePackages }: Host): string[] =>
	node === process.execPath ? nativePackages : ['node', ...nativePackages];

/**
 * Compiles the native packages in a folder of their own while the rest is downloaded, because it keeps
 * one core busy for more than a minute. Uses the versions in the lock file. Returns that folder.
 */
async function compile(host: Host): Promise<string> {
	const workshop = path.join(host.logs, 'native');
	const lock = readLock(host);
	const names = compiledPackages(host);
	const dependencies = Object.fromEntries(
		names.map((name) => [name, lock.packages[`node_modules/${name}`]?.version ?? '*']),
	);
	const allowScripts = Object.fromEntries(names.map((name) => [name, true]));
	const packages = { '': { dependencies }, ...neededPackages(lock, names) };
	mkdirSync(workshop, { recursive: true });
	const write = (file: string, content: object) =>
		writeFileSync(path.join(workshop, file), JSON.stringify(content));
	write('package.json', { private: true, dependencies, allowScripts });
	write('package-lock.json', { ...lock, packages });

	const logFile = path.join(host.logs, 'compile.log');
	const install = async (env: NodeJS.ProcessEnv) =>
		await runNpm({
			args: ['ci', '--no-audit', '--no-fund', '--foreground-scripts'],
			cwd: workshop,
			logFile,
			env: { JOBS: 'max', ...env },
		});
	if ((await install({})) === 0) return workshop;
	// Without a prebuilt file or a download of Node's headers, use the headers of the machine's own
	// Node: native packages use Node-API, which is the same in every version.
	const nodeFolder = folderWithNodeHeaders();
	if (nodeFolder !== undefined && (await install({ npm_config_nodedir: nodeFolder })) === 0) {
		return workshop;
	}
	throw npmFailure('Compiling native packages', readFileSync(logFile, 'utf8'), logFile);
}

/** The entries of a lock file for these packages and their dependencies. npm 10 installs every entry. */
function neededPackages({ packages }: LockFile, names: string[]): LockFile['packages'] {
	const needed: LockFile['packages'] = {};
	const add = (name: string, parent: string): void => {
		const folder = `${parent}node_modules/${name}`;
		const locked = packages[folder];
		if (!locked && parent !== '')
			return add(name, parent.replace(/node_modules\/(@[^/]+\/)?[^/]+\/$/, ''));
		if (!locked || needed[folder]) return;
		needed[folder] = locked;
		const dependencies = { ...locked.dependencies, ...locked.optionalDependencies };
		for (const dependency of Object.keys(dependencies)) add(dependency, `${folder}/`);
	};
	for (const name of names) add(name, '');
	return needed;
}

function folderWithNodeHeaders(): string | undefined {
	const folders = (process.env.PATH ?? '').split(path.delimiter).map((bin) => path.dirname(bin));
	return folders.find((folder) => existsSync(path.join(folder, 'include/node/node_api.h')));
}

/** npm can be set to skip install scripts without a warning, so load what they should have built. */
async function requireNativePackages({ folder, node, nativePackages, logs }: Host): Promise<void> {
	const require = createRequire(path.join(folder, 'package.json'));
	const script = nativePackages.map((name) => `require(${JSON.stringify(require.resolve(name))})`);
	const logFile = path.join(logs, 'native-packages.log');
	const running = await startProcess({
		command: node,
		args: ['-e', script.join(';')],
		cwd: folder,
		logFile,
	});
	if ((await running.ended) === 0) return;
	throw new Failure(
		`n8n is installed, but a native package (${nativePackages.join(' or ')}) does not load. If npm is set to ignore install scripts, allow them for the playground and run npm start again. Log: ${logFile}`,
	);
}
