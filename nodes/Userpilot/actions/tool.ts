import type { IExecuteFunctions } from 'n8n-workflow';

/** Whether an AI agent runs the node. Where the engine runs a tool, only the name of the node's type tells. */
export const isTool = (context: IExecuteFunctions): boolean =>
	context.getNode().type.endsWith('Tool') || (context.isToolExecution?.() ?? false);
