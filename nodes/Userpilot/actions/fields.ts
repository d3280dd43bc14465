import type { INodeProperties } from 'n8n-workflow';

import { booleanSchema, countSchema, jobIdSchema } from './fieldSchemas';
import type { ParameterReader } from './parameters';

/** A note above the fields of an operation. An agent does not see it. */
export const noticeField = (name: string, text: string): INodeProperties => ({
	displayName: text,
	name,
	type: 'notice',
	default: '',
	displayOptions: { hide: { '@tool': [true] } },
});

/** The Options field of an operation, its fields in the order of their names. */
export const optionsField = (...options: INodeProperties[]): INodeProperties => ({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: [...options].sort((one, other) => one.displayName.localeCompare(other.displayName)),
});

export const returnAllField: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

export const limitField: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
	displayOptions: { show: { returnAll: [false] } },
};

/** The number of records to return, `Infinity` for all. */
export const readLimit = (parameters: ParameterReader): number =>
	parameters.read('returnAll', booleanSchema) ? Infinity : parameters.read('limit', countSchema);

export const JOB_NOTICE =
	'Userpilot lists only exports that were started with the same API key, for 3 days. The links to their files work for 2 days.';

export const jobNotice = noticeField('jobNotice', JOB_NOTICE);

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
	parameters.read('jobId', jobIdSchema);
