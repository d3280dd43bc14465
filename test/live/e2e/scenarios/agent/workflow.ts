import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT } from '../../../../../playground/paths.ts';
import type { WorkflowFile } from '../../../../../playground/rest.ts';
import { type Node, START } from '../../../harness/workflows.ts';

const TOOL_TYPE = 'n8n-nodes-userpilot.userpilotTool';
export const AGENT = 'AI Agent';
const MODEL = 'OpenAI Chat Model';

/** What docs/ai-agents.md gives people to import. */
const documented = JSON.parse(
	readFileSync(path.join(PROJECT, 'docs', 'ai-agent.json'), 'utf8'),
) as Omit<WorkflowFile, 'nodes'> & { nodes: Node[] };

const nodeNamed = (name: string): Node => documented.nodes.find((node) => node.name === name)!;

export const documentedTools: Node[] = documented.nodes.filter(({ type }) => type === TOOL_TYPE);

/** A tool as one drops it onto the canvas, with these fields. */
export const tool = (name: string, parameters: Record<string, unknown>): Node => ({
	name,
	type: TOOL_TYPE,
	typeVersion: 1,
	parameters,
});

/** The documented agent, told what to do by this prompt and started by hand, with these tools. */
export function agentWorkflow(
	id: string,
	prompt: string,
	tools: Node[],
	credentials: { userpilotApi: string; openAiApi: string },
	agentVersion?: number,
): WorkflowFile {
	const agent = nodeNamed(AGENT);
	const typeVersion = agentVersion ?? agent.typeVersion;
	const model = nodeNamed(MODEL);
	const nodes: Node[] = [
		{ name: START, type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
		{
			...agent,
			typeVersion,
			parameters: { ...agent.parameters, promptType: 'define', text: prompt },
		},
		{
			...model,
			parameters: { ...model.parameters, responsesApiEnabled: false },
			credentials: { openAiApi: { id: credentials.openAiApi, name: 'Model' } },
		},
		...tools.map((node) => ({
			...node,
			credentials: { userpilotApi: { id: credentials.userpilotApi, name: 'Userpilot' } },
		})),
	];
	const leadsTo = (type: string) => ({ [type]: [[{ node: AGENT, type, index: 0 }]] });
	return {
		id,
		name: id,
		nodes: nodes.map((node, index) => ({
			...node,
			id: `${id}-${index}`,
			position: [index * 224, 0],
		})),
		connections: {
			[START]: leadsTo('main'),
			[MODEL]: leadsTo('ai_languageModel'),
			...Object.fromEntries(tools.map(({ name }) => [name, leadsTo('ai_tool')])),
		},
		settings: { executionOrder: 'v1' },
	};
}
