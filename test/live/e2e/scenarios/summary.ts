import type { JsonObject } from '../../../../playground/executions.ts';
import { LOOKUPS } from '../../../../playground/emulator/lookup-records.ts';
import type { Row } from '../../../../playground/emulator/rows.ts';
import { hasEnded } from '../../harness/database.ts';
import { exportedRows } from '../../harness/exported-rows.ts';
import { labelOf } from '../../harness/labels.ts';
import { GroupCounts } from '../../harness/store/groups.ts';
import { until } from '../../harness/until.ts';
import { requestsFor, startUserpilot } from '../../harness/userpilot.ts';
import { exportWorkflow, getEvents, type Parameters, USERPILOT } from '../../harness/workflows.ts';
import type { Context } from '../scenario.ts';

const NAME = 'summary';
const API_KEY = 'summary-key';
const ROWS_PER_DAY = 2_000;
const ENDS_WITHIN_MS = 120_000;
const GROUP_BY = ['event_type', 'event_label', 'company_id'] as const;
/** The name of a feature and of an event, the ID of a feature, a checklist. */
const EVENTS = ['Search Used', '668', 'checklist:2'];
/** The lookups that have a name for an ID. */
const NAMED_LOOKUPS = [
	['banner', 'banners'],
	['checklist', 'checklists'],
	['embed', 'embeds'],
	['feature', 'features_events'],
	['experience', 'flows'],
	['resource_center_module', 'resource_center_modules'],
	['spotlight', 'spotlights'],
	['survey', 'surveys'],
] as const;

const isWanted = ({ event_type: type, event_name: name }: Row): boolean =>
	type === 'interaction'
		? String(name).startsWith('checklist:2:')
		: String(name) === '668' || labelOf(type, name as string | null) === 'Search Used';

/** The last row of each user: the rows of an export are in the order of their times. */
const latestOfUsers = (rows: Row[]): Row[] => [
	...new Map(rows.filter((row) => row.user_id).map((row) => [row.user_id, row])).values(),
];

/** Rows on their way to an output: names, filter, the latest row, columns, groups. */
export async function summary({ instance, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, NAME, {
		apiKeys: [API_KEY],
		jobSeconds: 0,
		rowsPerDay: ROWS_PER_DAY,
	});
	const { control } = emulator;

	async function run(name: string, parameters: Parameters) {
		const before = control.ledger().jobs.length;
		await instance.run(exportWorkflow(name, credentialId, parameters));
		await until(() => hasEnded(instance.lastExecution(name)), ENDS_WITHIN_MS);
		const execution = instance.lastExecution(name);
		const items = execution?.output(USERPILOT) ?? [];
		const [job] = control.ledger().jobs.slice(before);
		const rows = job ? await exportedRows(emulator, API_KEY, job.jobId) : [];
		if (execution?.error) findings.note(`${name}: ${execution.error}`);
		return { items, rows, request: job?.request };
	}

	const summed = await run('summary-groups', {
		...getEvents({ dateRange: 'last7Days', output: 'summary' }),
		groupBy: GROUP_BY,
		summarize: {
			values: [{ aggregation: 'count' }, { aggregation: 'countUnique', field: 'user_id' }],
		},
		options: { resolveNames: true },
	});
	const groups = new GroupCounts();
	for (const row of summed.rows) groups.add(row);
	const expected = groups.by(GROUP_BY, 1);
	const actual = summed.items.map((item) => {
		const key = JSON.stringify(GROUP_BY.map((column) => item[column]));
		return `${key} ${String(item.count)} ${String(item.unique_count_user_id)}`;
	});
	findings.check(
		'Summary with names: each count and each number of users is that of the rows',
		expected.length > 0 && JSON.stringify(actual.sort()) === JSON.stringify(expected),
		`${actual.length} groups of ${summed.rows.length} rows, ${expected.length} expected`,
	);
	const counts = summed.items.map(({ count }) => Number(count));
	findings.check(
		'groups come in the order of their counts',
		counts.every((count, index) => index === 0 || count <= counts[index - 1]!),
	);
	findings.equal(
		'each lookup is requested once',
		NAMED_LOOKUPS.map(([, lookup]) => requestsFor(emulator, LOOKUPS[lookup].operationId).length),
		NAMED_LOOKUPS.map(() => 1),
	);

	const filtered = await run('summary-latest', {
		...getEvents({ dateRange: 'last7Days' }),
		filters: { eventNames: `={{ ${JSON.stringify(EVENTS)} }}` },
		options: {
			latestOnly: 'user',
			outputFields: 'user_id, event_label, internal_event_id, job_id, reused',
		},
	});
	const jobId = control.ledger().jobs.at(-1)!.jobId;
	const latest = latestOfUsers(filtered.rows.filter(isWanted));
	const byUser = (a: JsonObject, b: JsonObject) => (String(a.user_id) < String(b.user_id) ? -1 : 1);
	const wanted = latest.map((row) => ({
		user_id: row.user_id,
		event_label: labelOf(row.event_type, row.event_name as string),
		internal_event_id: row.internal_event_id,
		job_id: jobId,
		reused: false,
	}));
	findings.check(
		'Event Names, Keep Only the Latest Row and Output Fields: one row of each user, with these columns',
		wanted.length > 0 &&
			JSON.stringify(filtered.items.sort(byUser)) === JSON.stringify(wanted.sort(byUser)),
		`${filtered.items.length} of ${filtered.rows.length} rows, ${wanted.length} expected`,
	);
	findings.equal(
		'the export asks only for the types that such names can have',
		[...(filtered.request?.event_type ?? [])].sort(),
		['interaction', 'track', 'track_feature'],
	);

	const names = await run('summary-names', { resource: 'lookup', operation: 'getNames' });
	const { counts: sizes } = control.settings();
	findings.equal(
		'Get Names of All IDs returns each record of each lookup that has names',
		names.items.map(({ kind, id, key, name }) => [kind, id, key, name]),
		NAMED_LOOKUPS.flatMap(([kind, lookup]) =>
			Array.from({ length: sizes[lookup] }, (_, index) => {
				const {
					id,
					key,
					title,
					display_name: display,
				} = LOOKUPS[lookup].record(index) as JsonObject;
				return [kind, String(id), key ?? null, title ?? display];
			}),
		),
	);
	await emulator.close();
}
