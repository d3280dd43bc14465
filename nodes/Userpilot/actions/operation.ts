import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

/**
 * What an operation gives. The router pairs the items, unless they come paired, all of them: to go
 * through a million once more takes a while, in which n8n can do nothing else.
 */
export type OutputItem = Pick<INodeExecutionData, 'json' | 'binary' | 'pairedItem'>;

/** One entry of a resource's Operation list: what the editor shows, and what runs. */
export interface Operation {
	value: string;
	/** Shown in the Operation list. */
	name: string;
	/** Shown in the nodes panel, and to AI agents followed by "in Userpilot". */
	action: string;
	description: string;
	/** The operation's own fields, in the order people think; the resource adds when they are shown. */
	properties: INodeProperties[];
	/** Runs once for an input item. */
	execute(context: IExecuteFunctions, itemIndex: number): Promise<OutputItem[]>;
}

export interface Resource {
	value: string;
	name: string;
	/** What its operations are for; shown in the Resource list. */
	description: string;
	defaultOperation: string;
	operations: readonly Operation[];
}

/** Whether an AI agent runs the node. Where the engine runs a tool, only the name of the node's type tells. */
export const isTool = (context: IExecuteFunctions): boolean =>
	context.getNode().type.endsWith('Tool') || (context.isToolExecution?.() ?? false);
