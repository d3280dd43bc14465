import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { connect } from '../../api/client';
import { isFinal } from '../../api/errors';
import { isCompleted } from '../../jobs/job';
import { waitForJob } from '../../jobs/wait';
import { parameterReader } from '../parameters';
import type { Operation } from '../operation';
import { deliver } from '../output/deliver';
import {
	downloadOptions,
	optionsField,
	outputField,
	rowLimitFields,
	waitOptions,
} from '../output/fields';
import { readOutput, readWait } from '../output/readOutput';
import { addEventTypesHint } from './eventTypes';
import { exportFields, notice, startOptions } from './fields';
import { readConflictOptions, readExportRequest } from './readExport';
import { startForItem } from './start';

const DEFAULT_ON_CONFLICT = 'wait';
const output = outputField(['links', 'files', 'job', 'rows'], 'rows');

/** An error after the start: the export goes on, and only its ID leads to it. */
function withJobId(error: unknown, jobId: string): unknown {
	const isOurs = error instanceof NodeApiError || error instanceof NodeOperationError;
	if (isOurs && !`${error.message} ${error.description}`.includes(jobId)) {
		error.description = `${error.description ?? ''} The export is job ${jobId}: Job > Wait and Job > Download take its ID, and start no second export.`;
	}
	return error;
}

export const createAndWait: Operation = {
	value: 'createAndWait',
	name: 'Get Events',
	action: 'Get events',
	description: 'Export raw events, wait for the export to finish, and return its rows or files',
	properties: [
		notice(
			'Userpilot runs one export at a time per API key. If one is already running, this step waits for it. An export can take several minutes.',
		),
		...exportFields,
		output,
		...rowLimitFields,
		optionsField(...startOptions(DEFAULT_ON_CONFLICT), ...waitOptions, ...downloadOptions),
	],
	async execute(context, itemIndex) {
		const parameters = parameterReader(context, itemIndex);
		const exportRequest = readExportRequest(parameters, Date.now());
		const { format } = exportRequest;
		const request = readOutput(parameters, output, format);
		const conflictOptions = readConflictOptions(parameters, DEFAULT_ON_CONFLICT);
		const waitFor = readWait(parameters);
		addEventTypesHint(context, exportRequest.body.event_type);
		const starting = await connect(context, { itemIndex });
		const {
			job: { job_id: jobId },
			reused,
			forget,
		} = await startForItem(context, itemIndex, starting, exportRequest, conflictOptions);
		const connection = { ...starting, jobId };
		const finish = async () => {
			const job = await waitForJob(connection, jobId, waitFor);
			const extra = { job_id: jobId, reused };
			if (!isCompleted(job)) return [{ json: { ...job, ...extra } }];
			// Another's job may be of another format.
			const known = reused ? request : { ...request, format };
			return await deliver(connection, context, job, known, extra);
		};
		return await finish().catch(async (error: unknown) => {
			if (isFinal(error)) forget();
			return await Promise.reject(withJobId(error, jobId));
		});
	},
};
