import path from 'node:path';
import { build, type Plugin } from 'esbuild';

import { startProcess } from '../../playground/processes.ts';
import { jsonLine } from './json-line.ts';
import type { Measurement, Task } from './measured/task.ts';
import { BENCH, PROJECT, type Workspace } from './workspace.ts';

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

/** The program that is measured: with the built package, and all else from node_modules. */
export async function bundleProgram({ dist, programs }: Workspace): Promise<string> {
	const outfile = path.join(programs, 'measured.cjs');
	await build({
		entryPoints: [path.join(BENCH, 'measured', 'main.ts')],
		outfile,
		bundle: true,
		platform: 'node',
		target: 'node24',
		format: 'cjs',
		packages: 'external',
		plugins: [builtPackage(dist)],
		logLevel: 'warning',
	});
	return outfile;
}

let runs = 0;

/** Does a task in a process of its own, which starts with folders of its own. */
export async function runTask(
	workspace: Workspace,
	program: string,
	task: Task,
	heapMb?: number,
): Promise<Measurement> {
	const name = `run-${++runs}`;
	const folder = workspace.folder(name);
	const heap = heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`];
	const running = await startProcess({
		command: process.execPath,
		args: ['--expose-gc', ...heap, program, JSON.stringify(task)],
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
		return await jsonLine<Measurement>(running, task.work);
	} finally {
		await running.stop();
		workspace.clear(name);
	}
}
