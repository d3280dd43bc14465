import path from 'node:path';

import { Failure } from './failure.ts';
import { type RunningProcess, startProcess } from './processes.ts';

export interface NpmCall {
	args: string[];
	cwd: string;
	logFile: string;
	/** More variables, such as settings of npm's (`npm_config_…`). */
	env?: NodeJS.ProcessEnv;
	/** Called when the process runs, to follow its log. */
	onStart?: (process: RunningProcess) => void;
}

/** npm's own answer to a call: its exit code, 0 when all went well. */
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

/** The npm that has started us where there is one, else the one on the PATH. */
function npmCommand(): { command: string; args: string[] } {
	const script = process.env.npm_execpath;
	return script?.endsWith('.js') === true
		? { command: process.execPath, args: [script] }
		: { command: 'npm', args: [] };
}

/**
 * npm hands its scripts the folder and the settings of the package it runs in, and an npm that is
 * started by such a script would take them for its own. The first `node` of the PATH is the one we
 * run on, because what is compiled now must fit the n8n that we start later.
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
		sentence: 'The disk is full: n8n needs 3 GB. Free some space and run npm start again.',
	},
	{
		pattern:
			/not found: make|(make|cc|g\+\+|c\+\+): .*not found|(make|cc|g\+\+|c\+\+): No such file|ERR! find Python|No Xcode/i,
		sentence:
			'A part of n8n (sqlite3) has to be compiled on this machine, and there is no C++ compiler, no make or no Python. Install them (Debian, Ubuntu: apt-get install -y python3 make g++; macOS: xcode-select --install) and run npm start again.',
	},
	{
		pattern: /gyp WARN install got an error/,
		sentence:
			'A part of n8n (sqlite3) has to be compiled on this machine, and the header files of Node could not be fetched. Check the network, or install them (Debian, Ubuntu: apt-get install -y libnode-dev), and run npm start again.',
	},
	{
		pattern:
			/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET|network/i,
		sentence:
			'npm cannot reach its registry. Check the network, or the proxy settings of npm, and run npm start again.',
	},
	{
		pattern: /EACCES|EPERM/,
		sentence:
			'npm may not write into the playground folder. Check who owns the project folder and run npm start again.',
	},
];

/** What a failed npm call comes down to for the person who waits for it, from the call's log. */
export function npmFailure(what: string, log: string, logFile: string): Failure {
	const cause = CAUSES.find(({ pattern }) => pattern.test(log));
	const sentence = cause?.sentence ?? 'The reason is in the log.';
	return new Failure(`${what} failed. ${sentence} Log: ${logFile}`);
}
