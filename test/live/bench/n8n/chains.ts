// The workflows that are compared: each starts at a webhook that names the job, and responds with its last item.
import type { WorkflowFile } from '../../../../playground/rest.ts';
import {
	base,
	chain,
	downloadOf,
	fileSize,
	lastRow,
	type Node,
	NOT_SAVED,
	setNode,
	userpilotNode,
	webhookNode,
} from '../../harness/workflows.ts';

export type ChainKind = 'ndjson' | 'csv' | 'files';

/** n8n's own nodes detect the encoding of a text, which takes long, unless an option names it. */
export type OwnChainKind = ChainKind | 'ndjson-told-utf8';

/** Our one node. */
export const userpilotChain = (kind: ChainKind, credentialId: string): WorkflowFile =>
	comparedChain(`ours-${kind}`, [
		userpilotNode(
			credentialId,
			downloadOf('={{ $json.query.job }}', kind === 'files' ? 'files' : 'rows'),
		),
		kind === 'files' ? fileSize('data') : lastRow,
	]);

/** The same with n8n's own nodes. */
export const ownNodesChain = (kind: OwnChainKind, origin: string): WorkflowFile =>
	comparedChain(`own-${kind}`, [
		getJob(origin),
		splitOut('Split Out Files', 'presigned_urls'),
		getFile,
		decompress,
		...READERS[kind],
		kind === 'files' ? fileSize('file_0') : lastRow,
	]);

const comparedChain = (id: string, nodes: Node[]) =>
	chain(id, [webhookNode(id, 'lastNode'), ...nodes], NOT_SAVED);

const httpRequest = (name: string, parameters: Record<string, unknown>): Node => ({
	name,
	type: base('httpRequest'),
	typeVersion: 4.2,
	parameters: { options: {}, ...parameters },
});

const getJob = (origin: string): Node =>
	httpRequest('Get Job', {
		url: `=${origin}/api/v1/analytics/exports/jobs/{{ $json.query.job }}`,
		sendHeaders: true,
		headerParameters: { parameters: [{ name: 'Authorization', value: 'Token benchmark' }] },
	});

const getFile = httpRequest('Get File', {
	url: '={{ $json.url }}',
	options: { response: { response: { responseFormat: 'file' } } },
});

const splitOut = (name: string, field: string): Node => ({
	name,
	type: base('splitOut'),
	typeVersion: 1,
	parameters: { fieldToSplitOut: field, options: {} },
});

const decompress: Node = {
	name: 'Decompress',
	type: base('compression'),
	typeVersion: 1.1,
	parameters: { operation: 'decompress', binaryPropertyName: 'data' },
};

const extract = (name: string, operation: string, options = {}): Node => ({
	name,
	type: base('extractFromFile'),
	typeVersion: 1,
	parameters: { operation, binaryPropertyName: 'file_0', options },
});

/**
 * n8n reads no NDJSON: an expression splits its text, and a node the list. A Code node takes twice as
 * long, because n8n runs it in another process.
 */
const splitLines = setNode(
	'Split Lines',
	'rows',
	'array',
	"={{ $json.data.trim().split('\\n').map((line) => JSON.parse(line)) }}",
);

const READERS: Record<OwnChainKind, Node[]> = {
	files: [],
	csv: [extract('Extract Rows', 'csv')],
	ndjson: [extract('Extract Text', 'text'), splitLines, splitOut('Split Out Rows', 'rows')],
	'ndjson-told-utf8': [
		extract('Extract Text', 'text', { encoding: 'utf8' }),
		splitLines,
		splitOut('Split Out Rows', 'rows'),
	],
};
