import { z } from 'zod/v3';

import { listJobs } from '../../api/calls';
import { connect } from '../../api/client';
import { isRunning, newestFirst } from '../../jobs/job';
import { jobNotice, limitFields, readLimit } from '../fields';
import { addHint } from '../hints';
import type { Operation } from '../operation';
import { choiceSchema, listSchema, parameterReader } from '../parameters';

const STATUSES = [
	{ name: 'Completed', value: 'completed', description: 'The files are ready' },
	{ name: 'Failed', value: 'failed', description: 'The export could not be made' },
	{ name: 'In Progress', value: 'in_progress', description: 'Neither completed nor failed' },
] as const;

const statusesSchema = listSchema.pipe(z.array(choiceSchema(STATUSES)));

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many export jobs',
	description:
		'List the export jobs of the last 3 days that were started with this API key, newest first',
	properties: [
		jobNotice,
		...limitFields,
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			options: [
				{
					displayName: 'Status',
					name: 'status',
					type: 'multiOptions',
					options: [...STATUSES],
					default: [],
					description: 'Only jobs with one of these statuses; all jobs when none is chosen',
				},
			],
		},
	],
	async execute(context, itemIndex) {
		const parameters = parameterReader(context, itemIndex);
		const limit = readLimit(parameters);
		const statuses = parameters.read('filters.status', 'Status', statusesSchema);
		const connection = await connect(context, { itemIndex });
		const skipped: string[] = [];
		const jobs = await listJobs({ ...connection, onSkipped: (sentence) => skipped.push(sentence) });
		skipped.forEach((sentence) => addHint(context, sentence, 'warning'));
		const fitting = jobs
			.filter(
				(job) =>
					statuses.length === 0 ||
					statuses.some((status) => status === job.status) ||
					(statuses.includes('in_progress') && isRunning(job)),
			)
			.sort(newestFirst)
			.slice(0, limit);
		if (fitting.length === 0 && skipped.length === 0) {
			const nothing =
				jobs.length === 0
					? 'No export was started with this API key in the last 3 days.'
					: 'No export job of the last 3 days has such a status.';
			addHint(context, nothing);
		}
		return fitting.map((json) => ({ json }));
	},
};
