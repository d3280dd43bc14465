import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { connect } from '../api/client';
import { withoutCanceled } from '../api/errors';
import type { ItemConnection } from './operation';
import { isTool } from './operation';
import { parameterReader } from './parameters';
import { resources } from './resources';

type Ending = Parameters<ItemConnection['onEnd']>[0];

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
			{ itemIndex, description: "Select 'Resource' and 'Operation' from their lists." },
		);
	}
	return operation;
}

/** n8n sends an item to the error output only if it holds nothing but these fields. */
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

/** n8n shows an agent the error's message alone, so it includes what to do. */
function withAdvice({ message, description }: NodeApiError | NodeOperationError): string {
	if (!description || message.includes(description)) return message;
	return `${message}${/[.!?…]$/.test(message) ? '' : '.'} ${description}`;
}

/** The error as a person may see it. Fields and responses can hold the words by which n8n knows a stop. */
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
 * Whether n8n takes an output for a failure, which Retry On Fail tries again: the first item says so.
 * Older tools go by any value of that field.
 */
function isRetried(context: IExecuteFunctions, [items]: INodeExecutionData[][]): boolean {
	const error = items?.[0]?.json.error;
	return isTool(context) ? Boolean(error) : error !== undefined;
}

/** Runs the node, and tells those who need to know whether the workflow gets its items. */
export async function route(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const endings: Ending[] = [];
	let isDelivered = false;
	try {
		const outputs = await runItems(context, endings);
		isDelivered = !isRetried(context, outputs);
		return outputs;
	} finally {
		for (const end of endings) end(isDelivered);
	}
}

/** Runs the chosen operation for one input item. */
async function runItem(
	context: IExecuteFunctions,
	itemIndex: number,
	endings: Ending[],
): Promise<INodeExecutionData[]> {
	const operation = findOperation(context, itemIndex);
	const notes: string[] = [];
	const items = await operation.execute({
		parameters: parameterReader(context, itemIndex, operation.properties),
		connect: async (jobId) => ({
			...(await connect(context, { itemIndex })),
			itemIndex,
			jobId,
			addHint(message, type = 'info') {
				notes.push(message);
				// Older hosts have no hints.
				context.addExecutionHints?.({ message, type, location: 'outputPane' });
			},
			onEnd: (ending) => endings.push(ending),
		}),
	});
	// n8n hands an agent the items alone, and no hint.
	const isNoted = items.length === 0 && notes.length > 0 && isTool(context);
	const returned = isNoted ? [{ json: { note: notes.join(' ') } }] : items;
	if (returned[0]?.pairedItem) return returned;
	const pairedItem = { item: itemIndex };
	for (const item of returned as INodeExecutionData[]) item.pairedItem = pairedItem;
	return returned;
}

async function runItems(
	context: IExecuteFunctions,
	endings: Ending[],
): Promise<INodeExecutionData[][]> {
	const outputs: INodeExecutionData[][] = [];
	for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
		try {
			outputs.push(await runItem(context, itemIndex, endings));
		} catch (error) {
			const { nodeError, isStopped } = toNodeError(context, error, itemIndex);
			if (isStopped || !context.continueOnFail()) throw nodeError;
			outputs.push([{ ...errorItem(nodeError), pairedItem: { item: itemIndex } }]);
		}
	}
	// Copying a million items would block n8n for a while.
	return outputs.length === 1 ? outputs : [outputs.flat()];
}
