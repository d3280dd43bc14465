import { getJob } from '../../api/calls';
import { jobIdField, jobNotice, readJobId } from '../fields';
import type { Operation } from '../operation';

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get export job',
	description:
		'Get the status of one export job and, once it has completed, the links to its files',
	properties: [jobNotice, jobIdField],
	async execute({ parameters, connect }) {
		const jobId = readJobId(parameters);
		return [{ json: await getJob(await connect(jobId), jobId) }];
	},
};
