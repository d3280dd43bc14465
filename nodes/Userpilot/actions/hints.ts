import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';

import { isTool } from './operation';

/** What an agent is told where there are no items: n8n hands it json alone, and no hint. */
const notes = new WeakMap<IExecuteFunctions, string[]>();

/** Warns of files without a byte, which are no gzip files either, and would else pass for days without events. */
export function addEmptyFilesHint(context: IExecuteFunctions, filenames: string[]): void {
	if (filenames.length === 0) return;
	addHint(
		context,
		`The file store holds nothing (0 bytes) in ${filenames.map((name) => `"${name}"`).join(', ')}. If there should be events, start the export again.`,
		'warning',
	);
}

/** Shows a sentence above the node's output, or notes it for an agent; older hosts have no hints. */
export function addHint(
	context: IExecuteFunctions,
	message: string,
	type: NodeExecutionHint['type'] = 'info',
): void {
	context.addExecutionHints?.({ message, type, location: 'outputPane' });
	if (isTool(context)) notes.set(context, [...(notes.get(context) ?? []), message]);
}

/** What was noted for the agent since it was last asked; undefined for nothing. */
export function takeNote(context: IExecuteFunctions): string | undefined {
	const note = notes.get(context)?.join(' ');
	notes.delete(context);
	return note;
}
