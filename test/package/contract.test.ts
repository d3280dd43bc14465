import { join } from 'node:path';
import { PackageDirectoryLoader } from 'n8n-core';
import type { INodeProperties, INodeType, INodeTypeDescription } from 'n8n-workflow';

// What is built and packed, as n8n loads it: `npm test` builds it first.
const ROOT = join(__dirname, '../..');

/** A field of the contract: its type, its default, and the values it takes. */
interface Field {
	type: string;
	default: unknown;
	values?: string[];
}

/** Values of fields above others, and whether the node is shown as an AI agent's tool. */
type Shown = Record<string, string | boolean>;

/** The fields that the editor shows for those values of the fields above them, by path. */
function fieldsOf(
	{ properties }: Pick<INodeTypeDescription, 'properties'>,
	shownFor: Shown,
): Record<string, Field> {
	const state: Shown = { '@tool': false, ...shownFor };
	const holds = ([name, values]: [string, unknown]) => (values as unknown[]).includes(state[name]);
	const isShown = ({ type, displayOptions: { show = {}, hide = {} } = {} }: INodeProperties) =>
		type !== 'hidden' &&
		Object.entries(show).every((entry) => !(entry[0] in state) || holds(entry)) &&
		!Object.entries(hide).some(holds);
	const entries = properties.filter(isShown).flatMap((property): Array<[string, Field]> => {
		const { name, type, options } = property;
		const field: Field = { type, default: property.default };
		if (type === 'collection') {
			return (options as INodeProperties[]).map((option) => [
				`${name}.${option.name}`,
				Object.values(fieldsOf({ properties: [option] }, {}))[0]!,
			]);
		}
		if (options)
			field.values = options.map((option) => String((option as { value: string }).value));
		return [[name, field]];
	});
	return Object.fromEntries(entries);
}

const resourceLocator = { type: 'resourceLocator', default: { mode: 'list', value: '' } };
const limits = {
	returnAll: { type: 'boolean', default: false },
	limit: { type: 'number', default: 50 },
};
const LOOKUPS = [
	'getBanners',
	'getChecklists',
	'getCompanyProperties',
	'getEmbeds',
	'getEventProperties',
	'getFeaturesAndEvents',
	'getFlows',
	'getNames',
	'getResourceCenterModules',
	'getSegments',
	'getSpotlights',
	'getSurveys',
	'getUserProperties',
];
const operation = (values: string[], preset: string) => ({
	type: 'options',
	default: preset,
	values,
});
const notice = { type: 'notice', default: '' };
const resource = { type: 'options', default: 'export', values: ['export', 'job', 'lookup'] };
const jobOperation = operation(['download', 'get', 'getAll', 'wait'], 'getAll');

const onConflict = { type: 'options', values: ['fail', 'useRunning', 'wait'] };

const exportContract: Record<string, Field> = {
	resource,
	operation: operation(['createAndWait', 'create'], 'createAndWait'),
	dateRange: {
		type: 'options',
		default: 'last7Days',
		values: ['yesterday', 'last7Days', 'last30Days', 'previousWeek', 'previousMonth', 'custom'],
	},
	from: { type: 'dateTime', default: '' },
	to: { type: 'dateTime', default: '' },
	format: {
		type: 'options',
		default: 'json',
		values: ['avro', 'csv', 'json', 'ndjson', 'parquet'],
	},
	'filters.eventTypes': {
		type: 'multiOptions',
		default: [],
		values: [
			'identify_company',
			'identify_user',
			'interaction',
			'page_view',
			'session_start',
			'track',
			'track_feature',
		],
	},
	'filters.customEventTypes': { type: 'string', default: '' },
	'filters.userIds': { type: 'string', default: '' },
	'filters.companyIds': { type: 'string', default: '' },
	'filters.segmentId': resourceLocator,
	'filters.exclusions': { type: 'boolean', default: false },
	'options.emails': { type: 'string', default: '' },
};

const waiting = {
	'options.maxWaitMinutes': { type: 'number', default: 60 },
	'options.onTimeout': { type: 'options', default: 'fail', values: ['fail', 'returnJob'] },
};

/** Fields of downloading; Return All is on, unless an AI agent asks. */
const downloading: Record<string, Field> = {
	returnAll: { type: 'boolean', default: true },
	limit: { type: 'number', default: 50 },
	'options.decompress': { type: 'boolean', default: true },
	'options.binaryPropertyName': { type: 'string', default: 'data' },
	'options.maxFileSizeMb': { type: 'number', default: 0 },
	'options.flatten': { type: 'boolean', default: false },
	'options.latestOnly': { type: 'options', default: '', values: ['', 'company', 'user'] },
	'options.outputFields': { type: 'string', default: '' },
	'options.resolveNames': { type: 'boolean', default: false },
	'filters.eventNames': { type: 'multiOptions', default: [] },
	groupBy: {
		type: 'multiOptions',
		default: ['event_type', 'event_label'],
		values: expect.arrayContaining(['company_id', 'day', 'event_label', 'month', 'week']) as never,
	},
	summarize: { type: 'fixedCollection', default: {}, values: expect.anything() as never },
	'options.onBadRow': { type: 'options', default: 'fail', values: ['fail', 'skip'] },
	'options.fileFilter': { type: 'string', default: '' },
};

describe('the built package', () => {
	const loader = new PackageDirectoryLoader(ROOT);
	beforeAll(async () => await loader.loadAll());

	const description = (name: string) => (loader.getNode(name).type as INodeType).description;

	it('holds the credential, the node and the trigger', () => {
		expect(loader.packageName).toBe('n8n-nodes-userpilot');
		expect(loader.types.nodes.map(({ name }) => name)).toEqual(['userpilot', 'userpilotTrigger']);
		expect(loader.types.credentials.map(({ name }) => name)).toEqual(['userpilotApi']);
		expect(description('userpilot').usableAsTool).toBe(true);
		expect(description('userpilotTrigger')).not.toHaveProperty('usableAsTool');
		expect(description('userpilotTrigger').polling).toBe(true);
	});

	it('has a light and a dark icon for each, and codex files that n8n takes', () => {
		for (const name of ['userpilot', 'userpilotTrigger']) {
			expect(description(name)).toMatchObject({
				iconUrl: {
					light: 'icons/n8n-nodes-userpilot/dist/nodes/Userpilot/userpilot.svg',
					dark: 'icons/n8n-nodes-userpilot/dist/nodes/Userpilot/userpilot.dark.svg',
				},
				codex: {
					categories: expect.arrayContaining(['Analytics']),
					alias: expect.arrayContaining(['export']),
					resources: { primaryDocumentation: [{ url: expect.stringContaining('https://') }] },
				},
			});
		}
		expect(loader.getCredential('userpilotApi').type.iconUrl).toEqual({
			light: 'icons/n8n-nodes-userpilot/dist/nodes/Userpilot/userpilot.svg',
			dark: 'icons/n8n-nodes-userpilot/dist/nodes/Userpilot/userpilot.dark.svg',
		});
	});

	// The contract: saved workflows hold these names, and n8n saves only what differs from a default.
	it.each<[string, Shown, Record<string, Field>]>([
		[
			'export: create',
			{ resource: 'export', operation: 'create' },
			{
				...exportContract,
				exportNotice: notice,
				'options.onConflict': { ...onConflict, default: 'fail' },
				'options.maxWaitMinutes': waiting['options.maxWaitMinutes'],
			},
		],
		[
			'export: createAndWait',
			{ resource: 'export', operation: 'createAndWait' },
			{
				...exportContract,
				exportNotice: notice,
				'options.onConflict': { ...onConflict, default: 'wait' },
				...waiting,
				output: {
					type: 'options',
					default: 'rows',
					values: ['links', 'files', 'job', 'rows', 'summary'],
				},
				...downloading,
			},
		],
		[
			'export: createAndWait as a tool',
			{ resource: 'export', operation: 'createAndWait', '@tool': true },
			{
				...exportContract,
				'options.onConflict': { ...onConflict, default: 'wait' },
				...waiting,
				output: {
					type: 'options',
					default: 'rows',
					values: ['links', 'files', 'job', 'rows', 'summary'],
				},
				...downloading,
				...limits,
			},
		],
		[
			'job: get',
			{ resource: 'job', operation: 'get' },
			{ resource, operation: jobOperation, jobNotice: notice, jobId: resourceLocator },
		],
		[
			'job: getAll',
			{ resource: 'job', operation: 'getAll' },
			{
				resource,
				operation: jobOperation,
				jobNotice: notice,
				...limits,
				'filters.status': {
					type: 'multiOptions',
					default: [],
					values: ['completed', 'failed', 'in_progress'],
				},
			},
		],
		[
			'job: wait',
			{ resource: 'job', operation: 'wait' },
			{
				resource,
				operation: jobOperation,
				jobNotice: notice,
				jobId: resourceLocator,
				...waiting,
				output: {
					type: 'options',
					default: 'job',
					values: ['links', 'files', 'job', 'rows', 'summary'],
				},
				...downloading,
			},
		],
		[
			'job: download',
			{ resource: 'job', operation: 'download' },
			{
				resource,
				operation: jobOperation,
				jobNotice: notice,
				jobId: resourceLocator,
				output: { type: 'options', default: 'rows', values: ['files', 'rows', 'summary'] },
				...downloading,
			},
		],
		...LOOKUPS.map((lookup): [string, Shown, Record<string, Field>] => [
			`lookup: ${lookup}`,
			{ resource: 'lookup', operation: lookup },
			{
				resource,
				operation: operation(LOOKUPS, 'getSegments'),
				...limits,
				...(lookup === 'getNames' && { returnAll: { type: 'boolean', default: true } }),
			},
		]),
	])('keeps the names, types, defaults and values of %s', (_, shownFor, fields) => {
		expect(fieldsOf(description('userpilot'), shownFor)).toEqual(fields);
	});

	it('keeps those of the trigger', () => {
		expect(fieldsOf(description('userpilotTrigger'), {})).toEqual({
			// n8n adds the poll times to every polling trigger.
			pollTimes: expect.anything(),
			scopeNotice: notice,
			event: { type: 'options', default: 'completed', values: ['completed', 'failed', 'finished'] },
			output: { type: 'options', default: 'job', values: ['links', 'job'] },
			startFrom: { type: 'options', default: 'now', values: ['existing', 'now'] },
		});
	});

	it('keeps those of the credential', () => {
		expect(fieldsOf(loader.getCredential('userpilotApi').type, {})).toEqual({
			planNotice: notice,
			httpsNotice: notice,
			apiKey: { type: 'string', default: '' },
			baseUrl: { type: 'string', default: 'https://appex.userpilot.io' },
			allowedHttpRequestDomains: {
				type: 'options',
				default: 'none',
				values: ['all', 'domains', 'none'],
			},
			allowedDomains: { type: 'string', default: '' },
		});
	});
});
