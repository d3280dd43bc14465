import { z } from 'zod/v3';

import { listJobs } from '../../api/calls';
import { isFinished, newestFirst } from '../../jobs/job';
import { choiceSchema, listSchema } from '../fieldSchemas';
import { jobNotice, limitField, readLimit, returnAllField } from '../fields';
import type { Operation } from '../operation';

const STATUSES = [
	{ name: 'Completed', value: 'completed', description: 'The files are ready' },
	{ name: 'Failed', value: 'failed', description: 'Userpilot could not make the export' },
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
		returnAllField,
		limitField,
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
					description: 'Only jobs with one of these statuses. All jobs if you select none.',
				},
			],
		},
	],
	async execute({ parameters, connect }) {
		const limit = readLimit(parameters);
		const statuses = parameters.read('filters.status', statusesSchema);
		const connection = await connect();
		let hasSkipped = false;
		const onSkipped = (sentence: string) => {
			hasSkipped = true;
			connection.addHint(sentence, 'warning');
		};
		const jobs = await listJobs({ ...connection, onSkipped });
		const matching = jobs
			.filter(
				(job) =>
					statuses.length === 0 ||
					statuses.some((status) => status === job.status) ||
					(statuses.includes('in_progress') && !isFinished(job)),
			)
			.sort(newestFirst)
			.slice(0, limit);
		if (matching.length === 0 && !hasSkipped) {
			connection.addHint(
				jobs.length === 0
					? 'No export was started with this API key in the last 3 days.'
					: 'No export job of the last 3 days has such a status.',
			);
		}
		return matching.map((json) => ({ json }));
	},
};
