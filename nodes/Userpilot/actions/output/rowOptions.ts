import type { INodeProperties } from 'n8n-workflow';

import { booleanSchema } from '../fieldSchemas';
import { limitField, readLimit, returnAllField } from '../fields';
import type { ParameterReader } from '../parameters';

const onBadRowOptions = [
	{ name: 'Fail', value: 'fail', description: 'Stop with an error that names the file and line' },
	{ name: 'Skip', value: 'skip', description: 'Skip the row, and count it in a hint' },
] as const;

/**
 * Return All and Limit of rows: all, unless an AI agent runs the node, whose memory is small. Older
 * hosts do not know `@tool`, and show the first field to agents, too.
 */
export const rowLimitFields: INodeProperties[] = [
	{
		...returnAllField,
		default: true,
		displayOptions: { show: { output: ['rows'] }, hide: { '@tool': [true] } },
	},
	{ ...returnAllField, displayOptions: { show: { output: ['rows'], '@tool': [true] } } },
	{ ...limitField, displayOptions: { show: { output: ['rows'], returnAll: [false] } } },
];

const displayOptions = { show: { '/output': ['rows'] } };

/** The options that only rows have. */
export const rowOptions: INodeProperties[] = [
	{
		displayName: 'Flatten Nested Fields',
		name: 'flatten',
		type: 'boolean',
		default: false,
		description:
			'Whether to turn nested values into columns such as metadata_plan, for tables. Arrays become JSON text.',
		displayOptions,
	},
	{
		displayName: 'On Invalid Row',
		name: 'onBadRow',
		type: 'options',
		options: [...onBadRowOptions],
		default: 'fail',
		description: 'What to do with a row that cannot be read',
		displayOptions,
	},
];

export type RowOptions = ReturnType<typeof readRowOptions>;

export const readRowOptions = (parameters: ParameterReader) => ({
	/** `Infinity` for all. */
	limit: readLimit(parameters),
	flatten: parameters.read('options.flatten', booleanSchema),
	skipBadRows: parameters.readChoice('options.onBadRow', onBadRowOptions) === 'skip',
});
