import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';

/** Warns of files without a byte, which are no gzip files either, and would else pass for days without events. */
export function addEmptyFilesHint(context: IExecuteFunctions, filenames: string[]): void {
	if (filenames.length === 0) return;
	addHint(
		context,
		`The file store holds nothing (0 bytes) in ${filenames.map((name) => `"${name}"`).join(', ')}. If there should be events, start the export again.`,
		'warning',
	);
}

/** Shows a sentence above the node's output; older hosts have no hints. */
export function addHint(
	context: IExecuteFunctions,
	message: string,
	type: NodeExecutionHint['type'] = 'info',
): void {
	context.addExecutionHints?.({ message, type, location: 'outputPane' });
}
