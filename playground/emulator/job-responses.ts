import { jobState, appTokenOf, type Job, type JobState } from './jobs.ts';
import { jobFiles, type FileStore } from './files.ts';

/**
 * ISO time with microseconds and no zone, as the API writes some of its times. The microseconds come
 * from the id, so that they stay the same.
 */
const localInstant = (ms: number, job: Job): string =>
	`${new Date(ms).toISOString().slice(0, -1)}${String(Number.parseInt(job.id.slice(0, 4), 16) % 1000).padStart(3, '0')}`;

const utcInstant = (ms: number, job: Job): string => `${localInstant(ms, job)}Z`;

const endTime = (state: JobState, job: Job): string | null =>
	state.endMs === null ? null : utcInstant(state.endMs, job);

const progressText = (done: number, state: JobState): string =>
	`${done} out of ${state.chunks.length} partitions`;

/** The response to a POST. */
export const createdJob = (job: Job) => ({
	environment_app_token: appTokenOf(job.key),
	environment_name: 'production',
	job_id: job.id,
	links: `/api/v1/analytics/exports/jobs/${job.id}`,
	start_time: localInstant(job.startMs, job),
});

/** A job in the list of jobs. Its `start_time` has no zone, as in the guide. */
export function listedJob(job: Job, nowMs: number) {
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

/** A job's details. They have links once the job is completed. */
export function jobDetails(job: Job, nowMs: number, files: FileStore) {
	const state = jobState(job, nowMs);
	const isCompleted = state.status === 'completed';
	const isOdd = isCompleted && job.settings.oddProgress;
	const done = isOdd ? Math.min(2, state.chunks.length - 1) : state.done;
	return {
		app_token: appTokenOf(job.key),
		completed_chunks: state.chunks.slice(0, state.done),
		current_chunk: state.chunks[Math.min(state.done, state.chunks.length - 1)],
		end_time: endTime(state, job),
		job_id: job.id,
		presigned_urls: isCompleted ? jobFiles(job).map((file) => files.presign(file)) : [],
		progress: progressText(done, state),
		start_time: utcInstant(job.startMs, job),
		status: state.status,
		all_chunks: state.chunks,
		type: 'export',
	};
}
