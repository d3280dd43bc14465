import { build, type Plugin } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { SOURCES } from '../../../playground/community-package.ts';
import { PROJECT } from '../../../playground/paths.ts';
import { startProcess } from '../../../playground/processes.ts';
import { jsonLine } from '../harness/json-line.ts';
import type { Workspace } from '../harness/workspace.ts';
import type { FileMeasurement, FileWork, Measurement, Task } from './measured/task.ts';

/** All rows are kept, and with some parsers a lot more. */
const FILE_HEAP_MB = 4_000;

/** Leads every import of a node or a credential to the built file, and leaves it as it is. */
function builtPackage(dist: string): Plugin {
	return {
		name: 'built-package',
		setup({ onResolve }) {
			onResolve({ filter: /^\..*\.(node|credentials)$/ }, ({ path: file, resolveDir }) => {
				const source = path.relative(PROJECT, path.join(resolveDir, file));
				return { path: path.join(dist, `${source}.js`), external: true };
			});
		},
	};
}

/** One of the programs that are measured, with all else from node_modules. */
async function bundle(
	{ programs }: Workspace,
	source: string,
	plugins: Plugin[],
	name = source,
): Promise<string> {
	const outfile = path.join(programs, `${name}.cjs`);
	await build({
		entryPoints: [fileURLToPath(new URL(`measured/${source}.ts`, import.meta.url))],
		outfile,
		bundle: true,
		platform: 'node',
		target: 'node24',
		format: 'cjs',
		packages: 'external',
		plugins,
		logLevel: 'warning',
	});
	return outfile;
}

/** The program that measures the built package, as it is, or as it was at a commit. */
export const bundleProgram = async (workspace: Workspace, commit?: string): Promise<string> =>
	commit === undefined
		? await bundle(workspace, 'main', [builtPackage(workspace.dist)])
		: await bundle(workspace, 'main', [builtPackage(builtAt(workspace, commit))], 'main-before');

/** Builds the package of a commit. Gives its folder `dist`. */
function builtAt(workspace: Workspace, commit: string): string {
	const folder = unpackCommit(workspace, commit, SOURCES);
	const modules = path.join(folder, 'node_modules');
	if (!existsSync(modules)) symlinkSync(path.join(PROJECT, 'node_modules'), modules);
	execFileSync(process.execPath, [path.join(modules, 'gulp', 'bin', 'gulp.js'), 'build'], {
		cwd: folder,
	});
	return path.join(folder, 'dist');
}

function unpackCommit({ programs }: Workspace, commit: string, sources: string[]): string {
	const content = execFileSync('git', ['archive', commit, ...sources], {
		cwd: PROJECT,
		maxBuffer: 1024 ** 3,
	});
	const folder = path.join(programs, 'before');
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['x', '-C', folder], { input: content });
	return folder;
}

/** Leads every import of what reads files to the sources of another commit. */
function filesOf(folder: string): Plugin {
	return {
		name: 'files-of-another-commit',
		setup({ onResolve }) {
			onResolve({ filter: /nodes\/Userpilot\/(download|rows)\// }, ({ path: file }) => {
				const source = file.slice(file.indexOf('nodes/'));
				// Both folders were one, `files`, before.
				const sources = [source, source.replace(/(download|rows)\//, 'files/')];
				const found = sources.map((name) => path.join(folder, `${name}.ts`)).find(existsSync);
				return found === undefined ? undefined : { path: found };
			});
		},
	};
}

/** The program that measures the reading of files, as it is, or as it was at a commit. */
export async function bundleFileProgram(workspace: Workspace, commit?: string): Promise<string> {
	const plugins: Plugin[] = [];
	if (commit !== undefined) {
		const folder = unpackCommit(workspace, commit, ['nodes']);
		plugins.push(filesOf(folder));
	}
	return await bundle(workspace, 'files', plugins, commit && 'files-before');
}

/** Measures one way to read a file, in a process of its own. */
export async function runFileWork(
	workspace: Workspace,
	program: string,
	work: FileWork,
): Promise<FileMeasurement> {
	return await runProgram<FileMeasurement>(workspace, program, work, work, FILE_HEAP_MB);
}

let runs = 0;

/** Does a task in a process of its own, which starts with folders of its own. */
export const runTask = async (
	workspace: Workspace,
	program: string,
	task: Task,
	heapMb?: number,
): Promise<Measurement> =>
	await runProgram<Measurement>(workspace, program, JSON.stringify(task), task.work, heapMb);

async function runProgram<Result>(
	workspace: Workspace,
	program: string,
	argument: string,
	what: string,
	heapMb?: number,
): Promise<Result> {
	const name = `run-${++runs}`;
	const folder = workspace.folder(name);
	const heap = heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`];
	const running = await startProcess({
		command: process.execPath,
		args: ['--expose-gc', ...heap, program, argument],
		cwd: folder,
		env: {
			...process.env,
			TMPDIR: folder,
			N8N_USER_FOLDER: folder,
			N8N_ENCRYPTION_KEY: 'for-the-benchmark-only',
			N8N_LOG_LEVEL: 'silent',
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		},
		logFile: workspace.log(name),
	});
	try {
		return await jsonLine<Result>(running, what);
	} finally {
		await running.stop();
		workspace.clear(name);
	}
}
