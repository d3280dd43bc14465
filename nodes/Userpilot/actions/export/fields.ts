import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { OnConflict } from '../../jobs/start';

import { dateRangeOptions } from './dateRange';

/** What the API takes. `json` is its default, and in practice newline-delimited JSON. */
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
		description: 'Go on with the export that is running; its dates and filters may differ',
	},
	{
		name: 'Wait',
		value: 'wait',
		description: 'Wait until the running export has finished, then start this one',
	},
] as const satisfies ReadonlyArray<INodePropertyOptions & { value: OnConflict }>;

export const eventTypeOptions = [
	{
		name: 'Identify Company',
		value: 'identify_company',
		description: 'A company was named, with its properties',
	},
	{
		name: 'Identify User',
		value: 'identify_user',
		description: 'A user was named, with their properties',
	},
	{ name: 'Interaction', value: 'interaction', description: 'A click or an input was captured' },
	{ name: 'Page View', value: 'page_view', description: 'A page was opened' },
	{
		name: 'Session Start',
		value: 'session_start',
		description: 'A session began; exported only when it is chosen here',
	},
	{ name: 'Track', value: 'track', description: 'Your product sent an event by its name' },
	{ name: 'Track Feature', value: 'track_feature', description: 'A tagged feature was used' },
];

const LIST_HINT =
	'Separate several with commas or line ends, or give an expression that makes an array';
/** One line would lose the line ends of a pasted list. */
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
			'The days to export, reckoned in UTC, because rows are stamped in UTC. Ranges end with the last full day (yesterday).',
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
		description: 'Last day to export; it counts too',
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
			'Only these types of events. When none is chosen, Userpilot exports all but Session Start.',
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

/** @param text what a person should know of the operation; agents are told elsewhere */
export const notice = (text: string): INodeProperties => ({
	displayName: text,
	name: 'exportNotice',
	type: 'notice',
	default: '',
	displayOptions: { hide: { '@tool': [true] } },
});

/** The options of starting an export. */
export const startOptions = (defaultOnConflict: OnConflict): INodeProperties[] => [
	{
		displayName: 'Notify by Email',
		name: 'emails',
		type: 'string',
		typeOptions: LIST_LINES,
		default: '',
		placeholder: 'e.g. ada@example.com, grace@example.com',
		description: `Userpilot sends the download links to these addresses when the export is ready. ${LIST_HINT}.`,
	},
	{
		displayName: 'If an Export Is Running',
		name: 'onConflict',
		type: 'options',
		options: [...onConflictOptions],
		default: defaultOnConflict,
		description: 'Userpilot runs one export at a time',
	},
];

/** The fields of an operation that starts an export. */
export const exportFields: INodeProperties[] = [
	...dateFields,
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		options: filterFields,
	},
	{
		displayName: 'Format',
		name: 'format',
		type: 'options',
		options: [...formatOptions],
		default: 'json',
		description: 'The format of the files. Rows come out the same from JSON, NDJSON and CSV.',
	},
];
