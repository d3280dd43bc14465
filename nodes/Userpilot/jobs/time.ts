import type { JobSummary } from '../api/schemas';

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
