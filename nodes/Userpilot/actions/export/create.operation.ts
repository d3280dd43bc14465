import { noticeField, optionsField } from '../fields';
import type { Operation } from '../operation';
import { maxWaitField } from '../waiting';
import { addEventTypesHint } from './eventTypes';
import { exportFields, formatField, startOptions } from './fields';
import { readConflictOptions, readExportRequest } from './readExport';
import { startForItem } from './start';

export const create: Operation = {
	value: 'create',
	name: 'Start',
	action: 'Start export without waiting',
	description:
		'Start an export of raw events and return its job ID at once. The Userpilot Trigger fires when it has finished.',
	properties: [
		noticeField(
			'exportNotice',
			'Userpilot runs one export at a time per API key. If one is already running, this step fails. Change that in Options.',
		),
		...exportFields(),
		formatField,
		optionsField(
			...startOptions('fail'),
			maxWaitField(
				"How long to wait for another export, when 'If an Export Is Running' is set to Wait",
			),
		),
	],
	async execute({ parameters, connect }) {
		const request = readExportRequest(parameters, Date.now());
		const conflictOptions = readConflictOptions(parameters);
		const connection = await connect();
		addEventTypesHint(connection, request.body.event_type);
		const { job, reused } = await startForItem(connection, request, conflictOptions);
		return [{ json: { ...job, reused } }];
	},
};
