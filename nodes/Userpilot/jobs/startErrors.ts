import type { NodeApiError } from 'n8n-workflow';

import type { ApiRequest, Connection } from '../api/connection';
import { apiError, nodeApiError, unexpectedBodyError } from '../api/errors';
import { apiMessageOf, isSuccess, parseJson } from '../api/response';
import type { ApiResponse } from '../api/response';
import type { JobSummary } from '../api/schemas';
import type { Outcome } from './account';
import { formatUtc, inMinutes } from './job';

const describeJob = ({ job_id, start_time, status, progress }: JobSummary) =>
	`job "${job_id}" (${[status, progress, `started ${formatUtc(start_time)}`].filter(Boolean).join(', ')})`;

/** The response to a POST was lost, and several jobs are new. */
export const severalJobsError = (connection: Connection, jobs: JobSummary[]): NodeApiError =>
	nodeApiError(connection, {
		message: `Userpilot's response was lost, and ${jobs.length} jobs have started since: ${jobs.map(describeJob).join('; ')}. It is not known which one is yours`,
		description:
			'Check these jobs with Job > Get, and continue with the right ID. No other export was started.',
	});

/** @param running undefined if the list does not show it */
export function conflictError(
	connection: Connection,
	running: JobSummary | undefined,
	conflict: ApiResponse,
): NodeApiError {
	const apiMessage = apiMessageOf(parseJson(conflict.text));
	const description = [
		'Nothing was started.',
		connection.itemIndex &&
			'This node starts one export per input item. If one export is enough, turn on Settings > Execute Once.',
		"Set Options > 'If an Export Is Running' to wait for it or to use it, or try again when it has finished.",
		apiMessage && `Userpilot's message: ${apiMessage}`,
	];
	const other = running ? `: ${describeJob(running)}` : ', which is not in the list of jobs (yet)';
	return nodeApiError(
		{ ...connection, jobId: running?.job_id },
		{
			message: `Userpilot runs one export at a time, and another one is running${other}`,
			description: description.filter(Boolean).join(' '),
		},
		409,
	);
}

/** @param running the export that was waited for, if known */
export const conflictTimeoutError = (
	connection: Connection,
	running: JobSummary | undefined,
	maxWaitMs: number,
): NodeApiError =>
	nodeApiError(
		{ ...connection, jobId: running?.job_id },
		{
			message: `Timed out after ${inMinutes(maxWaitMs)} waiting for ${running ? describeJob(running) : 'the other export'} to finish. Your export was not started`,
			description:
				"Increase Options > 'Max Wait (Minutes)', or start this workflow with the Userpilot Trigger, which fires when that job has finished.",
		},
	);

const UNKNOWN =
	'It is not known whether the export was started. Check with Job > Get Many before you start it again.';

/** An export was not started, or it is not known whether it was. */
export function notStartedError(
	connection: Connection,
	request: ApiRequest,
	outcome: Extract<Outcome, { kind: 'unknown' | 'rejected' }>,
): NodeApiError {
	const { result } = outcome.kind === 'unknown' ? outcome.lost : outcome;
	// A success without a job ID may come from a server that has started the export.
	if (isSuccess(result)) {
		return unexpectedBodyError(result, connection, request, 'JSON with "job_id"', UNKNOWN);
	}
	const error = apiError(result, connection, request);
	const consequence = outcome.kind === 'unknown' ? UNKNOWN : 'No export was started.';
	error.description = `${consequence} ${error.description}`;
	return error;
}
