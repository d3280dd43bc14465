// The workflows that are compared: each starts at a webhook that names the job, and answers with the last of what came out.
import type { WorkflowFile } from '../../../../playground/rest.ts';

export interface ChainNode {
	name: string;
	type: string;
	typeVersion: number;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	webhookId?: string;
	executeOnce?: boolean;
	onError?: string;
}

export type ChainKind = 'ndjson' | 'csv' | 'files';

/** n8n's own nodes find out how a text is encoded, which takes long, unless an option tells them. */
export type OwnChainKind = ChainKind | 'ndjson-told-utf8';

export const base = (type: string) => `n8n-nodes-base.${type}`;

/** @param responseMode `lastNode`: answers with what has come out at the end; `onReceived`: at once */
export const webhook = (
	id: string,
	responseMode: 'lastNode' | 'onReceived' = 'lastNode',
): ChainNode => ({
	name: 'Webhook',
	type: base('webhook'),
	typeVersion: 2.1,
	webhookId: id,
	parameters: {
		path: id,
		responseMode,
		responseData: 'firstEntryJson',
		options: {},
	},
});

/** Its answer shows that all has come: the last row, or the bytes of the file. */
export const lastRow: ChainNode = {
	name: 'Last Row',
	type: base('limit'),
	typeVersion: 1,
	parameters: { maxItems: 1, keep: 'lastItems' },
};

export const fileSize = (binaryProperty: string): ChainNode => ({
	name: 'File Size',
	type: base('set'),
	typeVersion: 3.4,
	parameters: {
		assignments: {
			assignments: [
				{
					id: 'bytes',
					name: 'bytes',
					type: 'number',
					value: `={{ $binary.${binaryProperty}.bytes }}`,
				},
			],
		},
		options: {},
	},
});

/** Our one node. */
export const userpilotChain = (kind: ChainKind, credentialId: string): WorkflowFile =>
	chain(`ours-${kind}`, [
		webhook(`ours-${kind}`),
		userpilotNode(credentialId, downloadOf('={{ $json.query.job }}', kind)),
		kind === 'files' ? fileSize('data') : lastRow,
	]);

/** Job > Download of the job of this id or expression. */
export const downloadOf = (jobId: string, kind: ChainKind) => ({
	resource: 'job',
	operation: 'download',
	jobId: { __rl: true, mode: 'id', value: jobId },
	output: kind === 'files' ? 'files' : 'rows',
});

export const userpilotNode = (
	credentialId: string,
	parameters: Record<string, unknown>,
): ChainNode => ({
	name: 'Userpilot',
	type: 'n8n-nodes-userpilot.userpilot',
	typeVersion: 1,
	parameters,
	credentials: { userpilotApi: { id: credentialId, name: 'Userpilot' } },
});

/** The same with n8n's own nodes. */
export const ownNodesChain = (kind: OwnChainKind, origin: string): WorkflowFile =>
	chain(`own-${kind}`, [
		webhook(`own-${kind}`),
		getJob(origin),
		splitOut('Split Out Files', 'presigned_urls'),
		getFile,
		decompress,
		...READERS[kind],
		kind === 'files' ? fileSize('file_0') : lastRow,
	]);

const getJob = (origin: string): ChainNode => ({
	name: 'Get Job',
	type: base('httpRequest'),
	typeVersion: 4.2,
	parameters: {
		url: `=${origin}/api/v1/analytics/exports/jobs/{{ $json.query.job }}`,
		sendHeaders: true,
		headerParameters: { parameters: [{ name: 'Authorization', value: 'Token benchmark' }] },
		options: {},
	},
});

const getFile: ChainNode = {
	name: 'Get File',
	type: base('httpRequest'),
	typeVersion: 4.2,
	parameters: {
		url: '={{ $json.url }}',
		options: { response: { response: { responseFormat: 'file' } } },
	},
};

const splitOut = (name: string, field: string): ChainNode => ({
	name,
	type: base('splitOut'),
	typeVersion: 1,
	parameters: { fieldToSplitOut: field, options: {} },
});

const decompress: ChainNode = {
	name: 'Decompress',
	type: base('compression'),
	typeVersion: 1.1,
	parameters: { operation: 'decompress', binaryPropertyName: 'data' },
};

const extract = (name: string, operation: string, options = {}): ChainNode => ({
	name,
	type: base('extractFromFile'),
	typeVersion: 1,
	parameters: { operation, binaryPropertyName: 'file_0', options },
});

/**
 * n8n reads no NDJSON: its text is split by an expression, and the list by a node. A Code node
 * does the same in twice the time, because n8n runs it in another process.
 */
const splitLines: ChainNode = {
	name: 'Split Lines',
	type: base('set'),
	typeVersion: 3.4,
	parameters: {
		assignments: {
			assignments: [
				{
					id: 'rows',
					name: 'rows',
					type: 'array',
					value: "={{ $json.data.trim().split('\\n').map((line) => JSON.parse(line)) }}",
				},
			],
		},
		options: {},
	},
};

const READERS: Record<OwnChainKind, ChainNode[]> = {
	files: [],
	csv: [extract('Extract Rows', 'csv')],
	ndjson: [extract('Extract Text', 'text'), splitLines, splitOut('Split Out Rows', 'rows')],
	'ndjson-told-utf8': [
		extract('Extract Text', 'text', { encoding: 'utf8' }),
		splitLines,
		splitOut('Split Out Rows', 'rows'),
	],
};

/** Saving rows would take longer than reading them. */
const NOT_KEPT = {
	saveDataSuccessExecution: 'none',
	saveDataErrorExecution: 'all',
	saveManualExecutions: false,
	saveExecutionProgress: false,
};

/** Nodes in a line; executions that succeed are not kept, unless the settings say so. */
export function chain(
	id: string,
	nodes: ChainNode[],
	settings: WorkflowFile['settings'] = NOT_KEPT,
): WorkflowFile {
	const connections: Record<string, unknown> = {};
	for (const [index, { name }] of nodes.slice(0, -1).entries()) {
		connections[name] = { main: [[{ node: nodes[index + 1]!.name, type: 'main', index: 0 }]] };
	}
	return {
		id,
		name: id,
		nodes: nodes.map((node, index) => ({
			id: `${id}-${index}`,
			position: [index * 200, 0],
			...node,
		})),
		connections,
		settings: { executionOrder: 'v1', ...settings },
	};
}
