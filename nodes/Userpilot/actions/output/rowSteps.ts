import type { INodeProperties } from 'n8n-workflow';

import type { LatestOf } from '../../rows/latest';
import type { StepOptions } from '../../rows/steps';
import { needNames } from '../../rows/steps';
import { booleanSchema, filterListSchema, listSchema } from '../fieldSchemas';
import type { ParameterReader } from '../parameters';

const forRows = { show: { '/output': ['rows', 'summary'] } };

/** The filter of rows, in the Filters of an operation. */
export const eventNamesField: INodeProperties = {
	displayName: 'Event Names or IDs',
	name: 'eventNames',
	type: 'multiOptions',
	typeOptions: { loadOptionsMethod: 'getEventNames' },
	default: [],
	// n8n's reviewers ask for this very sentence.
	description:
		'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
	hint: 'For interactions, use an expression such as {{ ["checklist:2", "experience:448:DISMISSED"] }}',
	displayOptions: forRows,
};

/** The Filters of an operation that reads the files of any job. */
export const rowFiltersField: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [eventNamesField],
	displayOptions: { show: { output: ['rows', 'summary'] } },
};

const latestOptions = [
	{ name: 'All Rows', value: '', description: 'Keep every row' },
	{ name: 'Per Company', value: 'company', description: 'One row for each company_id' },
	{ name: 'Per User', value: 'user', description: 'One row for each user_id' },
] as const satisfies ReadonlyArray<{ name: string; value: LatestOf | ''; description: string }>;

/** The options of the steps between files and rows. */
export const stepOptions: INodeProperties[] = [
	{
		displayName: 'Flatten Nested Fields',
		name: 'flatten',
		type: 'boolean',
		default: false,
		description:
			'Whether to turn nested values into columns such as metadata_plan, for tables. Arrays become JSON text.',
		displayOptions: forRows,
	},
	{
		displayName: 'Keep Only the Latest Row',
		name: 'latestOnly',
		type: 'options',
		options: [...latestOptions],
		default: '',
		description: 'Which rows to keep. The latest one has the greatest inserted_at.',
		displayOptions: forRows,
	},
	{
		displayName: 'Output Fields',
		name: 'outputFields',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. event_label, user_id, metadata.plan',
		description:
			'Only these columns, in this order. A path with dots reaches into nested values. Separate several with commas or line breaks, or use an expression that returns an array.',
		displayOptions: { show: { '/output': ['rows'] } },
	},
	{
		displayName: 'Resolve Names',
		name: 'resolveNames',
		type: 'boolean',
		default: false,
		description:
			'Whether to add the names behind IDs: event_label, and for interactions entity_type, entity_id and entity_status',
		displayOptions: forRows,
	},
];

/** Names of columns; `__proto__` cannot be set on an item. */
export const columnsSchema = listSchema.refine(
	(columns) => !columns.includes('__proto__'),
	'contains "__proto__", which cannot be the name of a column',
);

const outputFieldsSchema = filterListSchema(
	'Enter at least one column, or remove the option to get all',
).pipe(columnsSchema);

/** Output Fields; undefined for all columns. Only the output Rows has them. */
export const readOutputFields = (parameters: ParameterReader): string[] | undefined =>
	parameters.readIfAdded('options.outputFields', outputFieldsSchema);

/**
 * The steps that rows take, from the node's fields.
 *
 * @param columns that the output is made of. A label among them turns Resolve Names on
 */
export const readSteps = (
	parameters: ParameterReader,
	columns: readonly string[],
): StepOptions => ({
	eventNames: parameters.readIfAdded(
		'filters.eventNames',
		filterListSchema('Select at least one event, or remove the filter to get all events'),
	),
	resolveNames: parameters.read('options.resolveNames', booleanSchema) || needNames(columns),
	latestOf: parameters.readChoice('options.latestOnly', latestOptions) || undefined,
	flatten: parameters.read('options.flatten', booleanSchema),
});
