import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { isFinal } from '../../api/errors';
import { isCompleted } from '../../jobs/job';
import { waitForJob } from '../../jobs/wait';
import { noticeField, optionsField } from '../fields';
import type { Operation } from '../operation';
import { deliver } from '../output/deliver';
import { downloadOptions, fieldsOfOutput, readOutput } from '../output/readOutput';
import { eventNamesField } from '../output/rowSteps';
import { readWait, waitOptions } from '../waiting';
import { addEventTypesHint } from './eventTypes';
import { exportFields, formatField, startOptions } from './fields';
import { readConflictOptions, readExportRequest } from './readExport';
import { startForItem } from './start';

/** An error after the start: the export goes on, and only its ID leads to it. */
function withJobId(error: unknown, jobId: string): unknown {
	const isOurs = error instanceof NodeApiError || error instanceof NodeOperationError;
	if (isOurs && !`${error.message} ${error.description}`.includes(jobId)) {
		error.description = `${error.description ?? ''} The export is job ${jobId}. Use this ID in Job > Wait or Job > Download, which start no second export.`;
	}
	return error;
}

export const createAndWait: Operation = {
	value: 'createAndWait',
	name: 'Get Events',
	action: 'Get events',
	description:
		'Export raw events, wait for the export to finish, and return its rows, a summary or files',
	properties: [
		noticeField(
			'exportNotice',
			'Userpilot runs one export at a time per API key. If one is already running, this step waits for it. An export can take several minutes.',
		),
		...exportFields(eventNamesField),
		...fieldsOfOutput(['links', 'files', 'job', 'rows', 'summary'], 'rows'),
		// Rows are always read from JSON.
		{ ...formatField, displayOptions: { show: { output: ['links', 'files', 'job'] } } },
		optionsField(
			...startOptions('wait'),
			...waitOptions(
				'How long to wait, for another export that is running and for this one together',
			),
			...downloadOptions,
		),
	],
	async execute({ parameters, connect }) {
		const output = readOutput(parameters);
		const exportRequest = readExportRequest(parameters, Date.now(), output);
		const { format } = exportRequest;
		const conflictOptions = readConflictOptions(parameters);
		const waitFor = readWait(parameters);
		const starting = await connect();
		addEventTypesHint(starting, exportRequest.body.event_type);
		const started = await startForItem(starting, exportRequest, conflictOptions);
		const { job_id: jobId } = started.job;
		const { reused } = started;
		const connection = { ...starting, jobId };
		const finish = async () => {
			const job = await waitForJob(connection, jobId, waitFor);
			const extra = { job_id: jobId, reused };
			if (!isCompleted(job)) return [{ json: { ...job, ...extra } }];
			// Another's job may be of another format.
			return await deliver(connection, job, reused ? output : { ...output, format }, extra);
		};
		return await finish().catch(async (error: unknown) => {
			if (isFinal(error)) started.forget();
			return await Promise.reject(withJobId(error, jobId));
		});
	},
};
