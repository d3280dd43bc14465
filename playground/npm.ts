import path from 'node:path';

import { Failure } from './failure.ts';
import { type RunningProcess, startProcess } from './processes.ts';

export interface NpmCall {
	args: string[];
	cwd: string;
	logFile: string;
	/** More environment variables, such as npm settings (`npm_config_…`). */
	env?: NodeJS.ProcessEnv;
	/** Called when npm has started, to follow its log. */
	onStart?: (process: RunningProcess) => void;
}

/** Runs npm. Returns its exit code, 0 for success. */
export async function runNpm(call: NpmCall): Promise<number> {
	const { command, args } = npmCommand();
	const running = await startProcess({
		command,
		args: [...args, ...call.args],
		cwd: call.cwd,
		env: { ...npmEnvironment(), ...call.env },
		logFile: call.logFile,
	});
	call.onStart?.(running);
	return (await running.ended) ?? 1;
}

/** The npm that started this process, or else the one on the PATH. */
function npmCommand(): { command: string; args: string[] } {
	const script = process.env.npm_execpath;
	return script?.endsWith('.js') === true
		? { command: process.execPath, args: [script] }
		: { command: 'npm', args: [] };
}

/**
 * npm passes its scripts the folder and settings of the package it runs in. An npm started by such a
 * script would take them for its own, so they are removed. The first `node` on the PATH is the one
 * that runs this process, because native packages must be compiled for the n8n that starts later.
 */
export function npmEnvironment(): NodeJS.ProcessEnv {
	const inherited = Object.entries(process.env).filter(
		([name]) =>
			!/^npm_(package|lifecycle)_/.test(name) &&
			!['npm_config_local_prefix', 'npm_command', 'INIT_CWD'].includes(name),
	);
	return {
		...Object.fromEntries(inherited),
		PATH: [path.dirname(process.execPath), process.env.PATH ?? ''].join(path.delimiter),
	};
}

const CAUSES: Array<{ pattern: RegExp; sentence: string }> = [
	{
		pattern: /ENOSPC/,
		sentence: 'The disk is full. n8n needs 3 GB. Free some space and run npm start again.',
	},
	{
		pattern:
			/not found: make|(make|cc|g\+\+|c\+\+): .*not found|(make|cc|g\+\+|c\+\+): No such file|ERR! find Python|No Xcode/i,
		sentence:
			'A part of n8n (sqlite3) must be compiled here, but a C++ compiler, make or Python is missing. Install them (Debian, Ubuntu: apt-get install -y python3 make g++; macOS: xcode-select --install) and run npm start again.',
	},
	{
		pattern: /gyp WARN install got an error/,
		sentence:
			'A part of n8n (sqlite3) must be compiled here, but the header files of Node could not be downloaded. Check the network, or install them (Debian, Ubuntu: apt-get install -y libnode-dev), and run npm start again.',
	},
	{
		pattern:
			/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET|network/i,
		sentence:
			'npm cannot reach its registry. Check the network and the proxy settings of npm, then run npm start again.',
	},
	{
		pattern: /EACCES|EPERM/,
		sentence:
			'npm is not allowed to write to the playground folder. Check who owns the project folder, then run npm start again.',
	},
];

/** The error of a failed npm command, with its cause from the log. `action` is such as "Installing n8n". */
export function npmFailure(action: string, log: string, logFile: string): Failure {
	const cause = CAUSES.find(({ pattern }) => pattern.test(log));
	const sentence = cause?.sentence ?? 'The log has the details.';
	return new Failure(`${action} failed. ${sentence} Log: ${logFile}`);
}
