import type { IExecuteFunctions } from 'n8n-workflow';

import type { ExportRequest } from '../../api/calls';
import type { Connection } from '../../api/connection';
import type { Attempt } from '../../jobs/account';
import { keepAttempt, takeAttempt } from '../../jobs/account';
import type { StartedExport, StartOptions } from '../../jobs/start';
import { startExport } from '../../jobs/start';
import { addHint } from '../hints';
import { isTool } from '../operation';

interface Taken {
	key: string;
	attempt: Attempt;
}

/** What a run of the node has taken of earlier tries, or begun. */
const takenIn = new WeakMap<IExecuteFunctions, Taken[]>();

/**
 * What tells one requested export from another, also when Retry On Fail runs the node again. Undefined
 * where n8n gives no execution ID, as under its MCP Server Trigger: there nothing tells a retry from
 * somebody else's request. A tool has a new run index at each try; so a tool that is asked for the same
 * once more goes on with what the first request left, unless that was delivered.
 */
async function exportKey(
	context: IExecuteFunctions,
	itemIndex: number,
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

function attemptFor(context: IExecuteFunctions, key: string | undefined): Attempt {
	if (key === undefined) return {};
	const attempt = takeAttempt(key);
	takenIn.set(context, [...(takenIn.get(context) ?? []), { key, attempt }]);
	return attempt;
}

/**
 * For the end of a run of the node: keeps what the next try needs.
 *
 * @param isDelivered whether the workflow has got what the node returned, so that there is no next try
 */
export function endRun(context: IExecuteFunctions, isDelivered: boolean): void {
	const taken = takenIn.get(context) ?? [];
	takenIn.delete(context);
	if (!isDelivered) for (const { key, attempt } of taken) keepAttempt(key, attempt);
}

/** The job of one input item, and how to forget it. */
export interface ItemExport extends StartedExport {
	/** To be called when the job has failed or is gone: the next try starts anew. */
	forget(): void;
}

/**
 * Starts the export of one input item, and says so where it goes on with another one.
 *
 * @param asked what was asked for, as it stays when the node is tried again after midnight
 */
export async function startForItem(
	context: IExecuteFunctions,
	itemIndex: number,
	connection: Connection,
	{ body, asked }: { body: ExportRequest; asked: object },
	options: Omit<StartOptions, 'attempt'>,
): Promise<ItemExport> {
	const attempt = attemptFor(context, await exportKey(context, itemIndex, asked));
	const started = await startExport(connection, body, { ...options, attempt });
	if (started.reused) {
		addHint(
			context,
			`Another export was running, so this goes on with job ${started.job.job_id}. Its dates and filters may differ from those of this node.`,
		);
	}
	return {
		...started,
		forget() {
			attempt.job = undefined;
		},
	};
}
