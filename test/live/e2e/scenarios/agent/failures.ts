import { getEvents, toolNode } from '../../../harness/workflows.ts';
import { type Case, call, differs, exportsOf, last7Days, rowsOf } from './case.ts';

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

/** Tool calls that fail: the error must tell the model what to do. */
export const failureCases: Case[] = [
	retryOnFail('Retry On Fail of a tool after a failed download: one POST, all rows'),
	retryOnFail('the same where each retry has its own run index (AI Agent 2.2)', 2.2),
	{
		promise: 'an unknown date range: the error lists the known ones, and the next call succeeds',
		turns: () => [
			call('Export_Events', { ...last7Days, date_range: 'last week' }),
			([error]) =>
				/\bpreviousWeek\b/.test(error ?? '')
					? [{ tool: 'Export_Events', arguments: { ...last7Days, date_range: 'previousWeek' } }]
					: [],
		],
		problem: (outcome) =>
			differs(exportsOf(outcome).length, 1) ??
			differs(/Nothing was sent/.test(outcome.results[0] ?? ''), true),
	},
	{
		promise: 'a job that is gone: the error says how long jobs are kept',
		turns: () => [call('Get_Export_Job', { job_id: 'gone' })],
		problem: ({ results: [error = ''] }) =>
			/\bgone\b.*\b3 days\b.*\bagain\b/s.test(error) ? undefined : error,
	},
	{
		promise: 'another export is running: the error names its job',
		options: { jobSeconds: 600 },
		tools: [toolNode('Start_Export', { operation: 'create' })],
		turns: () => [call('Start_Export'), call('Start_Export')],
		problem(outcome) {
			const [job, ...more] = exportsOf(outcome);
			const [, error = ''] = outcome.results;
			if (more.length > 0) return `${more.length + 1} exports`;
			return error.includes(job?.jobId ?? '-') && /\berror\b/.test(error) ? undefined : error;
		},
	},
	{
		promise: 'a key that is rejected: the error says so',
		options: { apiKeys: ['no-plan-key'] },
		turns: () => [call('List_Segments')],
		problem: ({ results: [error = ''] }) => (/\bplan\b|API key/.test(error) ? undefined : error),
	},
];
