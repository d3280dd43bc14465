import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from './failure.ts';
import { LOGS, PLAYGROUND } from './paths.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './processes.ts';

const DEFAULT_BASE_URL = 'https://appex.userpilot.io';
const EMULATOR_API_PORT = 5680;
const EMULATOR_FILES_PORT = 5681;
const EMULATOR_READY_TIMEOUT_MS = 20_000;
const EMULATOR_API_KEY = 'playground';

/** The API that the demo uses: the emulator or the real one. */
export interface Userpilot {
	readonly apiKey: string;
	readonly baseUrl: string;
	readonly emulated: boolean;
	/** How long an export may take. */
	readonly exportTimeoutMs: number;
}

/** The real API if USERPILOT_API_KEY is set, else undefined. */
export function realUserpilot(env: NodeJS.ProcessEnv): Userpilot | undefined {
	const apiKey = env.USERPILOT_API_KEY?.trim();
	if (apiKey === undefined || apiKey === '') return undefined;
	return {
		apiKey,
		baseUrl: env.USERPILOT_BASE_URL?.trim() || DEFAULT_BASE_URL,
		emulated: false,
		exportTimeoutMs: 60 * 60_000,
	};
}

/**
 * Starts the emulator and waits until it is ready.
 *
 * @throws Failure when it stops or is not ready within 20 seconds
 */
export async function startEmulator(): Promise<Userpilot> {
	const apiPort = await freePort(EMULATOR_API_PORT);
	const filesPort = await freePort(EMULATOR_FILES_PORT);
	const running = await startProcess({
		command: process.execPath,
		args: [
			path.join(PLAYGROUND, 'emulator', 'main.ts'),
			...['--port', String(apiPort), '--files-port', String(filesPort)],
			...['--api-key', EMULATOR_API_KEY, '--job-seconds', '3', '--rows-per-day', '200'],
		],
		cwd: PLAYGROUND,
		logFile: path.join(LOGS, 'emulator.log'),
	});
	return {
		apiKey: EMULATOR_API_KEY,
		baseUrl: await emulatorUrl(running),
		emulated: true,
		exportTimeoutMs: 2 * 60_000,
	};
}

/** The emulator prints its addresses as one line of JSON when it is ready. */
async function emulatorUrl(running: RunningProcess): Promise<string> {
	const deadline = Date.now() + EMULATOR_READY_TIMEOUT_MS;
	while (running.running && Date.now() < deadline) {
		const line = readFileSync(running.logFile, 'utf8').match(/^\{.*"apiUrl".*\}$/m)?.[0];
		if (line !== undefined) return (JSON.parse(line) as { apiUrl: string }).apiUrl;
		await sleep(50);
	}
	throw new Failure(`The Userpilot emulator did not start. Log: ${running.logFile}`);
}

/** A job's status and progress; undefined if the request fails. */
export const fetchJob = async (userpilot: Userpilot, jobId: string) =>
	await fetchJobs<{ status?: string; progress?: string }>(userpilot, jobId);

/** The id of the job that started last, because rows do not name their job; undefined if no job is listed. */
export async function newestJob(userpilot: Userpilot): Promise<string | undefined> {
	const jobs = await fetchJobs<Array<{ job_id: string; start_time?: string }>>(userpilot, '');
	const time = ({ start_time = '' }: { start_time?: string }) => start_time;
	return jobs?.sort((one, other) => time(other).localeCompare(time(one)))[0]?.job_id;
}

async function fetchJobs<T>(userpilot: Userpilot, path: string): Promise<T | undefined> {
	const url = new URL(`/api/v1/analytics/exports/jobs/${path}`, userpilot.baseUrl);
	try {
		const response = await fetch(url, {
			headers: { authorization: `Token ${userpilot.apiKey}` },
			signal: AbortSignal.timeout(10_000),
		});
		return response.ok ? ((await response.json()) as T) : undefined;
	} catch {
		return undefined;
	}
}
