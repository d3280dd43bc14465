import type { INodeParameters } from 'n8n-workflow';

import { runAsTool } from '../../support/agent';
import { useMockApi } from '../../support/api';
import { runNode } from '../../support/engine';
import { fixture } from '../../support/fixture';
import { JOBS, jobPath, lookupPath } from '../../support/paths';

/** An agent gets json alone: neither a hint, nor the description of an error. */
describe.each(['engine', 'call'] as const)('As a tool, by the %s', (kind) => {
	const api = useMockApi();

	const answerTo = async (parameters: INodeParameters) =>
		(await runAsTool(kind, parameters, {})).answer;

	it('an error includes what to do', async () => {
		api().get(jobPath('gone'), { status: 404, body: fixture('guide.job.404') });
		const answer = await answerTo({
			resource: 'job',
			operation: 'get',
			jobId: { __rl: true, mode: 'id', value: 'gone' },
		});
		const text = JSON.stringify(answer);
		expect(text).toContain('Userpilot has no job');
		expect(text.split('start the export again.')).toHaveLength(2);
	});

	it('an error says what a field accepts', async () => {
		const answer = await answerTo({
			resource: 'export',
			dateRange: '={{ "last week" }}',
		});
		expect(JSON.stringify(answer)).toMatch(
			/is \\?\\"last week.*must be one of: yesterday, last7Days.*Nothing was sent to Userpilot/,
		);
		expect(api().calls).toEqual([]);
	});

	it.each<[string, INodeParameters, string, unknown[], string]>([
		[
			'no record',
			{ resource: 'lookup', operation: 'getFlows' },
			lookupPath('flows'),
			[],
			'This account has no flows.',
		],
		[
			'no job',
			{ resource: 'job', operation: 'getAll' },
			JOBS,
			[],
			'No export was started with this API key in the last 3 days.',
		],
		[
			'no job with that status',
			{ resource: 'job', operation: 'getAll', filters: { status: ['failed'] } },
			JOBS,
			[{ job_id: '1', status: 'completed' }],
			'No export job of the last 3 days has such a status.',
		],
	])('a note says when there is %s', async (_, parameters, path, body, note) => {
		api().get(path, { body }, { body });
		const answer = (await answerTo(parameters)) as unknown[];
		expect(answer).toEqual([{ note }]);
		// A person reads it as a hint.
		const { items, hints } = await runNode(parameters);
		expect([items, hints.map(({ message }) => message)]).toEqual([[], [note]]);
	});
});
