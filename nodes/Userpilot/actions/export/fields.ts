import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { OnConflict } from '../../jobs/start';

import { dateRangeOptions } from './dateRange';
import { inOrder } from '../fields';
import { eventTypeOptions } from './eventTypes';

/** What the API accepts. `json` is its default, and in practice newline-delimited JSON. */
export const formatOptions = [
	{ name: 'Avro', value: 'avro', description: 'For data pipelines. Files only, no rows.' },
	{ name: 'CSV', value: 'csv', description: 'A table with a header line, for spreadsheets' },
	{
		name: 'JSON',
		value: 'json',
		description: "One JSON object per line (Userpilot's default)",
	},
	{ name: 'NDJSON', value: 'ndjson', description: 'One JSON object per line' },
	{ name: 'Parquet', value: 'parquet', description: 'For data warehouses. Files only, no rows.' },
] as const;

export const onConflictOptions = [
	{
		name: 'Fail',
		value: 'fail',
		description: 'Stop with an error that names the running export',
	},
	{
		name: 'Use the Running Export',
		value: 'useRunning',
		description: 'Continue with the export that is running. Its dates and filters may differ.',
	},
	{
		name: 'Wait',
		value: 'wait',
		description: 'Wait until the running export has finished, then start this one',
	},
] as const satisfies ReadonlyArray<INodePropertyOptions & { value: OnConflict }>;

const LIST_HINT =
	'Separate several with commas or line breaks, or use an expression that returns an array';
/** A field of one line would lose the line breaks of a pasted list. */
const LIST_LINES = { rows: 3 };

// From and To are not "required": n8n would ask for them too when Date Range is an expression.
const dateFields: INodeProperties[] = [
	{
		displayName: 'Date Range',
		name: 'dateRange',
		type: 'options',
		options: [...dateRangeOptions],
		default: 'last7Days',
		description:
			'The days to export, in UTC like the times of the events. Ranges end with the last full day (yesterday).',
	},
	{
		displayName: 'From',
		name: 'from',
		type: 'dateTime',
		typeOptions: { dateOnly: true },
		default: '',
		placeholder: 'e.g. 2024-05-02',
		description: 'First day to export. A date with a time zone keeps its own calendar day.',
		displayOptions: { show: { dateRange: ['custom'] } },
	},
	{
		displayName: 'To',
		name: 'to',
		type: 'dateTime',
		typeOptions: { dateOnly: true },
		default: '',
		placeholder: 'e.g. 2024-05-31',
		description: 'Last day to export (included)',
		displayOptions: { show: { dateRange: ['custom'] } },
	},
];

const filterFields: INodeProperties[] = [
	{
		displayName: 'Apply Exclusions',
		name: 'exclusions',
		type: 'boolean',
		default: false,
		description:
			'Whether to leave out the users and companies that your Userpilot account excludes',
	},
	{
		displayName: 'Company IDs',
		name: 'companyIds',
		type: 'string',
		typeOptions: LIST_LINES,
		default: '',
		placeholder: 'e.g. 13162551529, 13162551530',
		description: `Only events of these companies. ${LIST_HINT}.`,
	},
	{
		displayName: 'Event Types',
		name: 'eventTypes',
		type: 'multiOptions',
		options: eventTypeOptions,
		default: [],
		description:
			'Only events of these types. If you select none, Userpilot exports all types except Session Start.',
	},
	{
		displayName: 'Other Event Types',
		name: 'customEventTypes',
		type: 'string',
		typeOptions: LIST_LINES,
		default: '',
		placeholder: 'e.g. new_event_type',
		description: `Event types that the list above does not have yet. These are types, not event names. ${LIST_HINT}.`,
	},
	{
		displayName: 'Segment',
		name: 'segmentId',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		description: 'Only events of users in this segment',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a segment...',
				typeOptions: { searchListMethod: 'searchSegments', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 987654',
			},
		],
	},
	{
		displayName: 'User IDs',
		name: 'userIds',
		type: 'string',
		typeOptions: LIST_LINES,
		default: '',
		placeholder: 'e.g. 123456, 789012',
		description: `Only events of these users. ${LIST_HINT}.`,
	},
];

/** The options of starting an export. */
export const startOptions = (onConflict: OnConflict): INodeProperties[] => [
	{
		displayName: 'Notify by Email',
		name: 'emails',
		type: 'string',
		typeOptions: LIST_LINES,
		default: '',
		placeholder: 'e.g. ada@example.com, grace@example.com',
		description: `Userpilot emails the download links to these addresses when the export is ready. ${LIST_HINT}.`,
	},
	{
		displayName: 'If an Export Is Running',
		name: 'onConflict',
		type: 'options',
		options: [...onConflictOptions],
		default: onConflict,
		description:
			'What to do when another export is running. Userpilot runs one at a time per API key.',
	},
];

/** The fields of an operation that starts an export, with more filters if it also reads the rows. */
export const exportFields = (...rowFilters: INodeProperties[]): INodeProperties[] => [
	...dateFields,
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		options: inOrder([...filterFields, ...rowFilters]),
	},
];

export const formatField: INodeProperties = {
	displayName: 'Format',
	name: 'format',
	type: 'options',
	options: [...formatOptions],
	default: 'json',
	description: 'The format of the files',
};
