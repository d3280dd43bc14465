import type { IExecuteFunctions } from 'n8n-workflow';

import { connect } from '../../api/request';
import { attemptFor } from '../../jobs/attempts';
import { startExport } from '../../jobs/start';
import { parameterReader } from '../../parameters';
import { addHint } from '../hints';
import type { Operation } from '../operation';
import { exportFields } from './fields';
import { readConflictOptions, readExportRequest } from './readExport';

const DEFAULT_ON_CONFLICT = 'fail';

/**
 * What tells one wish for an export from another, also when Retry On Fail runs the node again. The
 * export's own fields do not belong to it: a relative date range changes at midnight.
 */
function wishKey(context: IExecuteFunctions, itemIndex: number): string {
	const { $runIndex } = context.getWorkflowDataProxy(itemIndex);
	return JSON.stringify([context.getExecutionId(), context.getNode().id, $runIndex, itemIndex]);
}

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Start an export',
	description:
		'Start an export of raw events and go on at once with its job ID. The Userpilot Trigger tells when it has finished.',
	properties: exportFields(DEFAULT_ON_CONFLICT),
	async execute(context, itemIndex) {
		const parameters = parameterReader(context, itemIndex);
		const body = readExportRequest(parameters, Date.now());
		const conflictOptions = readConflictOptions(parameters, DEFAULT_ON_CONFLICT);
		const connection = await connect(context, { itemIndex });
		const { job, reused } = await startExport(connection, body, {
			...conflictOptions,
			attempt: attemptFor(wishKey(context, itemIndex)),
		});
		if (reused) {
			addHint(
				context,
				`Another export was running, so this goes on with job ${job.job_id}. Its dates and filters may differ from those of this node.`,
			);
		}
		return [{ json: { ...job, reused } }];
	},
};
