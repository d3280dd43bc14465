import { LOOKUPS } from '../../../../playground/emulator/lookup-records.ts';
import type { Emulator, EmulatorOptions } from '../../../../playground/emulator/server.ts';
import type { JsonObject } from '../../../../playground/executions.ts';
import type { Node } from '../../workflows.ts';
import type { Turn } from './model.ts';
import { tool } from './workflow.ts';

/** What came of an agent's work. */
export interface Outcome {
	/** What each call gave the model, in their order. */
	results: string[];
	emulator: Emulator;
	/** A job that was there from the start. */
	jobId: string;
}

export interface Case {
	promise: string;
	/** Tools of this case's own; without them, the documented ones. */
	tools?: Node[];
	options?: EmulatorOptions;
	/** The model's answers. */
	turns(jobId: string): Turn[];
	/** What must have come of it; undefined, or what is wrong. */
	problem(outcome: Outcome): string | undefined;
}

const DAY_MS = 86_400_000;
const USER = 'user_7';
/** The operations are called as in the API's contract. */
const lookups = Object.values(LOOKUPS).map(({ operationId }) => operationId);

const itemsOf = (result: string | undefined) => JSON.parse(result ?? '[]') as JsonObject[];
const noteOf = (result: string | undefined) => itemsOf(result).at(-1)?.note;
const rowsOf = (result: string | undefined) => itemsOf(result).filter(({ note }) => !note);

const call =
	(toolName: string, args: JsonObject = {}): Turn =>
	() => [{ tool: toolName, arguments: args }];

/** What the button beside a field puts into it. */
const byButton = (key: string, type: string) =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${key}', \`\`, '${type}') }}`;

const day = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);

const exportsOf = ({ emulator, jobId }: Outcome) =>
	emulator.control.ledger().jobs.filter((job) => job.jobId !== jobId);

const differs = (actual: unknown, expected: unknown) =>
	JSON.stringify(actual) === JSON.stringify(expected)
		? undefined
		: `${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;

const last7Days = { date_range: 'last7Days', event_types: 'track', limit: 50 };
const week = { from: day(7), to: day(1), event_type: ['track'] };

export const cases: Case[] = [
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
				differs(requests, [{ ...week, user_id: [USER], format: 'json' }]) ??
				differs(rows.length, 5) ??
				differs(
					noteOf(outcome.results[0]),
					'5 rows of 1 file. Stopped at the limit; there may be more rows.',
				)
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
		promise: 'custom dates, all types of events, and no limit named: 50 rows',
		tools: [
			tool('Export', {
				operation: 'createAndWait',
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
			tool('Export', {
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
			tool('Export', {
				operation: 'createAndWait',
				output: 'files',
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
		promise: 'a job: found in the list, got, and its rows downloaded up to the limit',
		turns: (jobId) => [
			call('List_Export_Jobs'),
			([jobs]) => [{ tool: 'Get_Export_Job', arguments: { job_id: itemsOf(jobs)[0]?.job_id } }],
			call('Download_Rows', { job_id: jobId, limit: 3 }),
		],
		problem(outcome) {
			const [list, job, rows] = outcome.results;
			const [{ job_id, status } = {}] = itemsOf(job);
			return (
				differs(
					[itemsOf(list)[0]?.job_id, job_id, status],
					[outcome.jobId, outcome.jobId, 'completed'],
				) ?? differs(rowsOf(rows).length, 3)
			);
		},
	},
	{
		promise: 'as many rows as the documented tool allows, whatever the model asks for',
		options: { rowsPerDay: 500 },
		turns: (jobId) => [call('Download_Rows', { job_id: jobId, limit: 5_000 })],
		problem: ({ results: [rows] }) => differs(rowsOf(rows).length, 100),
	},
	{
		promise: "fields that n8n's button hands to the model, which have a name and nothing else",
		options: { rowsPerDay: 5_000 },
		tools: [
			tool('Export', {
				operation: 'createAndWait',
				dateRange: byButton('Date_Range', 'string'),
				format: byButton('Format', 'string'),
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
				...{ Date_Range: 'yesterday', Format: 'csv', Limit: 1 },
				...{ Event_Types: 'track', Segment: '7', User_IDs: '' },
			}),
			([error]) =>
				/"User IDs\\?" is empty/.test(error ?? '')
					? call('Export', {
							...{ Date_Range: 'yesterday', Format: 'csv', Limit: 1 },
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
						...{ user_id: [USER], segment_id: '7', format: 'csv' },
					},
				],
			),
	},
	{
		promise: 'each lookup, all in one answer of the model, with a limit of 3',
		tools: lookups.map((operation) =>
			tool(operation, {
				resource: 'lookup',
				operation,
				limit: "={{ $fromAI('limit', 'How many to get, from 1. Example: 50', 'number') }}",
			}),
		),
		turns: () => [() => lookups.map((operation) => ({ tool: operation, arguments: { limit: 3 } }))],
		problem({ results, emulator }) {
			const asked = emulator.control.ledger().requests.map(({ operation }) => operation);
			return (
				differs([...asked].sort(), [...lookups].sort()) ??
				differs(
					results.map((result) => rowsOf(result).length),
					lookups.map(() => 3),
				) ??
				(results.every((result) => /^Stopped at the limit of 3/.test(String(noteOf(result))))
					? undefined
					: 'a note is missing')
			);
		},
	},
	{
		promise: 'two exports in one execution are two exports, also asked for in one answer',
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
				exportsOf(outcome).map(({ request }) => request.user_id),
				[['user_1'], ['user_2'], ['user_3']],
			) ??
			differs(
				outcome.results.map((result) => rowsOf(result)[0]?.user_id),
				['user_1', 'user_2', 'user_3'],
			),
	},
	{
		promise: 'an export that takes longer than the wait: the job comes back, with its id',
		options: { jobSeconds: 600 },
		tools: [
			tool('Export', {
				operation: 'createAndWait',
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
	{
		promise: 'an account without flows: said so, not an empty text',
		options: { counts: { flows: 0 } },
		tools: [tool('Flows', { resource: 'lookup', operation: 'getFlows' })],
		turns: () => [call('Flows')],
		problem: ({ results }) => differs(results, ['[{"note":"This account has no flows."}]']),
	},
	{
		promise: 'a date range that there is not: the error says what there is, the next call is right',
		turns: () => [
			call('Export_Events', { ...last7Days, date_range: 'last week' }),
			([error]) =>
				/takes one of: [^.]*\bpreviousWeek\b/.test(error ?? '')
					? [{ tool: 'Export_Events', arguments: { ...last7Days, date_range: 'previousWeek' } }]
					: [],
		],
		problem: (outcome) =>
			differs(exportsOf(outcome).length, 1) ??
			differs(/Nothing was sent to Userpilot/.test(outcome.results[0] ?? ''), true),
	},
	{
		promise: 'a job that is gone: the error says for how long there are jobs',
		turns: () => [call('Get_Export_Job', { job_id: 'gone' })],
		problem: ({ results: [error = ''] }) =>
			/no job \\?"gone.*for 3 days.*start the export again/.test(error) ? undefined : error,
	},
	{
		promise: 'another export is running: the error names its job',
		options: { jobSeconds: 600 },
		tools: [tool('Create', {})],
		turns: () => [call('Create'), call('Create')],
		problem(outcome) {
			const [job, ...more] = exportsOf(outcome);
			const [, error = ''] = outcome.results;
			if (more.length > 0) return `${more.length + 1} exports`;
			return error.includes(job?.jobId ?? '-') && /\berror\b/.test(error) ? undefined : error;
		},
	},
	{
		promise: 'a key that Userpilot refuses: the error says so',
		options: { apiKeys: ['no-plan-key'] },
		turns: () => [call('List_Segments')],
		problem: ({ results: [error = ''] }) =>
			/plan does not include|did not accept the API key/.test(error) ? undefined : error,
	},
];
