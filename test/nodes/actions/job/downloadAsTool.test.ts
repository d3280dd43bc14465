import type { INodeParameters } from 'n8n-workflow';

import { runAsTool } from '../../../support/agent';
import { ID, useFileStore } from '../../../support/fileStore';

describe.each(['engine', 'call'] as const)('Job: Download as a tool, by the %s', (kind) => {
	const store = useFileStore();

	const run = async (parameters: INodeParameters) => {
		store.add('1.json.gz', Array.from({ length: 70 }, (_, n) => `{"n":${n}}\n`).join(''));
		return await runAsTool(
			kind,
			{
				resource: 'job',
				operation: 'download',
				jobId: { __rl: true, mode: 'id', value: ID },
				...parameters,
			},
			{ credentials: { baseUrl: store.origin } },
		);
	};

	const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

	it.each<[string, INodeParameters, number]>([
		['50 rows unless told', {}, 50],
		['as many rows as it is told', { limit: 3 }, 3],
		['all rows on request', { returnAll: true }, 70],
	])('returns %s', async (_, parameters, count) => {
		const { answer, agent } = await run(parameters);
		expect(agent.error).toBeUndefined();
		expect(answer).toEqual(rows(count));
	});
});
