import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from './failure.ts';
import { type Host, n8nScript, PLAYGROUND_HOST } from './install.ts';
import { LOGS } from './paths.ts';
import { freePort, LOOPBACK } from './ports.ts';
import { type RunningProcess, startProcess } from './processes.ts';

const READY_TIMEOUT_MS = 300_000;
const READY_CHECK_MS = 250;
const BROKER_PORT = 5679;

export interface N8nOptions {
	/** Folder for n8n's database, settings and community packages. */
	userFolder: string;
	port: number;
	/** Default: the n8n of the playground. */
	host?: Host;
	/** Default: n8n.log in the playground's log folder. */
	logFile?: string;
	/** More environment variables, such as those of queue mode. */
	env?: NodeJS.ProcessEnv;
	/** `start` (default) or another command of n8n, such as `worker`. */
	command?: string[];
}

export interface N8n {
	/** Base URL of the editor and of its REST endpoints, without a trailing slash. */
	readonly url: string;
	readonly process: RunningProcess;
	stop(): Promise<void>;
	/** Kills n8n at once, so that it saves nothing more. */
	kill(): Promise<void>;
}

/** Environment of an n8n that sends nothing out: no telemetry, no update check, no surveys. */
export function quietEnvironment(options: N8nOptions, brokerPort: number): NodeJS.ProcessEnv {
	const { folder, node } = options.host ?? PLAYGROUND_HOST;
	return {
		...process.env,
		// n8n starts its task runners with the first `node` on the PATH.
		PATH: [path.dirname(node), process.env.PATH ?? ''].join(path.delimiter),
		N8N_USER_FOLDER: options.userFolder,
		N8N_LISTEN_ADDRESS: LOOPBACK,
		N8N_HOST: LOOPBACK,
		N8N_PORT: String(options.port),
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		// Otherwise n8n downloads lists of verified packages and MCP servers.
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		...(hasModule(folder, 'mcp-registry') && { N8N_DISABLED_MODULES: 'mcp-registry' }),
		// The editor is served over http here, where a browser drops secure cookies.
		N8N_SECURE_COOKIE: 'false',
		...options.env,
	};
}

/** An older n8n refuses to start when a module that it does not have is disabled. */
function hasModule(folder: string, name: string): boolean {
	return existsSync(path.join(folder, 'node_modules', 'n8n', 'dist', 'modules', name));
}

/**
 * Starts n8n and waits until it is ready.
 *
 * @throws Failure when n8n stops or is not ready within five minutes
 */
export async function startN8n(options: N8nOptions): Promise<N8n> {
	const host = options.host ?? PLAYGROUND_HOST;
	const running = await startProcess({
		command: host.node,
		args: [n8nScript(host), ...(options.command ?? ['start'])],
		cwd: host.folder,
		env: quietEnvironment(options, await freePort(BROKER_PORT)),
		logFile: options.logFile ?? path.join(LOGS, 'n8n.log'),
	});
	const url = `http://${LOOPBACK}:${options.port}`;
	await waitUntilReady(`${url}/healthz/readiness`, running);
	// n8n 1 reports that it is ready before it serves requests. A worker serves none.
	if (options.command === undefined) await waitUntilReady(`${url}/rest/settings`, running);
	return {
		url,
		process: running,
		stop: async () => await running.stop(),
		kill: async () => await running.kill(),
	};
}

async function waitUntilReady(url: string, running: RunningProcess): Promise<void> {
	const deadline = Date.now() + READY_TIMEOUT_MS;
	while (Date.now() < deadline) {
		if (!running.running) throw startFailure(running.logFile);
		if (await responds(url)) return;
		await sleep(READY_CHECK_MS);
	}
	throw new Failure(
		`n8n was not ready after ${READY_TIMEOUT_MS / 1000} seconds. Log: ${running.logFile}`,
	);
}

async function responds(url: string): Promise<boolean> {
	try {
		return (await fetch(url)).ok;
	} catch {
		return false;
	}
}

function startFailure(logFile: string): Failure {
	const log = readFileSync(logFile, 'utf8');
	const cause = /port .* in use|EADDRINUSE/i.test(log)
		? 'Another program took a port that n8n needs. Run npm start again.'
		: 'The log has the details.';
	return new Failure(`n8n stopped while it was starting. ${cause} Log: ${logFile}`);
}
