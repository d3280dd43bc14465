import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { withoutCanceled } from '../api/errors';
import { endRun } from './export/start';
import { takeNote } from './hints';
import { checkCollections } from './parameters';
import { resources } from './resources';
import { isTool } from './operation';

function findOperation(context: IExecuteFunctions, itemIndex: number) {
	const resourceValue = context.getNodeParameter('resource', itemIndex) as string;
	const operationValue = context.getNodeParameter('operation', itemIndex) as string;
	const operation = resources
		.find(({ value }) => value === resourceValue)
		?.operations.find(({ value }) => value === operationValue);
	if (!operation) {
		throw new NodeOperationError(
			context.getNode(),
			`Userpilot has no operation "${operationValue}" for the resource "${resourceValue}"`,
			{ itemIndex, description: 'Choose Resource and Operation from their lists.' },
		);
	}
	return operation;
}

/** n8n sends an item to the error output only if it holds nothing but these three fields. */
function errorItem(error: NodeApiError | NodeOperationError): INodeExecutionData {
	return {
		json: {
			error: error.message,
			details: {
				description: error.description ?? null,
				httpCode: error instanceof NodeApiError ? error.httpCode : null,
				jobId: error.context.jobId ?? null,
			},
		},
	};
}

/** Of an error, n8n hands an agent the message alone: it takes along what to do. */
function withAdvice({ message, description }: NodeApiError | NodeOperationError): string {
	if (!description || message.includes(description)) return message;
	return `${message}${/[.!?…]$/.test(message) ? '' : '.'} ${description}`;
}

/** The error as a person may see it; fields and answers can hold words that n8n takes for its own. */
function toNodeError(context: IExecuteFunctions, error: unknown, itemIndex: number) {
	const nodeError =
		error instanceof NodeApiError || error instanceof NodeOperationError
			? error
			: new NodeOperationError(context.getNode(), error as Error, { itemIndex });
	const isStopped = context.getExecutionCancelSignal()?.aborted ?? false;
	if (!isStopped) nodeError.message = withoutCanceled(nodeError.message);
	if (isTool(context)) nodeError.message = withAdvice(nodeError);
	return { nodeError, isStopped };
}

/**
 * Whether n8n takes an output for a failure, which Retry On Fail tries again: its first item says so. Older
 * ones go by any value of that field.
 */
function isRetried(context: IExecuteFunctions, [items]: INodeExecutionData[][]): boolean {
	const error = items?.[0]?.json.error;
	return isTool(context) ? Boolean(error) : error !== undefined;
}

/** Runs the node, and lets the next try know what is left of this one. */
export async function route(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	let isDelivered = false;
	try {
		const outputs = await runItems(context);
		isDelivered = !isRetried(context, outputs);
		return outputs;
	} finally {
		endRun(context, isDelivered);
	}
}

/** Runs the chosen operation for each input item and pairs what comes out with it. */
async function runItems(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const outputs: INodeExecutionData[][] = [];
	for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
		const pairedItem = { item: itemIndex };
		try {
			const operation = findOperation(context, itemIndex);
			checkCollections(context, itemIndex, operation.properties);
			const items = await operation.execute(context, itemIndex);
			const note = takeNote(context);
			if (note !== undefined && items.length === 0) items.push({ json: { note }, pairedItem });
			if (!items[0]?.pairedItem) for (const item of items) item.pairedItem = pairedItem;
			outputs.push(items);
		} catch (error) {
			const { nodeError, isStopped } = toNodeError(context, error, itemIndex);
			if (isStopped || !context.continueOnFail()) throw nodeError;
			outputs.push([{ ...errorItem(nodeError), pairedItem }]);
		}
	}
	// To copy a million items takes a while, in which n8n can do nothing else.
	return outputs.length === 1 ? outputs : [outputs.flat()];
}
