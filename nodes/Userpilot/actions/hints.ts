import type { IExecuteFunctions } from 'n8n-workflow';

/** Shows a sentence above the node's output; older hosts have no hints. */
export function addHint(context: IExecuteFunctions, message: string): void {
	context.addExecutionHints?.({ message, location: 'outputPane' });
}
