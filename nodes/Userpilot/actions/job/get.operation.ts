import { getJob } from '../../api/calls';
import { connect } from '../../api/client';
import { parameterReader } from '../parameters';
import { jobIdField, readJobId } from '../fields';
import type { Operation } from '../operation';

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get the status and file links of an export job',
	description: 'Get the status of one export job and, once it is completed, the links to its files',
	properties: [jobIdField],
	async execute(context, itemIndex) {
		const jobId = readJobId(parameterReader(context, itemIndex));
		const connection = await connect(context, { itemIndex });
		return [{ json: await getJob(connection, jobId) }];
	},
};
