import { createHash, randomUUID } from 'node:crypto';
import { monthsBetween } from './calendar.ts';
import type { ExportRequest } from './export-request.ts';
import { hash32, seededRandom } from './random.ts';
import type { Settings } from './settings.ts';

export type FinalStatus = 'completed' | 'failed';
export type JobStatus = FinalStatus | 'in_progress';

const HOUR_MS = 3_600_000;

/** A job. Its state depends on the clock only; nothing runs in the background. Times are ms since 1970. */
export interface Job {
	id: string;
	key: string;
	request: ExportRequest;
	startMs: number;
	endMs: number;
	outcome: FinalStatus;
	/** The settings at its start, so that a later change does not change existing files. */
	settings: Settings;
}

/** The state of a job at a moment. `done` counts finished chunks; `endMs` is null while it runs. */
export interface JobState {
	status: JobStatus;
	endMs: number | null;
	done: number;
	chunks: string[];
}

/** The app token of the environment that a key belongs to. */
export const appTokenOf = (key: string): string =>
	`NX-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;

/** The state of a job at a moment. A failed job stops halfway. */
export function jobState(job: Job, nowMs: number): JobState {
	const chunks = monthsBetween(job.request.from, job.request.to);
	if (nowMs >= job.endMs) {
		const done = job.outcome === 'completed' ? chunks.length : Math.floor(chunks.length / 2);
		return { status: job.outcome, endMs: job.endMs, done, chunks };
	}
	const share = (nowMs - job.startMs) / Math.max(1, job.endMs - job.startMs);
	const done = Math.max(0, Math.min(chunks.length - 1, Math.floor(share * chunks.length)));
	return { status: 'in_progress', endMs: null, done, chunks };
}

/** Jobs of all keys. */
export class JobStore {
	private readonly jobs = new Map<string, Job>();

	all(): Job[] {
		return [...this.jobs.values()];
	}

	clear(): void {
		this.jobs.clear();
	}

	byId(id: string): Job | undefined {
		return this.jobs.get(id);
	}

	/** A key's jobs that have not expired, newest first. */
	visible(key: string, nowMs: number, settings: Settings): Job[] {
		const oldest = nowMs - settings.jobTtlHours * HOUR_MS;
		return this.all()
			.filter((job) => job.key === key && job.startMs > oldest)
			.reverse()
			.sort((a, b) => b.startMs - a.startMs);
	}

	isRunning(key: string, nowMs: number): boolean {
		return this.all().some((job) => job.key === key && nowMs < job.endMs);
	}

	/** Starts a job that takes `jobSeconds` and fails at `failureRate`. */
	start(key: string, request: ExportRequest, nowMs: number, settings: Settings): Job {
		const draw = seededRandom(hash32(`job ${settings.seed}/${this.jobs.size}`))();
		return this.add({
			key,
			request,
			startMs: nowMs,
			endMs: nowMs + settings.jobSeconds * 1000,
			outcome: draw < settings.failureRate ? 'failed' : 'completed',
			settings,
		});
	}

	/** Ids are random in spite of the seed, so that a client that stores ids never mistakes a new job for an old one. */
	add(job: Omit<Job, 'id'>): Job {
		const added = { ...job, id: randomUUID() };
		this.jobs.set(added.id, added);
		return added;
	}
}
