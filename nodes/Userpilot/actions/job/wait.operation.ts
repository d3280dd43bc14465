import { connect } from '../../api/client';
import { isCompleted } from '../../jobs/job';
import { waitForJob } from '../../jobs/wait';
import { parameterReader } from '../parameters';
import { jobIdField, jobNotice, readJobId } from '../fields';
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

const output = outputField(['links', 'files', 'job', 'rows'], 'job');

export const wait: Operation = {
	value: 'wait',
	name: 'Wait',
	action: 'Wait for export to finish',
	description: 'Wait until an export job has completed, and give the job, its files or its rows',
	properties: [
		jobNotice,
		jobIdField,
		output,
		...rowLimitFields,
		optionsField(...waitOptions, ...downloadOptions),
	],
	async execute(context, itemIndex) {
		const parameters = parameterReader(context, itemIndex);
		const jobId = readJobId(parameters);
		const request = readOutput(parameters, output);
		const waitFor = readWait(parameters);
		const connection = { ...(await connect(context, { itemIndex })), jobId };
		const job = await waitForJob(connection, jobId, waitFor);
		return isCompleted(job)
			? await deliver(connection, context, job, request)
			: [{ json: { ...job } }];
	},
};
