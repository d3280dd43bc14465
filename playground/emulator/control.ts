import { readFaults, type Fault, type FaultPlan } from './faults.ts';
import { readExportRequest } from './export-request.ts';
import { jobState, type FinalStatus, type Job, type JobStatus, type JobStore } from './jobs.ts';
import type { RequestEntry, RequestLog } from './ledger.ts';
import { OPERATIONS } from './routes.ts';
import { mergeSettings, type Settings, type SettingsPatch } from './settings.ts';

/** A job in the ledger. Times are ISO texts; `endedAt` is null while the job runs. */
export interface JobEntry {
	jobId: string;
	key: string;
	startedAt: string;
	endedAt: string | null;
	status: JobStatus;
	request: Job['request'];
}

/** Finished jobs to add. */
export interface Seed {
	/** Number of jobs. Default: one for each of `endTimes`, or 1. */
	count?: number;
	/** ISO times at which the jobs ended. Without them, the last job ended now and each other a minute before the next. */
	endTimes?: string[];
	/** Default: the first of `apiKeys`. */
	key?: string;
	status?: FinalStatus;
	/** Fields of the POST. Default: yesterday. */
	request?: Record<string, unknown>;
}

/** State that the control changes. `clock.offsetMs` is added to the time. */
export interface EmulatorState {
	settings: Settings;
	jobs: JobStore;
	faults: FaultPlan;
	log: RequestLog;
	clock: { now: () => number; offsetMs: number };
	/** The first settings and faults, for a reset. */
	initial: { settings: Settings; faults: Fault[] };
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const SEEDED_JOB_MS = 44_000;

function checkFinalStatus(status: unknown): void {
	if (status === 'completed' || status === 'failed') return;
	throw new Error('status must be completed or failed');
}

function jobEntry(job: Job, nowMs: number): JobEntry {
	const { status, endMs } = jobState(job, nowMs);
	return {
		jobId: job.id,
		key: job.key,
		startedAt: new Date(job.startMs).toISOString(),
		endedAt: endMs === null ? null : new Date(endMs).toISOString(),
		status,
		request: job.request,
	};
}

function seedTimes(seed: Seed, nowMs: number): number[] {
	const count = seed.count ?? seed.endTimes?.length ?? 1;
	return Array.from({ length: count }, (_, index) => {
		const given = seed.endTimes?.[index];
		const endMs = given === undefined ? nowMs - (count - 1 - index) * MINUTE_MS : Date.parse(given);
		if (Number.isNaN(endMs)) throw new Error(`"${given}" is not an ISO time`);
		return endMs;
	});
}

function seedJobs(state: EmulatorState, nowMs: number, seed: Seed): string[] {
	const day = new Date(nowMs - DAY_MS).toISOString().slice(0, 10);
	const read = readExportRequest({ from: day, to: day, ...seed.request });
	if ('problem' in read) throw new Error(read.problem);
	checkFinalStatus(seed.status ?? 'completed');
	const key = seed.key ?? state.settings.apiKeys[0] ?? '';
	return seedTimes(seed, nowMs).map((endMs) => {
		const outcome = seed.status ?? 'completed';
		const startMs = endMs - SEEDED_JOB_MS;
		const { settings } = state;
		return state.jobs.add({ key, request: read.request, startMs, endMs, outcome, settings }).id;
	});
}

/** Controls the emulator from the process that runs it. `control-routes.ts` offers the same over HTTP. */
export class Control {
	private readonly state: EmulatorState;

	constructor(state: EmulatorState) {
		this.state = state;
		this.setFaults(state.initial.faults);
	}

	/** The emulator's time, ms since 1970. */
	now(): number {
		return this.state.clock.now() + this.state.clock.offsetMs;
	}

	settings(): Settings {
		return structuredClone(this.state.settings);
	}

	/** Changes settings. Throws an Error that names the unknown setting or invalid value. */
	set(patch: SettingsPatch): Settings {
		this.state.settings = mergeSettings(this.state.settings, { ...patch });
		return this.settings();
	}

	/** The current faults, each with the number of requests it has hit. */
	faults(): (Fault & { hits: number })[] {
		return this.state.faults.list();
	}

	/** Replaces all faults. Throws an Error that says which field is invalid. */
	setFaults(faults: readonly Fault[]): (Fault & { hits: number })[] {
		this.state.faults.replace(readFaults(faults, OPERATIONS), this.state.settings.seed);
		return this.faults();
	}

	/** Every job and every request, oldest first. */
	ledger(): { jobs: JobEntry[]; requests: RequestEntry[] } {
		const nowMs = this.now();
		const jobs = this.state.jobs.all().map((job) => jobEntry(job, nowMs));
		return { jobs, requests: this.state.log.all() };
	}

	/** Deletes the requests from the ledger. Jobs stay. */
	clearRequests(): void {
		this.state.log.clear();
	}

	/** Ends a running job now. Throws an Error if no running job has that id. */
	finishJob(jobId: string, status: FinalStatus = 'completed'): JobEntry {
		const job = this.state.jobs.byId(jobId);
		if (!job || this.now() >= job.endMs) throw new Error(`No running job ${jobId}`);
		checkFinalStatus(status);
		job.endMs = this.now();
		job.outcome = status;
		return jobEntry(job, this.now());
	}

	/** Adds finished jobs. Returns their ids. Throws an Error for an invalid time, status or request. */
	seedJobs(seed: Seed = {}): string[] {
		return seedJobs(this.state, this.now(), seed);
	}

	/** Moves the clock forward. Returns the new time, ms since 1970. */
	advance(ms: number): number {
		if (!(ms >= 0)) throw new Error('The clock can only move forward');
		this.state.clock.offsetMs += ms;
		return this.now();
	}

	/** Restores the start: no jobs, no requests, the first settings and faults, the clock not moved. */
	reset(): void {
		this.state.jobs.clear();
		this.state.log.clear();
		this.state.clock.offsetMs = 0;
		this.state.settings = structuredClone(this.state.initial.settings);
		this.setFaults(this.state.initial.faults);
	}
}
