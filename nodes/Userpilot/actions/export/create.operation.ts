import { connect } from '../../api/client';
import { parameterReader } from '../parameters';
import type { Operation } from '../operation';
import { maxWaitField, optionsField } from '../output/fields';
import { addEventTypesHint } from './eventTypes';
import { exportFields, startOptions } from './fields';
import { readConflictOptions, readExportRequest } from './readExport';
import { startForItem } from './start';

const DEFAULT_ON_CONFLICT = 'fail';

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Start an export',
	description:
		'Start an export of raw events and go on at once with its job ID. The Userpilot Trigger tells when it has finished.',
	properties: [
		...exportFields,
		optionsField(
			...startOptions(DEFAULT_ON_CONFLICT),
			maxWaitField(
				'How long to wait for another export that is running, when "When Another Export Is Running" says so',
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
