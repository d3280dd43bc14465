import type { Script, Scripted } from '../../../support/virtualTime';
import type { DetailsAnswer, Weather } from './steps';

const LISTED_MS = 3 * 86_400_000;
/** IDs such as `__proto__` come first, which can break lookups in objects. */
const ODD_IDS = ['__proto__', 'constructor', 'toString', '0', 'a/b c'];
const ODD_ENTRIES = [null, 'job', { job_id: 5, status: 'completed' }, { status: 'completed' }];

export interface Job {
	id: string;
	startedAt: number;
	endedAt?: number;
	status: string;
}

export const idOf = (index: number) => ODD_IDS[index] ?? `job-${index}`;

const bit = (mask: number, index: number) => ((mask >> index % 16) & 1) === 1;

/** The API writes times with and without a zone. */
function timeText(ms: number | undefined, form: number): string | null {
	if (ms === undefined) return null;
	const utc = new Date(ms).toISOString();
	if (form % 3 === 0) return utc;
	if (form % 3 === 1) return `${utc.slice(0, -1)}123`;
	return `${new Date(ms + 2 * 3_600_000).toISOString().slice(0, -1)}+02:00`;
}

export const isListed = ({ startedAt }: Job, now: number) => now - startedAt < LISTED_MS;

export const listedJobs = (jobs: Job[], now: number, { unlisted }: Weather) =>
	jobs.filter((job, index) => isListed(job, now) && !bit(unlisted, index));

export const answerOf = (jobs: Job[], id: string, { details }: Weather): DetailsAnswer =>
	details[jobs.findIndex((job) => job.id === id) % details.length]!;

const summaryOf = (job: Job, index: number) => ({
	job_id: job.id,
	status: job.status,
	start_time: timeText(job.startedAt, index + 1),
	end_time: timeText(job.endedAt, index),
});

function listOf(jobs: Job[], now: number, weather: Weather): Scripted {
	if (weather.list === 'fails') return { status: 500 };
	if (weather.list === 'an HTML page') return { body: '<html></html>' };
	if (weather.list === 'hangs') return { afterMs: Infinity };
	const body: unknown[] = listedJobs(jobs, now, weather).flatMap((job) => {
		const summary = summaryOf(job, jobs.indexOf(job));
		return weather.twice ? [summary, { ...summary }] : [summary];
	});
	if (weather.odd) body.splice(1, 0, ...ODD_ENTRIES);
	if (weather.reversed) body.reverse();
	return { body, afterMs: weather.list === 'slow' ? 4_000 : 0 };
}

/** The API at each request: its current jobs, with the faults of the poll. */
export function apiOf(jobs: Job[], now: () => number, weather: () => Weather): Script {
	return (path) => {
		if (path === '/jobs/') return listOf(jobs, now(), weather());
		const id = decodeURIComponent(path.slice('/jobs/'.length));
		const index = jobs.findIndex((job) => job.id === id);
		const body = summaryOf(jobs[index]!, index);
		switch (answerOf(jobs, id, weather())) {
			case 'gone':
				return { status: 404 };
			case 'fails':
				return { status: 503 };
			case 'refused':
				return { status: 401 };
			case 'hangs':
				return { afterMs: Infinity };
			case 'behind':
				return { body: { ...body, status: 'in_progress' } };
			case 'slow':
				return { body, afterMs: 3_000 };
			default:
				return { body };
		}
	};
}
