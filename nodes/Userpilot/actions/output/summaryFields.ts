import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod/v3';

import type { Aggregation, SummaryValue } from '../../rows/summary';
import { choiceSchema } from '../fieldSchemas';
import type { ParameterReader } from '../parameters';
import { columnsSchema } from './rowSteps';

const displayOptions = { show: { output: ['summary'] } };

/** Columns that are worth grouping by. Any other can be named by an expression. */
const groupOptions = [
	{ name: 'Browser', value: 'browser', description: 'Name of the browser' },
	{ name: 'Company ID', value: 'company_id', description: 'The company of the user' },
	{ name: 'Country Code', value: 'country_code', description: 'Two letters, such as US' },
	{ name: 'Day', value: 'day', description: 'Day of inserted_at in UTC' },
	{ name: 'Device Type', value: 'device_type', description: 'Such as desktop or mobile' },
	{ name: 'Entity ID', value: 'entity_id', description: 'ID of the flow, checklist or survey' },
	{ name: 'Entity Status', value: 'entity_status', description: 'Such as SEEN or DISMISSED' },
	{ name: 'Entity Type', value: 'entity_type', description: 'Such as experience or checklist' },
	{
		name: 'Event Label',
		value: 'event_label',
		description: 'Name of the event, feature, flow, checklist or survey',
	},
	{ name: 'Event Name', value: 'event_name', description: 'As in the files, often an ID' },
	{ name: 'Event Type', value: 'event_type', description: 'Such as track or page_view' },
	{ name: 'Hostname', value: 'hostname', description: 'Host of the page' },
	{ name: 'Month', value: 'month', description: 'Month of inserted_at in UTC: its first day' },
	{ name: 'Operating System', value: 'operating_system', description: 'Such as Windows or iOS' },
	{ name: 'Pathname', value: 'pathname', description: 'Path of the page' },
	{ name: 'Source', value: 'source', description: 'Such as web-client or backend-http' },
	{ name: 'User ID', value: 'user_id', description: 'The user of the event' },
	{ name: 'Week', value: 'week', description: 'Week of inserted_at in UTC: its Monday' },
];

const aggregationOptions = [
	{ name: 'Average', value: 'average', description: 'Average of the numbers' },
	{ name: 'Count', value: 'count', description: 'Number of rows' },
	{ name: 'Count Unique', value: 'countUnique', description: 'Number of distinct values' },
	{ name: 'Max', value: 'max', description: 'Greatest value' },
	{ name: 'Min', value: 'min', description: 'Smallest value' },
	{ name: 'Sum', value: 'sum', description: 'Sum of the numbers' },
] as const satisfies ReadonlyArray<{ name: string; value: Aggregation; description: string }>;

/** The fields of Output > Summary. */
export const summaryFields: INodeProperties[] = [
	{
		displayName: 'Group By',
		name: 'groupBy',
		type: 'multiOptions',
		options: groupOptions,
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
