import { BYTES_PER_MB } from '../../download/sizeLimit';
import type { WaitOptions } from '../../jobs/wait';
import type { ParameterReader } from '../parameters';
import {
	booleanSchema,
	choiceSchema,
	fieldNameSchema,
	filterListSchema,
	megabytesSchema,
	minutesSchema,
} from '../parameters';
import { readLimit } from '../fields';
import type { outputField } from './fields';
import { onBadRowOptions, onTimeoutOptions } from './fields';

export interface FilesOutput {
	output: 'files';
	decompress: boolean;
	propertyName: string;
	/** Of a file as it is stored; `Infinity` for any. */
	maxFileBytes: number;
}

export interface RowsOutput {
	output: 'rows';
	limit: number;
	flatten: boolean;
	skipBadRows: boolean;
	/** Of a file once it is unpacked; `Infinity` for any. */
	maxFileBytes: number;
}

/** What a person wants of a job. */
export type OutputRequest = ({ output: 'job' } | { output: 'links' } | FilesOutput | RowsOutput) & {
	/** Patterns of file names; undefined for all files. */
	fileFilter?: string[];
	/** The format of the files, where it is known. */
	format?: string;
};

const readMaxFileBytes = (parameters: ParameterReader): number =>
	parameters.read('options.maxFileSizeMb', 'Max File Size (MB)', megabytesSchema, 0) *
		BYTES_PER_MB || Infinity;

function readFiles(parameters: ParameterReader): FilesOutput {
	return {
		output: 'files',
		decompress: parameters.read('options.decompress', 'Decompress', booleanSchema, true),
		propertyName: parameters.read(
			'options.binaryPropertyName',
			'Put Output File in Field',
			fieldNameSchema,
			'data',
		),
		maxFileBytes: readMaxFileBytes(parameters),
	};
}

const readRows = (parameters: ParameterReader): RowsOutput => ({
	output: 'rows',
	limit: readLimit(parameters),
	flatten: parameters.read('options.flatten', 'Flatten Nested Fields', booleanSchema, false),
	skipBadRows:
		parameters.read('options.onBadRow', 'On Invalid Row', choiceSchema(onBadRowOptions), 'fail') ===
		'skip',
	maxFileBytes: readMaxFileBytes(parameters),
});

const ROW_FORMATS = ['csv', 'json', 'ndjson'];

/**
 * What to give of a job, from the node's fields.
 *
 * @param field the operation's Output field
 * @param format of the files, where the node knows it
 * @throws {NodeOperationError} that names the field as the editor shows it
 */
export function readOutput(
	parameters: ParameterReader,
	field: ReturnType<typeof outputField>,
	format = 'json',
): OutputRequest {
	const output = parameters.read(
		'output',
		field.displayName,
		choiceSchema(field.options).refine(
			(value) => value !== 'rows' || ROW_FORMATS.includes(format),
			`cannot be Rows when "Format" is ${format}: set it to Files, or "Format" to JSON, NDJSON or CSV`,
		),
	);
	// n8n refuses to read a field that it does not show.
	if (output === 'job') return { output };
	const fileFilter = parameters.readIfAdded('options.fileFilter', 'File Filter', filterListSchema);
	if (output === 'rows') return { ...readRows(parameters), fileFilter };
	if (output === 'files') return { ...readFiles(parameters), fileFilter };
	return { output, fileFilter };
}

/** How long to wait for a job, and what to do then; the wait begins now. */
export const readWait = (parameters: ParameterReader): WaitOptions => ({
	startedAt: Date.now(),
	maxWaitMs: readMaxWaitMs(parameters),
	onTimeout: parameters.read(
		'options.onTimeout',
		'On Timeout',
		choiceSchema(onTimeoutOptions),
		'fail',
	),
});

export const readMaxWaitMs = (parameters: ParameterReader): number =>
	parameters.read('options.maxWaitMinutes', 'Max Wait (Minutes)', minutesSchema, 60) * 60_000;
