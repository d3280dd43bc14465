import type { WorkflowFile } from '../../../playground/rest.ts';

/** Names of nodes. `DELIVER` is the last one: a job that gets there has arrived. */
export const START = 'Start';
export const TRIGGER = 'Watch';
export const USERPILOT = 'Userpilot';
export const DELIVER = 'Deliver';

export interface Node {
	name: string;
	type: string;
	typeVersion: number;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	[setting: string]: unknown;
}

export type Parameters = Record<string, unknown>;

/** n8n saves no static data of a workflow with a longer id. */
const MAX_ID_LENGTH = 21;

export const base = (type: string) => `n8n-nodes-base.${type}`;

/** A workflow that is a chain of nodes. */
export function chain(
	id: string,
	nodes: Node[],
	settings: WorkflowFile['settings'] = {},
): WorkflowFile {
	return workflow(
		id,
		nodes,
		nodes.slice(1).map(({ name }, index) => [nodes[index]!.name, 'main', name]),
		settings,
	);
}

/** @param connections from node, type of connection, to node */
export function workflow(
	id: string,
	nodes: Node[],
	connections: Array<[from: string, type: string, to: string]>,
	settings: WorkflowFile['settings'] = {},
): WorkflowFile {
	return {
		id,
		name: id,
		nodes: nodes.map((node, index) => ({
			position: [index * 224, 0],
			...node,
			id: `${id}-${index}`,
		})),
		connections: Object.fromEntries(
			connections.map(([from, type, to]) => [from, { [type]: [[{ node: to, type, index: 0 }]] }]),
		),
		settings: { executionOrder: 'v1', ...settings },
	};
}

/** For `settings`: executions that succeed are not saved. Saving rows takes longer than reading them. */
export const NOT_SAVED = {
	saveDataSuccessExecution: 'none',
	saveDataErrorExecution: 'all',
	saveManualExecutions: false,
	saveExecutionProgress: false,
};

/**
 * n8n takes no poll time below a minute, but many poll times within one.
 *
 * @param from the first of them, a second of the minute
 */
export const pollTimesEvery = (seconds: number, from = 0) => ({
	item: Array.from({ length: 60 / seconds }, (_, index) => ({
		mode: 'custom',
		cronExpression: `${(from + index * seconds) % 60} * * * * *`,
	})),
});

export const POLL_EVERY_SECONDS = 5;
export const pollTimes = pollTimesEvery(POLL_EVERY_SECONDS);

const credentials = (id: string) => ({ userpilotApi: { id, name: 'Userpilot' } });

/** Starts its workflow by hand. */
export const manualStart: Node = {
	name: START,
	type: base('manualTrigger'),
	typeVersion: 1,
	parameters: {},
};

/**
 * @param responseMode `lastNode` responds with the first item of the last node, `onReceived` at once
 * @param responseData `allEntries` responds with all items of the last node
 */
export const webhookNode = (
	path: string,
	responseMode: 'lastNode' | 'onReceived' = 'onReceived',
	responseData: 'firstEntryJson' | 'allEntries' = 'firstEntryJson',
): Node => ({
	name: START,
	type: base('webhook'),
	typeVersion: 2.1,
	webhookId: path,
	parameters: { path, responseMode, responseData, options: {} },
});

export const triggerNode = (credentialId: string, parameters: Parameters = {}): Node => ({
	name: TRIGGER,
	type: 'n8n-nodes-userpilot.userpilotTrigger',
	typeVersion: 1,
	parameters: { pollTimes, ...parameters },
	credentials: credentials(credentialId),
});

export const userpilotNode = (credentialId: string, parameters: Parameters): Node => ({
	name: USERPILOT,
	type: 'n8n-nodes-userpilot.userpilot',
	typeVersion: 1,
	parameters,
	credentials: credentials(credentialId),
});

/** The node as a tool, as one drops it onto the canvas. */
export const toolNode = (name: string, parameters: Parameters, credentialId?: string): Node => ({
	name,
	type: 'n8n-nodes-userpilot.userpilotTool',
	typeVersion: 1,
	parameters,
	...(credentialId && { credentials: credentials(credentialId) }),
});

export const deliver: Node = {
	name: DELIVER,
	type: base('noOp'),
	typeVersion: 1,
	parameters: {},
};

/** Keeps the last item: it shows that all have come. */
export const lastRow: Node = {
	name: 'Last Row',
	type: base('limit'),
	typeVersion: 1,
	parameters: { maxItems: 1, keep: 'lastItems' },
};

const assignment = (name: string, type: string, value: string) => ({
	assignments: { assignments: [{ id: name, name, type, value }] },
	options: {},
});

/** A node that sets one field. */
export const setNode = (name: string, field: string, type: string, value: string): Node => ({
	name,
	type: base('set'),
	typeVersion: 3.4,
	parameters: assignment(field, type, value),
});

/** Keeps the size of a file, in bytes. */
export const fileSize = (binaryProperty: string): Node =>
	setNode('File Size', 'bytes', 'number', `={{ $binary.${binaryProperty}.bytes }}`);

/** The trigger, and a node that does nothing. */
export function watchWorkflow(id: string, credentialId: string, parameters: Parameters) {
	if (id.length > MAX_ID_LENGTH) throw new Error(`The trigger of "${id}" would have no memory`);
	return chain(id, [triggerNode(credentialId, parameters), deliver]);
}

/** A start, by hand by default, and our node. */
export const exportWorkflow = (
	id: string,
	credentialId: string,
	parameters: Parameters,
	extra: { start?: Node; node?: Record<string, unknown>; settings?: WorkflowFile['settings'] } = {},
): WorkflowFile =>
	chain(
		id,
		[extra.start ?? manualStart, { ...userpilotNode(credentialId, parameters), ...extra.node }],
		extra.settings,
	);

/** A job chosen by its ID, or by an expression that gives it. */
export const byId = (value: string) => ({ __rl: true, mode: 'id', value });

/** Export > Get Events of yesterday. */
export const getEvents = (more: Parameters = {}): Parameters => ({
	resource: 'export',
	operation: 'createAndWait',
	dateRange: 'yesterday',
	...more,
});

/** Export > Start, of yesterday. */
export const startExport = (more: Parameters = {}): Parameters =>
	getEvents({ operation: 'create', ...more });

/** Job > Download. */
export const downloadOf = (jobId: string, output: string, more: Parameters = {}): Parameters => ({
	resource: 'job',
	operation: 'download',
	jobId: byId(jobId),
	output,
	...more,
});
