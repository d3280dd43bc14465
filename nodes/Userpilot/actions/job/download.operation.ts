import { getJob } from '../../api/calls';
import { nodeApiError } from '../../api/errors';
import { isCompleted } from '../../jobs/job';
import { jobIdField, jobNotice, optionsField, readJobId } from '../fields';
import type { Operation } from '../operation';
import { deliver } from '../output/deliver';
import { downloadOptions, fieldsOfOutput, readOutput } from '../output/readOutput';
import { rowFiltersField } from '../output/rowSteps';

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download export',
	description: 'Download the files of a completed export job, as rows, a summary or binary data',
	properties: [
		jobNotice,
		jobIdField,
		rowFiltersField,
		...fieldsOfOutput(['files', 'rows', 'summary'], 'rows'),
		optionsField(...downloadOptions),
	],
	async execute({ parameters, connect }) {
		const jobId = readJobId(parameters);
		const request = readOutput(parameters);
		const connection = await connect(jobId);
		// Its links are requested right before the download.
		const job = await getJob(connection, jobId);
		if (!isCompleted(job)) {
			throw nodeApiError(connection, {
				message: `Export job "${jobId}" has not completed: its status is ${job.status ?? 'unknown'}`,
				description:
					'Only a completed job has all its files. Use Job > Wait, which waits for it and then downloads, or start with the Userpilot Trigger. A failed job never completes: start the export again.',
			});
		}
		return await deliver(connection, job, request);
	},
};
