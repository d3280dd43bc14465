import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT } from '../../../../../playground/paths.ts';
import type { WorkflowFile } from '../../../../../playground/rest.ts';
import { manualStart, type Node, START, toolNode, workflow } from '../../../harness/workflows.ts';

const AGENT = 'AI Agent';
const MODEL = 'OpenAI Chat Model';

/** The agent that docs/ai-agents.md offers for import. */
const documented = JSON.parse(
	readFileSync(path.join(PROJECT, 'docs', 'ai-agent.json'), 'utf8'),
) as Omit<WorkflowFile, 'nodes'> & { nodes: Node[] };

const nodeNamed = (name: string): Node => documented.nodes.find((node) => node.name === name)!;

export const documentedTools: Node[] = documented.nodes.filter(
	({ type }) => type === toolNode('', {}).type,
);

/** The documented agent with this prompt and these tools, started by hand. */
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
		manualStart,
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
	return workflow(id, nodes, [
		[START, 'main', AGENT],
		[MODEL, 'ai_languageModel', AGENT],
		...tools.map(({ name }): [string, string, string] => [name, 'ai_tool', AGENT]),
	]);
}
