import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod/v3';

import type { Aggregation, SummaryValue } from '../../rows/summary';
import { choiceSchema } from '../fieldSchemas';
import type { ParameterReader } from '../parameters';
import { columnsSchema } from './rowSteps';

const displayOptions = { show: { output: ['summary'] } };

/** Columns that are worth grouping by. Any other can be named by an expression. */
const GROUP_COLUMNS = {
	Browser: 'browser',
	'Company ID': 'company_id',
	'Country Code': 'country_code',
	Day: 'day',
	'Device Type': 'device_type',
	'Entity ID': 'entity_id',
	'Entity Status': 'entity_status',
	'Entity Type': 'entity_type',
	'Event Label': 'event_label',
	'Event Name': 'event_name',
	'Event Type': 'event_type',
	Hostname: 'hostname',
	Month: 'month',
	'Operating System': 'operating_system',
	Pathname: 'pathname',
	Source: 'source',
	'User ID': 'user_id',
	Week: 'week',
};

const aggregationOptions = [
	{ name: 'Average', value: 'average' },
	{ name: 'Count', value: 'count', description: 'Number of rows' },
	{ name: 'Count Unique', value: 'countUnique', description: 'Number of distinct values' },
	{ name: 'Max', value: 'max' },
	{ name: 'Min', value: 'min' },
	{ name: 'Sum', value: 'sum' },
] as const satisfies ReadonlyArray<{ name: string; value: Aggregation; description?: string }>;

/** The fields of Output > Summary. */
export const summaryFields: INodeProperties[] = [
	{
		displayName: 'Group By',
		name: 'groupBy',
		type: 'multiOptions',
		options: Object.entries(GROUP_COLUMNS).map(([name, value]) => ({ name, value })),
		default: ['event_type', 'event_label'],
		description:
			'Columns to group rows by. Day, Week (its Monday) and Month are those of inserted_at in UTC. For other columns and paths such as metadata.plan, use an expression that returns an array.',
		displayOptions,
	},
	{
		displayName: 'Summarize',
		name: 'summarize',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Value',
		default: {},
		description:
			'What to compute for each group. If empty, rows are counted. The first value decides the order, greatest first.',
		displayOptions,
		options: [
			{
				displayName: 'Values',
				name: 'values',
				values: [
					{
						displayName: 'Aggregation',
						name: 'aggregation',
						type: 'options',
						options: [...aggregationOptions],
						default: 'count',
					},
					{
						displayName: 'Field',
						name: 'field',
						type: 'string',
						default: '',
						placeholder: 'e.g. user_id',
						description: 'A column, or a path such as metadata.amount',
						displayOptions: {
							show: { aggregation: ['average', 'countUnique', 'max', 'min', 'sum'] },
						},
					},
				],
			},
		],
	},
];

const SUMMARIZE_HELP = 'must be values with an aggregation and a field';

const valueSchema = z
	.object({
		aggregation: choiceSchema(aggregationOptions).default('count'),
		field: z
			.string({ errorMap: () => ({ message: SUMMARIZE_HELP }) })
			.trim()
			.default(''),
	})
	.refine(({ aggregation, field }) => aggregation === 'count' || field !== '', {
		message: 'has a value without a field. Enter a column such as user_id',
	})
	.transform(
		({ aggregation, field }): SummaryValue =>
			aggregation === 'count' ? { aggregation } : { aggregation, field },
	);

const summarizeSchema = z
	.object(
		{ values: z.array(valueSchema, { errorMap: () => ({ message: SUMMARIZE_HELP }) }).default([]) },
		{ errorMap: () => ({ message: SUMMARIZE_HELP }) },
	)
	.transform(({ values }): SummaryValue[] =>
		values.length > 0 ? values : [{ aggregation: 'count' }],
	);

/** The groups and values of a summary, from the node's fields. */
export const readSummary = (parameters: ParameterReader) => ({
	groupBy: parameters.read('groupBy', columnsSchema),
	values: parameters.read('summarize', summarizeSchema),
});
