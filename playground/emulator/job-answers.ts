import { jobState, appTokenOf, type Job, type JobState } from './jobs.ts';
import { jobFiles, type FileStore } from './files.ts';

/**
 * ISO time with microseconds and no zone, as the API writes some of its times. The clock ends at
 * milliseconds; the rest is taken from the id, so that it stays the same.
 */
const localInstant = (ms: number, job: Job): string =>
	`${new Date(ms).toISOString().slice(0, -1)}${String(Number.parseInt(job.id.slice(0, 4), 16) % 1000).padStart(3, '0')}`;

const utcInstant = (ms: number, job: Job): string => `${localInstant(ms, job)}Z`;

const endTime = (state: JobState, job: Job): string | null =>
	state.endMs === null ? null : utcInstant(state.endMs, job);

const progressText = (done: number, state: JobState): string =>
	`${done} out of ${state.chunks.length} partitions`;

/** The answer to a POST. */
export const createdAnswer = (job: Job) => ({
	environment_app_token: appTokenOf(job.key),
	environment_name: 'production',
	job_id: job.id,
	links: `/api/v1/analytics/exports/jobs/${job.id}`,
	start_time: localInstant(job.startMs, job),
});

/** An entry of the list of jobs. `start_time` has no zone there, as in the guide. */
export function listedAnswer(job: Job, nowMs: number) {
	const state = jobState(job, nowMs);
	const seconds = Math.max(0, Math.round(((state.endMs ?? nowMs) - job.startMs) / 1000));
	return {
		elapsed_time: `${seconds} seconds`,
		elapsed_time_seconds: seconds,
		end_time: endTime(state, job),
		job_id: job.id,
		progress: progressText(state.done, state),
		start_time: localInstant(job.startMs, job),
		status: state.status,
	};
}

/** A job's details. Links are there once it is completed. */
export function jobAnswer(job: Job, nowMs: number, files: FileStore) {
	const state = jobState(job, nowMs);
	const isCompleted = state.status === 'completed';
	const odd = isCompleted && job.settings.oddProgress;
	const shown = odd ? Math.min(2, state.chunks.length - 1) : state.done;
	return {
		app_token: appTokenOf(job.key),
		completed_chunks: state.chunks.slice(0, state.done),
		current_chunk: state.chunks[Math.min(state.done, state.chunks.length - 1)],
		end_time: endTime(state, job),
		job_id: job.id,
		presigned_urls: isCompleted ? jobFiles(job).map((file) => files.presign(file)) : [],
		progress: progressText(shown, state),
		start_time: utcInstant(job.startMs, job),
		status: state.status,
		all_chunks: state.chunks,
		type: 'export',
	};
}
