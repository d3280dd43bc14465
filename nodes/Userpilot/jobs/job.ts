import type { IDataObject } from 'n8n-workflow';

import type { Job, JobSummary } from '../api/schemas';

interface WithStatus {
	status?: string | null;
}

/**
 * What a job's status means. The documented ones are `completed`, `failed` and `in_progress`; a job with
 * any other is not finished. The progress text says nothing: it is "2 out of 5 partitions" also for
 * completed jobs.
 */
export const isCompleted = ({ status }: WithStatus) => status === 'completed';
export const isFailed = ({ status }: WithStatus) => status === 'failed';
export const isFinished = (job: WithStatus) => isCompleted(job) || isFailed(job);
/** Whether the job blocks other exports. An unknown status is no proof of that. */
export const isInProgress = ({ status }: WithStatus) => status === 'in_progress';

/** Unix time in ms of a time in a job, which is UTC even without a zone; NaN for none. */
function parseUtc(text: unknown): number {
	if (typeof text !== 'string') return NaN;
	return Date.parse(/(z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`);
}

/** When a job started, Unix time in ms; NaN if the API does not say. */
export const startTime = ({ start_time }: { start_time?: unknown }) => parseUtc(start_time);

/** How long ago a job started, in ms, by the clock of this machine; 0 if not known. */
export const ageMs = (job: JobSummary) => Math.max(0, Date.now() - startTime(job)) || 0;

/** When a job ended or, if the API does not say, when it started; 0 if neither is known. */
const finishTime = (job: JobSummary) => parseUtc(job.end_time) || startTime(job) || 0;

/** For sort(): the job that finished first comes first. */
export const byFinishTime = (a: JobSummary, b: JobSummary) => finishTime(a) - finishTime(b);

/** For sort(): the job that started last comes first. */
export const newestFirst = (a: JobSummary, b: JobSummary) =>
	(startTime(b) || 0) - (startTime(a) || 0);

/** `2024-09-22 11:20:58 UTC` */
export function formatUtc(text: string | null | undefined): string {
	const time = parseUtc(text);
	return Number.isNaN(time)
		? 'unknown time'
		: `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 minute`, `60 minutes` */
export const inMinutes = (ms: number) => `${ms / 60_000} minute${ms === 60_000 ? '' : 's'}`;

const MIN_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 30_000;
const UNLISTED_INTERVAL_MS = 5_000;

/**
 * The time between two polls for a job: a tenth of its age, 1 s to 30 s.
 *
 * @param ageMs how long the job has been running or waited for, in ms
 */
export const pollIntervalMs = (ageMs: number): number =>
	Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, ageMs / 10));

/**
 * The time until the next POST while the running job is not listed, so that its age is unknown: 5 s,
 * then 1.5 times as long each time, up to 30 s.
 */
export const unlistedIntervalMs = (conflicts: number): number =>
	Math.min(MAX_INTERVAL_MS, UNLISTED_INTERVAL_MS * 1.5 ** (conflicts - 1));

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
