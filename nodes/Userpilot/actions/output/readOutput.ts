import type { INodeProperties } from 'n8n-workflow';

import { BYTES_PER_MB } from '../../download/download';
import { filterListSchema, megabytesSchema } from '../fieldSchemas';
import type { StepOptions } from '../../rows/steps';
import type { SummaryRequest } from '../../rows/summary';
import type { ParameterReader } from '../parameters';
import type { FileOptions } from './fileOptions';
import { fileOptions, readFileOptions } from './fileOptions';
import type { RowOptions } from './rowOptions';
import { readRowOptions, rowLimitFields, rowOptions } from './rowOptions';
import { readOutputFields, readSteps } from './rowSteps';
import { readSummary, summaryFields } from './summaryFields';

/** What an operation can return of a job. */
export const outputs = [
	{ name: 'File Links', value: 'links', description: 'One item per file, with its name and link' },
	{
		name: 'Files',
		value: 'files',
		description: 'One item per file, downloaded as binary data. Works for files of any size.',
	},
	{ name: 'Job', value: 'job', description: 'One item: the job, with its status and file links' },
	{ name: 'Rows', value: 'rows', description: 'One item per row (event) of the files' },
	{
		name: 'Summary',
		value: 'summary',
		description:
			'One item per group of rows, such as users per feature. Works for files of any size.',
	},
] as const;

type Output = (typeof outputs)[number]['value'];

/** The Output field of an operation that offers some of the outputs, and the fields that belong to it. */
export const fieldsOfOutput = (offered: readonly Output[], preset: Output): INodeProperties[] => [
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: outputs.filter(({ value }) => offered.includes(value)),
		default: preset,
		description: 'What to return once the job has completed',
	},
	...summaryFields,
	...rowLimitFields,
];

/** The options of downloading. */
export const downloadOptions: INodeProperties[] = [
	{
		displayName: 'File Filter',
		name: 'fileFilter',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. 2024-07-*',
		description:
			'Only files with these names; * stands for any text. Separate several with commas or line breaks, or use an expression that returns an array.',
		displayOptions: { show: { '/output': ['files', 'links', 'rows', 'summary'] } },
	},
	{
		displayName: 'Max File Size (MB)',
		name: 'maxFileSizeMb',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description:
			"Stop with an error when a file is larger than this, decompressed unless 'Decompress' is off; 0 for no limit",
		displayOptions: { show: { '/output': ['files', 'rows', 'summary'] } },
	},
	...fileOptions,
	...rowOptions,
];

interface Download {
	/** Patterns of file names; undefined for all files. */
	fileFilter?: string[];
	/** Of a file as it is read or stored; `Infinity` for any. */
	maxFileBytes: number;
}

export type FilesOutput = { output: 'files' } & Download & FileOptions;
export type RowsOutput = { output: 'rows' } & Download & RowOptions & StepOptions;
export type SummaryOutput = { output: 'summary' } & Download &
	RowOptions &
	StepOptions &
	Omit<SummaryRequest, 'readerOf'>;

/** What to return of a job. */
export type OutputRequest = (
	| { output: 'job' }
	| { output: 'links'; fileFilter?: string[] }
	| FilesOutput
	| RowsOutput
	| SummaryOutput
) & {
	/** The format of the files, where it is known. */
	format?: string;
};

const fileFilterSchema = filterListSchema(
	'Enter at least one file name, or remove the filter to get all files',
);

/** What to return of a job, from the node's fields. */
export function readOutput(parameters: ParameterReader): OutputRequest {
	const output = parameters.readChoice('output', outputs);
	if (output === 'job') return { output };
	// n8n refuses to read a field that it does not show.
	const fileFilter = parameters.readIfAdded('options.fileFilter', fileFilterSchema);
	if (output === 'links') return { output, fileFilter };
	const maxFileBytes =
		parameters.read('options.maxFileSizeMb', megabytesSchema) * BYTES_PER_MB || Infinity;
	const download = { fileFilter, maxFileBytes };
	if (output === 'files') return { output, ...download, ...readFileOptions(parameters) };
	const rows = { ...download, ...readRowOptions(parameters) };
	if (output === 'rows') {
		const outputFields = readOutputFields(parameters);
		return { output, ...rows, ...readSteps(parameters, outputFields ?? []), outputFields };
	}
	const { groupBy, values } = readSummary(parameters);
	const columns = [...groupBy, ...values.flatMap(({ field }) => field ?? [])];
	return { output, ...rows, ...readSteps(parameters, columns), groupBy, values };
}
