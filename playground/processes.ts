import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_TIMEOUT_MS = 15_000;

export interface ProcessOptions {
	command: string;
	args: string[];
	cwd: string;
	env?: NodeJS.ProcessEnv;
	/** Gets standard output and standard error. */
	logFile: string;
	/** Runs as this user. Only root can do that. */
	user?: { uid: number; gid: number };
}

export interface RunningProcess {
	readonly pid: number;
	readonly logFile: string;
	/** Resolves when the process has ended, with its exit code (null: ended by a signal). */
	readonly ended: Promise<number | null>;
	readonly running: boolean;
	/** Stops the process and the processes it started: SIGTERM first, SIGKILL after 15 seconds. */
	stop(): Promise<void>;
	/** Kills them at once, as `kill -9` does. */
	kill(): Promise<void>;
}

const started = new Set<RunningProcess>();
const watchers: Array<(pids: number[]) => void> = [];

/** Calls `watcher` with the ids of all running processes whenever one starts or ends. */
export function watchProcesses(watcher: (pids: number[]) => void): void {
	watchers.push(watcher);
}

function notifyWatchers(): void {
	for (const watcher of watchers) watcher([...started].map((running) => running.pid));
}

/**
 * Starts a process in a group of its own. Ctrl-C then reaches this process only, which decides the order
 * in which the others stop. A stop reaches the processes that it started, too.
 *
 * @throws when the command cannot be started at all
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
	mkdirSync(path.dirname(options.logFile), { recursive: true });
	const log = openSync(options.logFile, 'w');
	const child = spawn(options.command, options.args, {
		cwd: options.cwd,
		env: options.env ?? process.env,
		stdio: ['ignore', log, log],
		detached: true,
		...options.user,
	});
	closeSync(log);
	await new Promise<void>((resolve, reject) => {
		child.once('spawn', resolve);
		child.once('error', reject);
	});
	const running = describe(child, options.logFile);
	started.add(running);
	notifyWatchers();
	void running.ended.then(() => {
		started.delete(running);
		notifyWatchers();
	});
	return running;
}

function describe(child: ChildProcess, logFile: string): RunningProcess {
	const pid = child.pid ?? 0;
	const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
	return {
		pid,
		logFile,
		ended,
		get running() {
			return child.exitCode === null && child.signalCode === null;
		},
		async stop() {
			if (child.exitCode === null && child.signalCode === null) await stopGroup(pid, ended);
		},
		async kill() {
			signalGroup(pid, 'SIGKILL');
			await ended;
		},
	};
}

async function stopGroup(pid: number, ended: Promise<unknown>): Promise<void> {
	signalGroup(pid, 'SIGTERM');
	const timeout = new AbortController();
	await Promise.race([
		ended,
		sleep(STOP_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined),
	]);
	timeout.abort();
	// After a clean end too: a grandchild in the group may have missed the first signal.
	signalGroup(pid, 'SIGKILL');
	await ended;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-pid, signal);
	} catch {
		// The group has ended already.
	}
}

/** Stops every process that `startProcess` started and that still runs, newest first. */
export async function stopAllProcesses(): Promise<void> {
	for (const running of [...started].reverse()) await running.stop();
}

/** Kills them all at once, for an exit handler, which cannot wait. */
export function killAllProcesses(): void {
	for (const running of started) signalGroup(running.pid, 'SIGKILL');
}

/** The command line of a process; undefined if there is no such process. */
export function commandOf(pid: number): string | undefined {
	try {
		return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).trim();
	} catch {
		return commandFromProc(pid);
	}
}

/** Small Linux images have no `ps`. */
function commandFromProc(pid: number): string | undefined {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
	} catch {
		return undefined;
	}
}

/** Stops a process that an earlier run left behind, and its group. */
export async function stopLeftover(pid: number): Promise<void> {
	signalGroup(pid, 'SIGTERM');
	const deadline = Date.now() + STOP_TIMEOUT_MS;
	while (commandOf(pid) !== undefined && Date.now() < deadline) await sleep(200);
	signalGroup(pid, 'SIGKILL');
}
