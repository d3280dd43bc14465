import type { IDataObject } from 'n8n-workflow';

import type { Job, JobSummary } from '../api/schemas';

/** One record per file of a job; a job without files gives one with `filename` and `url` null. */
export function fileRecords(job: Job): IDataObject[] {
	const { job_id, status, start_time, end_time, presigned_urls } = job;
	const files = presigned_urls?.length ? presigned_urls : [{ filename: null, url: null }];
	return files.map(({ filename, url }) => ({
		job_id,
		filename: filename ?? null,
		url: url ?? null,
		status: status ?? null,
		start_time: start_time ?? null,
		end_time: end_time ?? null,
	}));
}

const MIN_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 30_000;
/** Nothing tells when a job ends that is not listed. */
const UNLISTED_INTERVAL_MS = 5_000;

/**
 * The time between two polls for a job: a tenth of its age, 1 s to 30 s.
 *
 * @param ageMs how long the job has been running or waited for, in ms
 */
export const pollIntervalMs = (ageMs: number): number =>
	Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, ageMs / 10));

/**
 * The time until the next POST while a job is running that is not listed: 5 s, half as long again each
 * time, up to 30 s.
 */
export const unlistedIntervalMs = (refusals: number): number =>
	Math.min(MAX_INTERVAL_MS, UNLISTED_INTERVAL_MS * 1.5 ** (refusals - 1));

/**
 * What a job's status means. The API knows `completed`, `failed` and `in_progress`; whatever else it
 * may say one day counts as still running, never as done. The progress text is no guide: "2 out of 5
 * partitions" stands beside `completed` too.
 */
interface WithStatus {
	status?: string | null;
}

export const isCompleted = ({ status }: WithStatus) => status === 'completed';
export const isFailed = ({ status }: WithStatus) => status === 'failed';
export const isFinished = (job: WithStatus) => isCompleted(job) || isFailed(job);
export const isRunning = (job: WithStatus) => !isFinished(job);
/** Whether it is the one export that keeps Userpilot from starting another: a status that nobody knows is no proof. */
export const isInProgress = ({ status }: WithStatus) => status === 'in_progress';

/** Unix time in ms of a job's time text, which is UTC also where it has no zone; NaN for none. */
function parseUtc(text: string | null | undefined): number {
	if (!text) return NaN;
	return Date.parse(/(z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`);
}

const timeOrZero = (text: string | null | undefined) => parseUtc(text) || 0;

/** When a job ended, or where the API does not say, when it started. */
const finishTime = ({ end_time, start_time }: JobSummary) =>
	timeOrZero(end_time) || timeOrZero(start_time);

/** For sort(): the job that finished first comes first. */
export const byFinishTime = (a: JobSummary, b: JobSummary) => finishTime(a) - finishTime(b);

/** When a job started, Unix time in ms; NaN where the API does not say. */
export const startTime = ({ start_time }: { start_time?: unknown }) =>
	parseUtc(typeof start_time === 'string' ? start_time : undefined);

/** How long ago a job started, in ms, by the clock of this machine; 0 where that is not known. */
export const ageMs = (job: JobSummary) => Math.max(0, Date.now() - startTime(job)) || 0;

/** For sort(): the job that started last comes first. */
export const newestFirst = (a: JobSummary, b: JobSummary) =>
	timeOrZero(b.start_time) - timeOrZero(a.start_time);

/** `2024-09-22 11:20:58 UTC` */
export function formatUtc(text: string | null | undefined): string {
	const time = parseUtc(text);
	return Number.isNaN(time)
		? 'unknown time'
		: `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 minute`, `60 minutes` */
export const inMinutes = (ms: number) => `${ms / 60_000} minute${ms === 60_000 ? '' : 's'}`;
