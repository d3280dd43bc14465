import { LOOKUPS } from '../../../../../playground/emulator/lookup-records.ts';
import { toolNode } from '../../../harness/workflows.ts';
import { type Case, call, differs, itemsOf, rowsOf } from './case.ts';

/** The operations are called as in the API's contract. */
const lookups = Object.values(LOOKUPS).map(({ operationId }) => operationId);

/** Jobs and lookups that an agent asks for. */
export const readCases: Case[] = [
	{
		promise: 'a job: found in the list, read, and its rows downloaded up to the limit',
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
		promise: 'each lookup, all in one message of the model, with a limit of 3',
		tools: lookups.map((operation) =>
			toolNode(operation, {
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
				)
			);
		},
	},
	{
		promise: 'an account without flows: a note says so',
		options: { counts: { flows: 0 } },
		tools: [toolNode('Flows', { resource: 'lookup', operation: 'getFlows' })],
		turns: () => [call('Flows')],
		problem: ({ results }) => differs(results, ['[{"note":"This account has no flows."}]']),
	},
];
