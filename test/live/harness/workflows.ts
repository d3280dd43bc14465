import type { WorkflowFile } from '../../../playground/rest.ts';

export const TRIGGER = 'Watch';
/** The last node: what comes here has arrived. */
export const DELIVER = 'Deliver';
export const START = 'Start';
export const USERPILOT = 'Userpilot';

export interface Node {
	name: string;
	type: string;
	typeVersion: number;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	[setting: string]: unknown;
}

const POLL_EVERY_SECONDS = 5;

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

export const pollTimes = pollTimesEvery(POLL_EVERY_SECONDS);

function chain(id: string, nodes: Node[], settings: Record<string, unknown> = {}): WorkflowFile {
	return {
		id,
		name: id,
		nodes: nodes.map((node, index) => ({
			id: `${id}-${index}`,
			position: [index * 224, 0],
			...node,
		})),
		connections: Object.fromEntries(
			nodes
				.slice(1)
				.map(({ name }, index) => [
					nodes[index]!.name,
					{ main: [[{ node: name, type: 'main', index: 0 }]] },
				]),
		),
		settings: { executionOrder: 'v1', ...settings },
	};
}

const deliver: Node = {
	name: DELIVER,
	type: 'n8n-nodes-base.noOp',
	typeVersion: 1,
	parameters: {},
};

const manualStart: Node = {
	name: START,
	type: 'n8n-nodes-base.manualTrigger',
	typeVersion: 1,
	parameters: {},
};

const userpilotNode = (credentialId: string, parameters: Record<string, unknown>): Node => ({
	name: USERPILOT,
	type: 'n8n-nodes-userpilot.userpilot',
	typeVersion: 1,
	parameters,
	credentials: credential(credentialId),
});

const credential = (id: string) => ({ userpilotApi: { id, name: 'Userpilot' } });

/** n8n saves no static data of a workflow whose id is longer. */
const MAX_ID_LENGTH = 21;

/** The trigger, and a node that does nothing. */
export function watchWorkflow(
	id: string,
	credentialId: string,
	parameters: Record<string, unknown>,
): WorkflowFile {
	if (id.length > MAX_ID_LENGTH) throw new Error(`The trigger of "${id}" would have no memory`);
	return chain(id, [triggerNode(credentialId, parameters), deliver]);
}

/** The trigger, as a node. */
export const triggerNode = (
	credentialId: string,
	parameters: Record<string, unknown> = {},
): Node => ({
	name: TRIGGER,
	type: 'n8n-nodes-userpilot.userpilotTrigger',
	typeVersion: 1,
	parameters: { pollTimes, ...parameters },
	credentials: credential(credentialId),
});

/** Starts an execution of its workflow whenever its path is called; what is sent to it does not matter. */
export const webhookNode = (path: string): Node => ({
	name: START,
	type: 'n8n-nodes-base.webhook',
	typeVersion: 2,
	webhookId: path,
	parameters: { path, httpMethod: 'POST', options: {} },
});

/** What one builds without the trigger: ask for the list as often, and let pass what was not seen before. */
export const ownNodesWorkflow = (
	id: string,
	headerCredentialId: string,
	apiUrl: string,
): WorkflowFile =>
	chain(id, [
		{
			name: 'Schedule',
			type: 'n8n-nodes-base.scheduleTrigger',
			typeVersion: 1.2,
			parameters: {
				rule: { interval: [{ field: 'seconds', secondsInterval: POLL_EVERY_SECONDS }] },
			},
		},
		{
			name: 'List Jobs',
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			parameters: {
				url: `${apiUrl}/api/v1/analytics/exports/jobs/`,
				authentication: 'genericCredentialType',
				genericAuthType: 'httpHeaderAuth',
				options: {},
			},
			credentials: { httpHeaderAuth: { id: headerCredentialId, name: 'Header' } },
		},
		{
			name: 'Completed',
			type: 'n8n-nodes-base.filter',
			typeVersion: 2.2,
			parameters: {
				conditions: {
					options: { caseSensitive: true, leftValue: '', typeValidation: 'loose', version: 2 },
					combinator: 'and',
					conditions: [
						{
							id: 'status',
							leftValue: '={{ $json.status }}',
							rightValue: 'completed',
							operator: { type: 'string', operation: 'equals' },
						},
					],
				},
				options: {},
			},
		},
		{
			name: 'Not Seen Before',
			type: 'n8n-nodes-base.removeDuplicates',
			typeVersion: 2,
			parameters: {
				operation: 'removeItemsSeenInPreviousExecutions',
				dedupeValue: '={{ $json.job_id }}',
				options: {},
			},
		},
		deliver,
	]);

/** A start by hand, as many items as that, and our node, which runs for each. */
export const itemsWorkflow = (
	id: string,
	credentialId: string,
	items: number,
	parameters: Record<string, unknown>,
	settings: Record<string, unknown>,
): WorkflowFile =>
	chain(id, [
		manualStart,
		{
			name: 'Items',
			type: 'n8n-nodes-base.debugHelper',
			typeVersion: 1,
			parameters: { category: 'randomData', randomDataType: 'uuid', randomDataCount: items },
		},
		{ ...userpilotNode(credentialId, parameters), ...settings },
	]);

/** A start by hand, and our node. */
export const exportWorkflow = (
	id: string,
	credentialId: string,
	parameters: Record<string, unknown>,
	extra: {
		/** What starts it, instead of a person. */
		start?: Node;
		node?: Record<string, unknown>;
		settings?: Record<string, unknown>;
	} = {},
): WorkflowFile =>
	chain(
		id,
		[extra.start ?? manualStart, { ...userpilotNode(credentialId, parameters), ...extra.node }],
		extra.settings,
	);
