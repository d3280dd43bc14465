import type { IExecuteFunctions } from 'n8n-workflow';

import type { ExportRequest } from '../../api/calls';
import type { Connection } from '../../api/context';
import { attemptFor } from '../../jobs/attempts';
import type { StartedExport, StartOptions } from '../../jobs/start';
import { startExport } from '../../jobs/start';
import { addHint } from '../hints';

/**
 * What tells one wish for an export from another, also when Retry On Fail runs the node again. The
 * export's own fields do not belong to it: a relative date range changes at midnight.
 */
function wishKey(context: IExecuteFunctions, itemIndex: number): string {
	const { $runIndex } = context.getWorkflowDataProxy(itemIndex);
	return JSON.stringify([context.getExecutionId(), context.getNode().id, $runIndex, itemIndex]);
}

/** Starts the export of one input item, and says so where it goes on with another one. */
export async function startForItem(
	context: IExecuteFunctions,
	itemIndex: number,
	connection: Connection,
	body: ExportRequest,
	options: Omit<StartOptions, 'attempt'>,
): Promise<StartedExport> {
	const attempt = attemptFor(wishKey(context, itemIndex));
	const started = await startExport(connection, body, { ...options, attempt });
	if (started.reused) {
		addHint(
			context,
			`Another export was running, so this goes on with job ${started.job.job_id}. Its dates and filters may differ from those of this node.`,
		);
	}
	return started;
}
