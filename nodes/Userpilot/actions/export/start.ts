import type { ExportRequest } from '../../api/calls';
import type { Attempt } from '../../jobs/account';
import { keepAttempt, takeAttempt } from '../../jobs/account';
import type { StartedExport, StartOptions } from '../../jobs/start';
import { startExport } from '../../jobs/start';
import type { ItemConnection } from '../operation';
import { isTool } from '../operation';

/**
 * Identifies one requested export, also when Retry On Fail runs the node again. Undefined where n8n
 * gives no execution ID, as under its MCP Server Trigger: there nothing tells a retry from another
 * request. A tool has a new run index at each try. So a tool that gets the same request again continues
 * its first, unless that has returned its data.
 */
async function exportKey(
	{ context, itemIndex }: ItemConnection,
	asked: object,
): Promise<string | undefined> {
	const executionId = context.getExecutionId();
	if (!executionId) return undefined;
	const { id, name } = context.getNode();
	const run = isTool(context) ? 'tool' : context.getWorkflowDataProxy(itemIndex).$runIndex;
	const identity = [context.getWorkflow().id, executionId, id, name, run, itemIndex, asked];
	// Hashed, because it may hold thousands of user IDs.
	const bytes = new TextEncoder().encode(JSON.stringify(identity));
	return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('base64');
}

/** What earlier tries of the same request left. It is kept for the next one, unless the workflow gets our items. */
async function attemptAt(connection: ItemConnection, asked: object): Promise<Attempt> {
	const key = await exportKey(connection, asked);
	if (key === undefined) return {};
	const attempt = takeAttempt(key);
	connection.onEnd((isDelivered) => {
		if (!isDelivered) keepAttempt(key, attempt);
	});
	return attempt;
}

/** The job of one input item, and how to forget it. */
export interface ItemExport extends StartedExport {
	/** Call it when the job has failed or is gone: the next try starts a new export. */
	forget(): void;
}

/**
 * Starts the export of one input item. A hint says when another export is used instead.
 *
 * @param asked what was asked for, which stays the same when the node is tried again after midnight
 */
export async function startForItem(
	connection: ItemConnection,
	{ body, asked }: { body: ExportRequest; asked: object },
	options: Omit<StartOptions, 'attempt'>,
): Promise<ItemExport> {
	const attempt = await attemptAt(connection, asked);
	const started = await startExport(connection, body, { ...options, attempt });
	if (started.reused) {
		connection.addHint(
			`Another export was already running, so its job ${started.job.job_id} was used. Its dates and filters may differ from those of this node.`,
		);
	}
	return {
		...started,
		forget() {
			attempt.job = undefined;
		},
	};
}
