import { toolNode } from '../../../harness/workflows.ts';
import { type Case, call, day, differs, exportsOf, itemsOf, last7Days, rowsOf } from './case.ts';

const USER = 'user_7';
const week = () => ({ from: day(7), to: day(1), event_type: ['track'] });

/** The expression that the button beside a field enters. */
const byButton = (key: string, type: string) =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${key}', \`\`, '${type}') }}`;

const threeExports = (promise: string, agentVersion?: number): Case => ({
	promise,
	agentVersion,
	options: { rowsPerDay: 5_000 },
	turns: () => [
		call('Export_Events_of_Users', { ...last7Days, user_ids: 'user_1', limit: 1 }),
		() =>
			['user_2', 'user_3'].map((user) => ({
				tool: 'Export_Events_of_Users',
				arguments: { ...last7Days, user_ids: user, limit: 1 },
			})),
	],
	problem: (outcome) =>
		differs(
			// Tool calls of one message start in any order.
			exportsOf(outcome)
				.map(({ request }) => request.user_id?.join())
				.sort(),
			['user_1', 'user_2', 'user_3'],
		) ??
		differs(
			outcome.results.map((result) => rowsOf(result)[0]?.user_id),
			['user_1', 'user_2', 'user_3'],
		),
});

/** Exports that an agent asks for. */
export const exportCases: Case[] = [
	{
		promise: `"export the last 7 days of track events for user ${USER}"`,
		options: { rowsPerDay: 5_000 },
		turns: () => [call('Export_Events_of_Users', { ...last7Days, user_ids: USER, limit: 5 })],
		problem(outcome) {
			const rows = rowsOf(outcome.results[0]);
			const requests = exportsOf(outcome).map(({ request }) => request);
			if (rows.some((row) => row.user_id !== USER || row.event_type !== 'track'))
				return 'rows of others';
			return (
				differs(requests, [{ ...week(), user_id: [USER], format: 'json' }]) ??
				differs(rows.length, 5)
			);
		},
	},
	{
		promise: 'a segment by its name: looked up first, then exported by its id',
		turns: () => [
			call('List_Segments'),
			([segments]) => {
				const segment = itemsOf(segments).find(({ title }) => title !== undefined);
				return [
					{
						tool: 'Export_Events_of_a_Segment',
						arguments: { ...last7Days, segment_id: String(segment?.id) },
					},
				];
			},
		],
		problem(outcome) {
			const [segment] = itemsOf(outcome.results[0]);
			return differs(
				exportsOf(outcome).map(({ request }) => request.segment_id),
				[String(segment?.id)],
			);
		},
	},
	{
		promise: 'counts of all events by name, of which the model gets the first groups',
		options: { rowsPerDay: 2_000 },
		turns: () => [
			call('Count_Events', {
				...{ date_range: 'yesterday', event_types: 'track_feature' },
				...{ group_by: 'event_label', limit: 3 },
			}),
		],
		problem(outcome) {
			const groups = rowsOf(outcome.results[0]);
			const columns = ['event_label', 'count', 'unique_count_user_id', 'unique_count_company_id'];
			const [first] = groups;
			return (
				differs(groups.length, 3) ??
				differs(Object.keys(first ?? {}), columns) ??
				differs([typeof first?.event_label, Number(first?.count) > 50], ['string', true])
			);
		},
	},
	{
		promise: 'uses of a feature by its name and of a checklist by its ID, and nothing else',
		options: { rowsPerDay: 5_000 },
		turns: () => [
			call('Count_Uses_of_Features_and_Events', {
				...{ date_range: 'yesterday', names: 'Open Report,checklist:2' },
				...{ group_by: 'event_label,entity_status', limit: 100 },
			}),
		],
		problem: (outcome) =>
			differs(
				exportsOf(outcome).map(({ request }) => request.event_type),
				[['interaction', 'track', 'track_feature']],
			) ??
			differs([...new Set(rowsOf(outcome.results[0]).map((group) => group.event_label))].sort(), [
				'Checklist A',
				'Open Report',
			]),
	},
	{
		promise: 'counts of a job that is there already, without an export',
		turns: (jobId) => [
			call('Count_Events_of_a_Job', { job_id: jobId, group_by: 'event_type', limit: 100 }),
		],
		problem: (outcome) =>
			differs(exportsOf(outcome).length, 0) ??
			differs(
				rowsOf(outcome.results[0]).reduce((sum, { count }) => sum + Number(count), 0) > 0,
				true,
			),
	},
	{
		promise: 'rows of the documented tools have few columns, with the names of IDs',
		turns: () => [call('Export_Events', { ...last7Days, event_types: 'track_feature', limit: 5 })],
		problem: (outcome) =>
			differs(Object.keys(rowsOf(outcome.results[0])[0] ?? {}), [
				...['inserted_at', 'event_type', 'event_name', 'event_label'],
				...['user_id', 'company_id', 'pathname', 'metadata'],
			]) ??
			differs(
				rowsOf(outcome.results[0]).some((row) => typeof row.event_label === 'string'),
				true,
			),
	},
	{
		promise: 'custom dates, all types of events, and no limit named: 50 rows',
		tools: [
			toolNode('Export', {
				dateRange: 'custom',
				from: "={{ $fromAI('from', 'First day as YYYY-MM-DD. Example: 2024-05-02') }}",
				to: "={{ $fromAI('to', 'Last day as YYYY-MM-DD. Example: 2024-05-31') }}",
			}),
		],
		turns: () => [call('Export', { from: '2024-05-02', to: '2024-05-31T23:59:59Z' })],
		problem: (outcome) =>
			differs(
				exportsOf(outcome).map(({ request }) => request),
				[{ from: '2024-05-02', to: '2024-05-31', format: 'json' }],
			) ?? differs(rowsOf(outcome.results[0]).length, 50),
	},
	{
		promise: 'custom dates of a Date Range that the model chooses',
		tools: [
			toolNode('Export', {
				dateRange: "={{ $fromAI('range', 'The days to export. Example: custom') }}",
				from: "={{ $fromAI('from', 'First day. Example: 2024-05-02') }}",
				to: "={{ $fromAI('to', 'Last day. Example: 2024-05-31') }}",
			}),
		],
		turns: () => [call('Export', { range: 'custom', from: '2024-05-02', to: '2024-05-31' })],
		problem: (outcome) =>
			differs(
				exportsOf(outcome).map(({ request: { from, to } }) => [from, to]),
				[['2024-05-02', '2024-05-31']],
			),
	},
	{
		promise: 'lists of values as JSON, and a boolean',
		tools: [
			toolNode('Export', {
				// One day is one file, on every day of the week.
				dateRange: 'yesterday',
				output: 'links',
				filters: {
					eventTypes: "={{ $fromAI('types', 'Types of events. Example: [\"track\"]', 'json') }}",
					companyIds:
						"={{ $fromAI('companies', 'Company IDs. Example: [\"company_3\"]', 'json') }}",
					exclusions:
						"={{ $fromAI('exclusions', 'Whether to leave out excluded users. Example: true', 'boolean') }}",
				},
			}),
		],
		turns: () => [
			call('Export', { types: ['track', 'page_view'], companies: ['company_3'], exclusions: true }),
		],
		problem: (outcome) =>
			differs(
				exportsOf(outcome).map(({ request: { event_type, company_id, exclusions } }) => [
					event_type,
					company_id,
					exclusions,
				]),
				[[['track', 'page_view'], ['company_3'], true]],
			) ?? differs(itemsOf(outcome.results[0]).length, 1),
	},
	{
		promise: "fields that n8n's button lets the model fill in, which have a name and nothing else",
		options: { rowsPerDay: 5_000 },
		tools: [
			toolNode('Export', {
				dateRange: byButton('Date_Range', 'string'),
				limit: byButton('Limit', 'number'),
				filters: {
					eventTypes: byButton('Event_Types', 'string'),
					segmentId: { __rl: true, mode: 'id', value: byButton('Segment', 'string') },
					userIds: byButton('User_IDs', 'string'),
				},
			}),
		],
		turns: () => [
			call('Export', {
				...{ Date_Range: 'yesterday', Limit: 1 },
				...{ Event_Types: 'track', Segment: '7', User_IDs: '' },
			}),
			([error]) =>
				/User IDs/.test(error ?? '')
					? call('Export', {
							...{ Date_Range: 'yesterday', Limit: 1 },
							...{ Event_Types: 'track', Segment: '7', User_IDs: USER },
						})([])
					: [],
		],
		problem: (outcome) =>
			differs(
				exportsOf(outcome).map(({ request }) => request),
				[
					{
						...{ from: day(1), to: day(1), event_type: ['track'] },
						...{ user_id: [USER], segment_id: '7', format: 'json' },
					},
				],
			),
	},
	threeExports('two exports in one execution are two exports, also when one message asks for both'),
	threeExports('the same with AI Agent 2.2, which runs its tools itself', 2.2),
	{
		promise: 'an export that takes longer than the wait: the job comes back, with its id',
		options: { jobSeconds: 600 },
		tools: [
			toolNode('Export', {
				options: { maxWaitMinutes: 0.05, onTimeout: 'returnJob' },
			}),
		],
		turns: () => [call('Export')],
		problem(outcome) {
			const [{ job_id, status } = {}] = itemsOf(outcome.results[0]);
			const [job] = exportsOf(outcome);
			return differs([job_id, status], [job?.jobId, 'in_progress']);
		},
	},
];
