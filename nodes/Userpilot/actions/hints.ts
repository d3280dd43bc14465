import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';

/** Shows a sentence above the node's output; older hosts have no hints. */
export function addHint(
	context: IExecuteFunctions,
	message: string,
	type: NodeExecutionHint['type'] = 'info',
): void {
	context.addExecutionHints?.({ message, type, location: 'outputPane' });
}
