import type { INodeProperties } from 'n8n-workflow';

import { limitField, readLimit, returnAllField } from '../fields';
import type { ParameterReader } from '../parameters';
import { stepOptions } from './rowSteps';

const onBadRowOptions = [
	{ name: 'Fail', value: 'fail', description: 'Stop with an error that names the file and line' },
	{ name: 'Skip', value: 'skip', description: 'Skip the row, and count it in a hint' },
] as const;

/**
 * Return All and Limit of rows and groups: all, unless an AI agent asks for rows, whose memory is small.
 * Older hosts do not know `@tool`, and show the first field to agents, too.
 */
export const rowLimitFields: INodeProperties[] = [
	{
		...returnAllField,
		default: true,
		displayOptions: { show: { output: ['rows'] }, hide: { '@tool': [true] } },
	},
	{ ...returnAllField, default: true, displayOptions: { show: { output: ['summary'] } } },
	{ ...returnAllField, displayOptions: { show: { output: ['rows'], '@tool': [true] } } },
	{ ...limitField, displayOptions: { show: { output: ['rows', 'summary'], returnAll: [false] } } },
];

/** The options that rows and summaries have. */
export const rowOptions: INodeProperties[] = [
	...stepOptions,
	{
		displayName: 'On Invalid Row',
		name: 'onBadRow',
		type: 'options',
		options: [...onBadRowOptions],
		default: 'fail',
		description: 'What to do with a row that cannot be read',
		displayOptions: { show: { '/output': ['rows', 'summary'] } },
	},
];

export type RowOptions = ReturnType<typeof readRowOptions>;

export const readRowOptions = (parameters: ParameterReader) => ({
	/** Of rows or groups; `Infinity` for all. */
	limit: readLimit(parameters),
	skipBadRows: parameters.readChoice('options.onBadRow', onBadRowOptions) === 'skip',
});
