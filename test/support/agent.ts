import type {
	EngineResponse,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeType,
	ITaskData,
} from 'n8n-workflow';

import { Userpilot } from '../../nodes/Userpilot/Userpilot.node';
import type { NodeRun, PartialWorkflow } from './engine';
import { oneNodeWorkflow, runWorkflow, types } from './engine';

const TOOL_TYPE = 'n8n-nodes-userpilot.userpilotTool';

/** The node as n8n offers it to agents. */
function toolOf(node: INodeType): INodeType {
	const { description } = node;
	return Object.assign(node, {
		description: {
			...description,
			usableAsTool: undefined,
			name: `${description.name}Tool`,
			displayName: `${description.displayName} Tool`,
			inputs: [],
			outputs: ['ai_tool'],
		},
	}) as INodeType;
}

type Run = (
	this: IExecuteFunctions,
	response?: EngineResponse,
) => ReturnType<NonNullable<INodeType['execute']>>;

interface Tool {
	invoke(input: object): Promise<string>;
}

const errorText = ({ message }: Error) => JSON.stringify({ message });

/** An agent that calls its one tool once, and returns the result. */
const agent = (execute: Run): INodeType => ({
	description: {
		displayName: 'Agent',
		name: 'agent',
		group: ['transform'],
		version: 1,
		description: '',
		defaults: {},
		inputs: ['main', { type: 'ai_tool', maxConnections: 1 }],
		outputs: ['main'],
		properties: [],
	},
	execute,
});

const itemOf = (json: INodeExecutionData['json']) => [[{ json }]];

const agents = {
	/** The engine runs the tool, as n8n's agent does today. */
	engine: agent(async (response) => {
		if (response?.actionResponses?.length) {
			const [answer] = response.actionResponses as Array<{ data: ITaskData }>;
			return itemOf({ answer: answer!.data.data?.ai_tool?.[0]?.map(({ json }) => json) });
		}
		const action = { actionType: 'ExecutionNodeAction', nodeName: 'Tool', id: '1' } as const;
		return {
			actions: [{ ...action, input: {}, type: 'ai_tool', metadata: {} }],
			metadata: {},
		};
	}),
	/** The agent calls the tool itself, as n8n's agents did before. */
	call: agent(async function () {
		const tool = (await this.getInputConnectionData('ai_tool', 0)) as Tool;
		const answer = await tool.invoke({}).catch(errorText);
		return itemOf({ answer: JSON.parse(answer) });
	}),
};

/** Calls its tool with each of those inputs at the same time, as n8n's MCP Server Trigger does. */
const callingWith = (inputs: object[]): INodeType =>
	agent(async function () {
		const tool = (await this.getInputConnectionData('ai_tool', 0)) as Tool;
		const answers = await Promise.all(
			inputs.map(async (input) => await tool.invoke(input).catch(errorText)),
		);
		return itemOf({ answers: answers.map((answer) => JSON.parse(answer)) });
	});

/** Runs the node as a tool that is called with each of those inputs side by side; gives the results. */
export async function callTool(
	parameters: INodeParameters,
	inputs: object[],
	{ node, ...options }: Parameters<typeof runWorkflow>[1] & { node?: Partial<INode> } = {},
): Promise<unknown[]> {
	const run = await runAgent(callingWith(inputs), parameters, options, node);
	return run.items[0]?.json.answers as unknown[];
}

/** Runs the node as the tool of an agent; gives what the agent gets. */
export async function runAsTool(
	kind: keyof typeof agents,
	parameters: INodeParameters,
	options: Parameters<typeof runWorkflow>[1],
): Promise<{ answer: unknown; agent: NodeRun }> {
	const run = await runAgent(agents[kind], parameters, options);
	return { answer: run.items[0]?.json.answer, agent: run };
}

let runs = 0;

async function runAgent(
	runner: INodeType,
	parameters: INodeParameters,
	options: Parameters<typeof runWorkflow>[1],
	extra: Partial<INode> = {},
): Promise<NodeRun> {
	// A type of its own, for workflows that run at the same time.
	const agentType = `test.agent${++runs}`;
	Object.assign(types, { [TOOL_TYPE]: toolOf(new Userpilot()), [agentType]: runner });
	const { nodes } = oneNodeWorkflow(parameters);
	const [start, tool] = nodes;
	const workflow: PartialWorkflow = {
		nodes: [
			start!,
			{ ...tool!, id: 'agent', name: 'Agent', type: agentType, parameters: {} },
			{ ...tool!, name: 'Tool', type: TOOL_TYPE, ...extra },
		],
		connections: {
			Start: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
			Tool: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
	};
	return (await runWorkflow(workflow, options)).Agent!;
}
