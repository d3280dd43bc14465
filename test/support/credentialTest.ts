import { ExecuteContext, RoutingNode } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	INode,
	INodeType,
	INodeTypes,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { createEmptyRunExecutionData, NodeHelpers, Workflow } from 'n8n-workflow';

import { UserpilotApi } from '../../credentials/UserpilotApi.credentials';
import { FixedCredentials } from './credentials';

const { name, properties, test } = new UserpilotApi();

const NODE: INode = {
	id: 'temp',
	name: 'Temp-Node',
	type: 'n8n-nodes-base.noOp',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	credentials: { [name]: { id: '1', name: 'Userpilot' } },
};

/** n8n makes a node of the test's request, and lets its RoutingNode run it. */
const nodeType: INodeType = {
	description: {
		displayName: 'No Operation',
		name: NODE.type,
		group: [],
		version: 1,
		description: '',
		defaults: {},
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name, required: true }],
		properties: [
			{
				displayName: 'Temp',
				name: 'temp',
				type: 'string',
				default: '',
				routing: { request: test.request },
			},
		],
	},
};
const nodeTypes = {
	getByName: () => nodeType,
	getByNameAndVersion: () => nodeType,
	getKnownTypes: () => ({}),
} as INodeTypes;

interface Failure {
	message: string;
	cause?: { code?: string; response?: { status: number; statusText: string } };
}

/** Which text n8n shows for a failure; its CredentialsTester is not part of n8n-core. */
function shownOf({ message, cause }: Failure): string {
	if (!cause?.response) return cause?.code ?? message;
	const { status, statusText } = cause.response;
	const rule = test.rules!.find(
		({ type, properties: { value } }) => type === 'responseCode' && value === status,
	);
	return (rule?.properties as { message: string } | undefined)?.message ?? statusText;
}

/** Tests the credential as the editor does when it is saved; gives the text that it shows. */
export async function testCredential(typed: Record<string, string>): Promise<string> {
	const data = NodeHelpers.getNodeParameters(
		properties,
		typed,
		true,
		false,
		null,
		null,
	) as ICredentialDataDecryptedObject;
	const workflow = new Workflow({ nodes: [NODE], connections: {}, active: false, nodeTypes });
	const additionalData = {
		credentialsHelper: new FixedCredentials(data),
		variables: {},
	} as unknown as IWorkflowExecuteAdditionalData;
	const input = [{ json: {} }];
	const context = new ExecuteContext(
		workflow,
		NODE,
		additionalData,
		'internal',
		createEmptyRunExecutionData(),
		0,
		[],
		{ main: [input] },
		{ node: NODE, data: {}, source: null },
		[],
	);
	try {
		await new RoutingNode(context, nodeType, {
			id: '1',
			name: 'Userpilot',
			type: name,
			data,
		}).runNode();
		return 'Connection successful!';
	} catch (error) {
		return shownOf(error as Failure);
	}
}
