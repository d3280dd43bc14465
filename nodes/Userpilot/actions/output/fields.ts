import type { INodeProperties } from 'n8n-workflow';

import type { OnTimeout } from '../../jobs/wait';

/** What an operation can return of a job, in alphabetical order. */
export const outputs = [
	{ name: 'File Links', value: 'links', description: 'One item per file, with its name and link' },
	{
		name: 'Files',
		value: 'files',
		description: 'One item per file, downloaded as binary data. Works for files of any size.',
	},
	{ name: 'Job', value: 'job', description: 'One item: the job, with its status and file links' },
	{ name: 'Rows', value: 'rows', description: 'One item per row (event) of the files' },
] as const;

export type Output = (typeof outputs)[number]['value'];

/** The Output field of an operation that gives some of these. */
export function outputField<const Value extends Output>(
	values: readonly Value[],
	defaultValue: Value,
) {
	const options = outputs.filter(({ value }) => values.some((allowed) => allowed === value));
	return {
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: options as Array<{ name: string; value: Value; description: string }>,
		default: defaultValue,
		description: 'What to give of the job once it has completed',
	} satisfies INodeProperties;
}

const returnAllField: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: true,
	description: 'Whether to return all results or only up to a given limit',
};

/**
 * Return All and Limit of rows: all, unless an AI agent asks, whose memory is small. Older hosts do not
 * know `@tool`: they show the first field to agents, too.
 */
export const rowLimitFields: INodeProperties[] = [
	{ ...returnAllField, displayOptions: { show: { output: ['rows'] }, hide: { '@tool': [true] } } },
	{
		...returnAllField,
		default: false,
		displayOptions: { show: { output: ['rows'], '@tool': [true] } },
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { output: ['rows'], returnAll: [false] } },
	},
];

const whenOutput = (...values: Output[]): INodeProperties['displayOptions'] => ({
	show: { '/output': values },
});

export const onBadRowOptions = [
	{ name: 'Fail', value: 'fail', description: 'Stop with an error that names the file and line' },
	{ name: 'Skip', value: 'skip', description: 'Leave the row out, and count it in a hint' },
] as const;

/** The options of downloading. */
export const downloadOptions: INodeProperties[] = [
	{
		displayName: 'Decompress',
		name: 'decompress',
		type: 'boolean',
		default: true,
		description: 'Whether to unpack the files, which Userpilot compresses with gzip',
		displayOptions: whenOutput('files'),
	},
	{
		displayName: 'File Filter',
		name: 'fileFilter',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. 2024-07-*',
		description:
			'Only files with these names; * stands for any text. Separate several with commas or line ends, or give an expression that makes an array.',
		displayOptions: whenOutput('links', 'files', 'rows'),
	},
	{
		displayName: 'Flatten Nested Fields',
		name: 'flatten',
		type: 'boolean',
		default: false,
		description:
			'Whether to turn nested values into columns such as metadata_plan, for tables. Arrays become JSON text.',
		displayOptions: whenOutput('rows'),
	},
	{
		displayName: 'Max File Size (MB)',
		name: 'maxFileSizeMb',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description:
			'Stop with an error when a file is larger as it comes out of this node, or is read by it; 0 for no limit',
		displayOptions: whenOutput('files', 'rows'),
	},
	{
		displayName: 'On Invalid Row',
		name: 'onBadRow',
		type: 'options',
		options: [...onBadRowOptions],
		default: 'fail',
		description: 'What to do with a row that cannot be read',
		displayOptions: whenOutput('rows'),
	},
	{
		displayName: 'Put Output File in Field',
		name: 'binaryPropertyName',
		type: 'string',
		default: 'data',
		placeholder: 'e.g. data',
		hint: 'The name of the output binary field to put the file in',
		displayOptions: whenOutput('files'),
	},
];

export const onTimeoutOptions = [
	{ name: 'Fail', value: 'fail', description: 'Stop with an error that names the job' },
	{
		name: 'Return the Job',
		value: 'returnJob',
		description: 'Go on with one item: the job as it was last seen',
	},
] as const satisfies ReadonlyArray<{ name: string; value: OnTimeout; description: string }>;

export const maxWaitField = (description: string): INodeProperties => ({
	displayName: 'Max Wait (Minutes)',
	name: 'maxWaitMinutes',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 60,
	description,
});

/** The options of waiting for a job. */
export const waitOptions: INodeProperties[] = [
	maxWaitField('How long to wait, for another export that is running and for this one together'),
	{
		displayName: 'On Timeout',
		name: 'onTimeout',
		type: 'options',
		options: [...onTimeoutOptions],
		default: 'fail',
		description: 'What to do when the job has not finished by then; it goes on at Userpilot',
	},
];

/** The Options field of an operation, its fields in the order of their names. */
export const optionsField = (...options: INodeProperties[]): INodeProperties => ({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: [...options].sort((one, other) => one.displayName.localeCompare(other.displayName)),
});
