import { type Case, call, differs, exportsOf, last7Days, rowsOf } from './case.ts';
import { getEvents, toolNode } from '../../../harness/workflows.ts';

/** The first download fails, and n8n runs the tool again. */
const retryOnFail = (promise: string, agentVersion?: number): Case => ({
	promise,
	agentVersion,
	options: { faults: [{ operation: 'file', kind: 'corrupt', bytes: 2, times: 1 }] },
	tools: [
		{
			...toolNode('Export', getEvents()),
			...{ retryOnFail: true, maxTries: 3, waitBetweenTries: 0 },
		},
	],
	turns: () => [call('Export')],
	problem(outcome) {
		const { requests } = outcome.emulator.control.ledger();
		const calls = (operation: string) =>
			requests.filter((request) => request.operation === operation).length;
		return (
			differs([calls('createExport'), exportsOf(outcome).length], [1, 1]) ??
			differs([calls('file') > 1, rowsOf(outcome.results[0]).length], [true, 50])
		);
	},
});

/** Calls that fail: the model must learn what to do. */
export const failureCases: Case[] = [
	retryOnFail('Retry On Fail of a tool after a failed download: one POST, all rows'),
	retryOnFail('the same where each retry has its own run index (AI Agent 2.2)', 2.2),
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
		tools: [toolNode('Create', {})],
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
