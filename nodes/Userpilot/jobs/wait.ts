import type { NodeApiError } from 'n8n-workflow';

import { lookAtJob } from '../api/calls';
import { pause } from '../api/connection';
import type { Connection } from '../api/connection';
import { markFinal, nodeApiError } from '../api/errors';
import type { Job } from '../api/schemas';
import { inMinutes, isCompleted, isFailed, pollIntervalMs } from './job';

/** What to do when a job has not finished in time. */
export type OnTimeout = 'fail' | 'returnJob';

export interface WaitOptions {
	/** Unix time in ms from which the wait counts. */
	startedAt: number;
	maxWaitMs: number;
	onTimeout: OnTimeout;
}

/** How long the calls of a look may take that begins at the very end of the time. */
const LAST_LOOK_MS = 10_000;

const describeState = ({ status, progress }: Job) =>
	`${status ?? 'without a status'}${progress ? ` (${progress})` : ''}`;

function failedError(connection: Connection, jobId: string, { progress }: Job): NodeApiError {
	const error = nodeApiError(connection, {
		message: `Export job "${jobId}" has failed${progress ? ` (progress: ${progress})` : ''}`,
		description: `Start the export again, with fewer days or other filters if it stays so; Userpilot can say why job ${jobId} failed.`,
	});
	return markFinal(error);
}

function outOfTimeError(
	connection: Connection,
	jobId: string,
	{ maxWaitMs }: WaitOptions,
	job: Job | undefined,
	problem: NodeApiError | undefined,
): NodeApiError {
	const waited = `Waited ${inMinutes(maxWaitMs)} for export job "${jobId}", and`;
	if (!job && problem) {
		return nodeApiError(connection, {
			message: `${waited} no look at it succeeded. ${problem.message}`,
			description: `The job itself goes on at Userpilot, and nothing is lost of it. Once Userpilot answers again, go on with Job > Wait and the ID ${jobId}; that works for 3 days after the job was started.`,
		});
	}
	const state = job ? `is ${describeState(job)}` : 'has not been seen yet';
	const description = [
		`The job goes on without us, and nothing is lost of it. Go on with Job > Wait and its ID. For the next time, raise Options > Max Wait (Minutes), or let the Userpilot Trigger take over, which fires when job ${jobId} has finished.`,
		problem && `The last look failed: ${problem.message}`,
	];
	return nodeApiError(connection, {
		message: `${waited} it ${state}`,
		description: description.filter(Boolean).join(' '),
	});
}

/**
 * Waits until a job has completed. A status that we do not know counts as still running, and a look
 * that fails in a way that may pass is followed by another.
 *
 * @returns the completed job; with `returnJob`, when the time is up, the job as it was last seen
 * @throws {NodeApiError} when the job has failed or is gone, and when the time is up
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
		const deadline = Math.max(startedAt + maxWaitMs, Date.now() + LAST_LOOK_MS);
		const look = await lookAtJob({ ...connection, deadline }, jobId);
		if ('job' in look) {
			lastSeen = look.job;
			if (isCompleted(lastSeen)) return lastSeen;
			if (isFailed(lastSeen)) throw failedError(connection, jobId, lastSeen);
		} else if (!look.mayPass && !lastSeen) {
			throw look.problem;
		}
		const waited = Date.now() - startedAt;
		const asked = 'problem' in look ? (look.retryAfterMs ?? 0) : 0;
		const delay = Math.min(Math.max(pollIntervalMs(waited), asked), maxWaitMs - waited);
		if (delay <= 0) {
			if (onTimeout === 'returnJob') return lastSeen ?? { job_id: jobId };
			const problem = 'problem' in look ? look.problem : undefined;
			throw outOfTimeError(connection, jobId, options, lastSeen, problem);
		}
		await pause(connection.context, delay);
	}
}
