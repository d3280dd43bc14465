import type { NodeApiError } from 'n8n-workflow';

import type { Response } from '../api/response';
import { parseJson, wordsOf } from '../api/response';
import type { Connection } from '../api/connection';
import { nodeApiError } from '../api/errors';
import type { JobSummary } from '../api/schemas';
import { formatUtc, inMinutes } from './job';

const describeJob = ({ job_id, start_time, status, progress }: JobSummary) =>
	`job "${job_id}" (${[status, progress, `started ${formatUtc(start_time)}`].filter(Boolean).join(', ')})`;

/** The response of a POST was lost, and several jobs are new. */
export function severalJobsError(connection: Connection, jobs: JobSummary[]): NodeApiError {
	return nodeApiError(connection, {
		message: `Userpilot's response to the export was lost, and ${jobs.length} jobs have started since: ${jobs.map(describeJob).join('; ')}. It is not known which one is yours`,
		description:
			'Check these jobs, and continue with the right one: Job > Get with its ID. No further export was started.',
	});
}

/** @param running undefined where the list does not show what is running */
export function conflictError(
	connection: Connection,
	running: JobSummary | undefined,
	conflict: Response,
): NodeApiError {
	const words = wordsOf(parseJson(conflict.text));
	const description = [
		'Nothing was started.',
		connection.itemIndex &&
			'This node starts one export for each input item; if one is enough, turn on Settings > Execute Once.',
		'Set Options > If an Export Is Running to wait for it or to use it, or run this again when it has finished.',
		words && `Userpilot's message: ${words}`,
	];
	return nodeApiError(
		{ ...connection, jobId: running?.job_id },
		{
			message: running
				? `Userpilot runs one export at a time, and another one is running: ${describeJob(running)}`
				: 'Userpilot runs one export at a time, and another one is running that its list of jobs does not show (yet)',
			description: description.filter(Boolean).join(' '),
		},
		409,
	);
}

/** @param running the export that was waited for, where it is known */
export function outOfTimeError(
	connection: Connection,
	running: JobSummary | undefined,
	maxWaitMs: number,
): NodeApiError {
	const other = running ? describeJob(running) : 'the other export';
	return nodeApiError(
		{ ...connection, jobId: running?.job_id },
		{
			message: `Timed out after ${inMinutes(maxWaitMs)} waiting for ${other} to finish. Your export was not started`,
			description:
				'Raise Options > Max Wait (Minutes), or start this workflow with the Userpilot Trigger, which fires when that job has finished.',
		},
	);
}
