import { isCompleted } from '../../jobs/job';
import { waitForJob } from '../../jobs/wait';
import { jobIdField, jobNotice, optionsField, readJobId } from '../fields';
import type { Operation } from '../operation';
import { deliver } from '../output/deliver';
import { downloadOptions, fieldsOfOutput, readOutput } from '../output/readOutput';
import { rowFiltersField } from '../output/rowSteps';
import { readWait, waitOptions } from '../waiting';

export const wait: Operation = {
	value: 'wait',
	name: 'Wait',
	action: 'Wait for export to finish',
	description:
		'Wait until an export job has completed, and return the job, its files, its rows or a summary',
	properties: [
		jobNotice,
		jobIdField,
		rowFiltersField,
		...fieldsOfOutput(['links', 'files', 'job', 'rows', 'summary'], 'job'),
		optionsField(...waitOptions('How long to wait for the job to finish'), ...downloadOptions),
	],
	async execute({ parameters, connect }) {
		const jobId = readJobId(parameters);
		const request = readOutput(parameters);
		const waitFor = readWait(parameters);
		const connection = await connect(jobId);
		const job = await waitForJob(connection, jobId, waitFor);
		return isCompleted(job) ? await deliver(connection, job, request) : [{ json: { ...job } }];
	},
};
