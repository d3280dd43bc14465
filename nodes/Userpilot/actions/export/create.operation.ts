import { connect } from '../../api/client';
import { parameterReader } from '../parameters';
import type { Operation } from '../operation';
import { maxWaitField, optionsField } from '../output/fields';
import { addEventTypesHint } from './eventTypes';
import { exportFields, notice, startOptions } from './fields';
import { readConflictOptions, readExportRequest } from './readExport';
import { startForItem } from './start';

const DEFAULT_ON_CONFLICT = 'fail';

export const create: Operation = {
	value: 'create',
	name: 'Start',
	action: 'Start export without waiting',
	description:
		'Start an export of raw events and return its job ID at once. The Userpilot Trigger fires when it has finished.',
	properties: [
		notice(
			'Userpilot runs one export at a time per API key. If one is already running, this step fails. Change that in Options.',
		),
		...exportFields,
		optionsField(
			...startOptions(DEFAULT_ON_CONFLICT),
			maxWaitField(
				"How long to wait for another export, when 'If an Export Is Running' is set to Wait",
			),
		),
	],
	async execute(context, itemIndex) {
		const parameters = parameterReader(context, itemIndex);
		const exportRequest = readExportRequest(parameters, Date.now());
		const conflictOptions = readConflictOptions(parameters, DEFAULT_ON_CONFLICT);
		addEventTypesHint(context, exportRequest.body.event_type);
		const connection = await connect(context, { itemIndex });
		const { job, reused } = await startForItem(
			context,
			itemIndex,
			connection,
			exportRequest,
			conflictOptions,
		);
		return [{ json: { ...job, reused } }];
	},
};
