import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { lookups } from '../../nodes/Userpilot/actions/lookup/lookups';
import type { NodeRun, Options } from '../support/engine';
import { ActiveTrigger, loadEventNames, runNode, searchList } from '../support/engine';

/** The outcome of an operation. */
export interface Outcome {
	items: IDataObject[];
	/** The hints of type "warning". */
	warnings: string[];
	error?: NodeRun['error'];
}

/** How a person, or n8n, sends requests to the API. */
export interface Way {
	name: string;
	/** The node's operation, as `resource.operation`; undefined for the trigger and the editor. */
	operation?: string;
	/** What gets the data after the fault, if not running it again. */
	next?: string;
	/** Prepares for a completed job. The result can be run repeatedly. */
	begin(
		jobId: string,
		options?: INodeParameters,
	): (credentials: Options['credentials']) => Promise<Outcome>;
}

/** Long enough for one request without a response. */
const QUICK_WAIT = { maxWaitMinutes: 2 };

const itemsOf = (items: INodeExecutionData[]): IDataObject[] =>
	items.map(({ json, binary }) => ({ ...json, ...(binary && { binary: { ...binary } }) }));

/** An operation of the node. */
function nodeWay(
	name: string,
	resource: string,
	operation: string,
	parametersFor: (jobId: string) => INodeParameters = () => ({}),
): Way {
	return {
		name,
		operation: `${resource}.${operation}`,
		begin: (jobId, options) => async (credentials) => {
			const own = parametersFor(jobId);
			const parameters = { resource, operation, ...own } as INodeParameters;
			if (options) parameters.options = { ...(own.options as INodeParameters), ...options };
			const { items, hints, error } = await runNode(parameters, { credentials });
			const warnings = hints.filter(({ type }) => type === 'warning').map(({ message }) => message);
			return { items: itemsOf(items), warnings, error };
		},
	};
}

/** The items of a poll, or its error. */
async function outcomeOf(run: Promise<INodeExecutionData[] | null>): Promise<Outcome> {
	try {
		return { items: itemsOf((await run) ?? []), warnings: [] };
	} catch (error) {
		return { items: [], warnings: [], error: error as NodeRun['error'] };
	}
}

const byId = (jobId: string) => ({ jobId: { __rl: true, mode: 'id', value: jobId } });

const withOutput =
	(output: string) =>
	(jobId: string): INodeParameters => ({ ...byId(jobId), output });

const waiting = (output: string) => (jobId: string) => ({
	...withOutput(output)(jobId),
	options: QUICK_WAIT,
});

const exporting = (output: string) => () => ({
	dateRange: 'yesterday',
	output,
	options: QUICK_WAIT,
});

const trigger = () => new ActiveTrigger({}, { event: 'completed', handled: {} });

const editorList = (name: string, method: Parameters<typeof searchList>[0]): Way => ({
	name,
	begin: () => async (credentials) =>
		await outcomeOf(
			searchList(method, undefined, undefined, { credentials }).then(({ results }) =>
				results.map((result) => ({ json: { ...result } })),
			),
		),
});

/** Every operation of both nodes, with rows and with files where it returns both. */
export const ways = {
	create: nodeWay('Export > Start', 'export', 'create', () => ({ dateRange: 'yesterday' })),
	createAndWait: nodeWay('Export > Get Events', 'export', 'createAndWait', exporting('rows')),
	createAndWaitFiles: nodeWay(
		'Export > Get Events (Files)',
		'export',
		'createAndWait',
		exporting('files'),
	),
	download: nodeWay('Job > Download', 'job', 'download', withOutput('rows')),
	downloadFiles: nodeWay('Job > Download (Files)', 'job', 'download', withOutput('files')),
	downloadSummary: nodeWay('Job > Download (Summary)', 'job', 'download', (jobId) => ({
		...withOutput('summary')(jobId),
		groupBy: ['event_type'],
	})),
	get: nodeWay('Job > Get', 'job', 'get', byId),
	getAll: nodeWay('Job > Get Many', 'job', 'getAll'),
	getNames: nodeWay('Lookup > Get Names of All IDs', 'lookup', 'getNames'),
	wait: nodeWay('Job > Wait', 'job', 'wait', waiting('job')),
	waitRows: nodeWay('Job > Wait (Rows)', 'job', 'wait', waiting('rows')),
	waitFiles: nodeWay('Job > Wait (Files)', 'job', 'wait', waiting('files')),
	trigger: {
		name: 'Trigger',
		next: 'the next poll',
		begin() {
			const active = trigger();
			return async (credentials) => await outcomeOf(active.poll({ credentials }));
		},
	},
	triggerAtStart: {
		name: 'Trigger, when n8n starts',
		next: 'the next poll',
		begin() {
			const active = trigger();
			let polls = 0;
			return async (credentials) =>
				await outcomeOf(
					polls++ === 0 ? active.takeUp('init', { credentials }) : active.poll({ credentials }),
				);
		},
	},
	testEvent: {
		name: 'Trigger, Fetch Test Event',
		begin: () => async (credentials) =>
			await outcomeOf(trigger().poll({ credentials, mode: 'manual' })),
	},
	jobList: editorList('Editor, list of jobs', 'searchJobs'),
	segmentList: editorList('Editor, list of segments', 'searchSegments'),
	eventList: {
		name: 'Editor, list of events',
		begin: () => async (credentials) =>
			await outcomeOf(
				loadEventNames({ credentials }).then((entries) =>
					entries.map((entry) => ({ json: { ...entry } })),
				),
			),
	},
} satisfies Record<string, Way>;

/** The lookups, each with the operationId of its request. */
export const lookupWays = lookups.map(({ value, name }) => ({
	way: nodeWay(`Lookup > ${name}`, 'lookup', value, () => ({ returnAll: true })),
	call: value as string,
}));
