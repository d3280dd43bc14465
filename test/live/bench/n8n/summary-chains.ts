// Workflows that summarize rows, by our node or by n8n's own; each starts at a webhook that names the job.
import type { WorkflowFile } from '../../../../playground/rest.ts';
import type { GroupColumn } from '../../harness/store/groups.ts';
import {
	base,
	chain,
	downloadOf,
	lastRow,
	type Node,
	NOT_SAVED,
	type Parameters,
	userpilotNode,
	webhookNode,
} from '../../harness/workflows.ts';

/** What n8n's chain and ours group by. */
export const THREE_COLUMNS = [
	'event_type',
	'event_name',
	'company_id',
] as const satisfies GroupColumn[];

/** What summaries of more rows are grouped by; labels take the lookups. */
export const LABEL_AND_COMPANY = ['event_label', 'company_id'] as const satisfies GroupColumn[];

const FIVE_FIELDS = ['internal_event_id', 'event_name', 'user_id', 'company_id', 'inserted_at'];

const JOB = '={{ $json.query.job }}';

const summary = (groupBy: readonly string[]): Parameters =>
	downloadOf(JOB, 'summary', {
		groupBy,
		summarize: {
			values: [{ aggregation: 'count' }, { aggregation: 'countUnique', field: 'user_id' }],
		},
	});

const summarize: Node = {
	name: 'Summarize',
	type: base('summarize'),
	typeVersion: 1.1,
	parameters: {
		fieldsToSummarize: {
			values: [
				{ aggregation: 'count', field: 'event_type' },
				{ aggregation: 'countUnique', field: 'user_id' },
			],
		},
		fieldsToSplitBy: THREE_COLUMNS.join(', '),
		options: {},
	},
};

/** The paths of their webhooks. */
export type SummaryChain = 'by-label' | 'by-three' | 'own-by-three' | 'five-fields' | 'all-fields';

export function summaryChains(credentialId: string): WorkflowFile[] {
	const make = (id: SummaryChain, parameters: Parameters, ...more: Node[]): WorkflowFile => {
		const data = more.includes(lastRow) ? 'firstEntryJson' : 'allEntries';
		const nodes = [userpilotNode(credentialId, parameters), ...more];
		return chain(id, [webhookNode(id, 'lastNode', data), ...nodes], NOT_SAVED);
	};
	const fields = { options: { outputFields: FIVE_FIELDS.join(', ') } };
	return [
		make('by-label', summary(LABEL_AND_COMPANY)),
		make('by-three', summary(THREE_COLUMNS)),
		make('own-by-three', downloadOf(JOB, 'rows'), summarize),
		make('five-fields', downloadOf(JOB, 'rows', fields), lastRow),
		make('all-fields', downloadOf(JOB, 'rows'), lastRow),
	];
}
