import type { WorkflowFile } from '../../../playground/rest.ts';
import { base, chain, manualStart, type Parameters, userpilotNode } from '../harness/workflows.ts';

/** The node before which nothing has run yet. */
export const EDIT_FIELDS = 'Edit Fields';

const getEvents = (more: Parameters): Parameters => ({
	resource: 'export',
	operation: 'createAndWait',
	...more,
});

const ours = (id: string, credentialId: string, parameters: Parameters): WorkflowFile =>
	chain(id, [
		manualStart,
		userpilotNode(credentialId, getEvents(parameters)),
		{ name: EDIT_FIELDS, type: base('set'), typeVersion: 3.4, parameters: { options: {} } },
	]);

/** Rows of two features and an event, with names, in five columns. */
export const rowsWithNames = (credentialId: string): WorkflowFile =>
	ours('picture-rows', credentialId, {
		output: 'rows',
		filters: { eventNames: ['668', '1668', '301'] },
		options: {
			resolveNames: true,
			outputFields: 'event_label, event_type, user_id, company_id, inserted_at',
		},
	});

/** Users and rows of each event. */
export const summary = (credentialId: string): WorkflowFile =>
	ours('picture-summary', credentialId, {
		output: 'summary',
		summarize: {
			values: [{ aggregation: 'countUnique', field: 'user_id' }, { aggregation: 'count' }],
		},
	});
