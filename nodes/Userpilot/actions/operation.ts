import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	NodeExecutionHint,
} from 'n8n-workflow';

import type { Connection } from '../api/connection';
import type { ParameterReader } from './parameters';

/**
 * An item that an operation returns. The router pairs the items, unless they are paired already:
 * another pass over a million items would block n8n for a while.
 */
export type OutputItem = Pick<INodeExecutionData, 'json' | 'binary' | 'pairedItem'>;

/** A connection for one input item. */
export interface ItemConnection extends Connection<IExecuteFunctions> {
	itemIndex: number;
	/** Shows a sentence above the node's output. An agent reads it where there are no items. */
	addHint(message: string, type?: NodeExecutionHint['type']): void;
	/** Registers what to do at the end of the node's run, when it is known whether the workflow gets its items. */
	onEnd(ending: (isDelivered: boolean) => void): void;
}

/** What an operation works with, for one input item. */
export interface ItemRun {
	/** Reads the operation's own fields. */
	parameters: ParameterReader;
	/**
	 * Reads the credential.
	 *
	 * @param jobId of the job that the requests concern; every error carries it
	 */
	connect(jobId?: string): Promise<ItemConnection>;
}

/** One entry of a resource's Operation list: what the editor shows, and what runs. */
export interface Operation {
	value: string;
	/** Shown in the Operation list. */
	name: string;
	/** Shown in the nodes panel, and to AI agents followed by "in Userpilot". */
	action: string;
	description: string;
	/** The operation's own fields, in the order people think. The resource adds when they are shown. */
	properties: INodeProperties[];
	execute(run: ItemRun): Promise<OutputItem[]>;
}

export interface Resource {
	value: string;
	name: string;
	/** What its operations are for; shown in the Resource list. */
	description: string;
	defaultOperation: string;
	operations: readonly Operation[];
}

/** Whether an AI agent runs the node. Where the engine runs a tool, only the node's type tells. */
export const isTool = (context: IExecuteFunctions): boolean =>
	context.getNode().type.endsWith('Tool') || (context.isToolExecution?.() ?? false);
