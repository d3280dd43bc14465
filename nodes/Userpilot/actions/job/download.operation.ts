import { getJob } from '../../api/calls';
import { nodeApiError } from '../../api/errors';
import { connect } from '../../api/client';
import { isCompleted } from '../../jobs/job';
import { parameterReader } from '../parameters';
import { jobIdField, jobNotice, readJobId } from '../fields';
import type { Operation } from '../operation';
import { deliver } from '../output/deliver';
import { downloadOptions, optionsField, outputField, rowLimitFields } from '../output/fields';
import { readOutput } from '../output/readOutput';

const output = outputField(['files', 'rows'], 'rows');

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download export',
	description: 'Download the files of a completed export job, as rows or as binary data',
	properties: [jobNotice, jobIdField, output, ...rowLimitFields, optionsField(...downloadOptions)],
	async execute(context, itemIndex) {
		const parameters = parameterReader(context, itemIndex);
		const jobId = readJobId(parameters);
		const request = readOutput(parameters, output);
		const connection = { ...(await connect(context, { itemIndex })), jobId };
		// Its links are asked for right before the download.
		const job = await getJob(connection, jobId);
		if (!isCompleted(job)) {
			throw nodeApiError(connection, {
				message: `Export job "${jobId}" has not completed: its status is ${job.status ?? 'unknown'}`,
				description:
					'Only a completed job has all its files. Use Job > Wait, which waits for it and then downloads, or start with the Userpilot Trigger. A failed job never completes: start the export again.',
			});
		}
		return await deliver(connection, context, job, request);
	},
};
