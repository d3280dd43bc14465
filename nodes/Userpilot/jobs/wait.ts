import type { NodeApiError } from 'n8n-workflow';

import { checkJob } from '../api/calls';
import { pause } from '../api/connection';
import type { Connection } from '../api/connection';
import { markFinal, nodeApiError } from '../api/errors';
import type { Job } from '../api/schemas';
import { inMinutes, isCompleted, isFailed, pollIntervalMs } from './job';

/** What to do when a job has not finished in time. */
export type OnTimeout = 'fail' | 'returnJob';

export interface WaitOptions {
	/** Unix time in ms at which the wait began. */
	startedAt: number;
	maxWaitMs: number;
	onTimeout: OnTimeout;
}

/** How long the last status check may take, even after the timeout. */
const LAST_CHECK_MS = 10_000;

function failedError(connection: Connection, jobId: string, { progress }: Job): NodeApiError {
	const error = nodeApiError(connection, {
		message: `Export job "${jobId}" has failed${progress ? ` (progress: ${progress})` : ''}`,
		description: `Start the export again. If it keeps failing, use fewer days or other filters, or contact Userpilot support about job ${jobId}.`,
	});
	return markFinal(error);
}

function timeoutError(
	connection: Connection,
	jobId: string,
	{ maxWaitMs }: WaitOptions,
	job: Job | undefined,
	error: NodeApiError | undefined,
): NodeApiError {
	const timedOut = `Timed out after ${inMinutes(maxWaitMs)} waiting for export job "${jobId}"`;
	if (!job && error) {
		return nodeApiError(connection, {
			message: `${timedOut}: every status check failed. ${error.message}`,
			description: `The job keeps running at Userpilot. Once Userpilot responds again, continue with Job > Wait and the ID ${jobId}, within 3 days after the job was started.`,
		});
	}
	const progress = job?.progress ? ` (${job.progress})` : '';
	const description = [
		`The job keeps running at Userpilot. Continue with Job > Wait and its ID. Next time, increase Options > 'Max Wait (Minutes)', or use the Userpilot Trigger, which fires when job ${jobId} has finished.`,
		error && `The last status check failed: ${error.message}`,
	];
	return nodeApiError(connection, {
		message: `${timedOut}. Its status is ${job?.status || 'unknown'}${progress}`,
		description: description.filter(Boolean).join(' '),
	});
}

/**
 * Waits until a job has completed. An unknown status counts as running, and a temporary error is followed
 * by another status check.
 *
 * @returns the completed job; after a timeout with `returnJob`, the job as it was last seen
 * @throws {NodeApiError} when the job has failed or is gone, and after a timeout
 * @throws {NodeOperationError} when the execution was stopped
 */
export async function waitForJob(
	connection: Connection,
	jobId: string,
	options: WaitOptions,
): Promise<Job> {
	const { startedAt, maxWaitMs, onTimeout } = options;
	let lastSeen: Job | undefined;
	for (;;) {
		const deadline = Math.max(startedAt + maxWaitMs, Date.now() + LAST_CHECK_MS);
		const check = await checkJob({ ...connection, deadline }, jobId);
		if ('job' in check) {
			lastSeen = check.job;
			if (isCompleted(lastSeen)) return lastSeen;
			if (isFailed(lastSeen)) throw failedError(connection, jobId, lastSeen);
		} else if (!check.isTemporary && !lastSeen) {
			throw check.error;
		}
		const { error, retryAfterMs = 0 } = 'error' in check ? check : {};
		const waited = Date.now() - startedAt;
		const delay = Math.min(Math.max(pollIntervalMs(waited), retryAfterMs), maxWaitMs - waited);
		if (delay <= 0) {
			if (onTimeout === 'returnJob') return lastSeen ?? { job_id: jobId };
			throw timeoutError(connection, jobId, options, lastSeen, error);
		}
		await pause(connection.context, delay);
	}
}
