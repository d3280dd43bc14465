import { getJob } from '../../api/calls';
import { connect } from '../../api/client';
import { parameterReader } from '../parameters';
import { jobIdField, jobNotice, readJobId } from '../fields';
import type { Operation } from '../operation';

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get export job',
	description: 'Get the status of one export job and, once it is completed, the links to its files',
	properties: [jobNotice, jobIdField],
	async execute(context, itemIndex) {
		const jobId = readJobId(parameterReader(context, itemIndex));
		const connection = { ...(await connect(context, { itemIndex })), jobId };
		return [{ json: await getJob(connection, jobId) }];
	},
};
