import type { INodeProperties } from 'n8n-workflow';

import { countSchema, jobIdSchema, booleanSchema } from './parameters';
import type { ParameterReader } from './parameters';

/** The Return All and Limit fields of an operation that gives many records. */
export const limitFields: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { returnAll: [false] } },
	},
];

/** The number of records to give, `Infinity` for all. */
export function readLimit(parameters: ParameterReader): number {
	return parameters.read('returnAll', 'Return All', booleanSchema)
		? Infinity
		: parameters.read('limit', 'Limit', countSchema);
}

export const jobNotice: INodeProperties = {
	displayName:
		'Userpilot lists only exports that were started with the same API key, for 3 days. The links to their files work for 2 days.',
	name: 'jobNotice',
	type: 'notice',
	default: '',
	displayOptions: { hide: { '@tool': [true] } },
};

export const jobIdField: INodeProperties = {
	displayName: 'Job',
	name: 'jobId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	description:
		'The export job. Userpilot lists the jobs of the last 3 days that were started with the same API key.',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a job...',
			typeOptions: { searchListMethod: 'searchJobs', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 86f4dd75-00c8-40cd-ac6a-3dce8440be0c',
		},
	],
};

export const readJobId = (parameters: ParameterReader): string =>
	parameters.read('jobId', 'Job', jobIdSchema);
