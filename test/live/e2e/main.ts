import path from 'node:path';

import { Instance } from '../harness/n8n.ts';
import type { CommandLine } from '../harness/options.ts';
import { runScenarios } from '../harness/scenarios.ts';
import type { Host } from './scenario.ts';
import { agent } from './scenarios/agent.ts';
import { cancel } from './scenarios/cancel.ts';
import { changes } from './scenarios/changes.ts';
import { exactlyOnce } from './scenarios/exactly-once.ts';
import { anyRequestFails, detailsFail } from './scenarios/exactly-once/plan.ts';
import { exportsOnce } from './scenarios/exports-once.ts';
import { faults } from './scenarios/faults.ts';
import { killPoints } from './scenarios/kill-points.ts';
import { manyItems } from './scenarios/many-items.ts';
import { mcp } from './scenarios/mcp.ts';
import { secrets } from './scenarios/secrets.ts';
import { summary } from './scenarios/summary.ts';
import { waiters } from './scenarios/waiters.ts';

export const run = async (commandLine: CommandLine) =>
	await runScenarios<Host>(commandLine, {
		// A scenario may leave n8n with other variables, or stopped, for those behind it in its lane.
		lanes: [
			{
				cancel,
				waiters,
				'exports-once': exportsOnce,
				faults,
				'many-items': manyItems,
				agent,
				mcp,
				secrets,
			},
			{ summary, 'exactly-once': exactlyOnce(anyRequestFails), changes },
			{
				'big-run': exactlyOnce(detailsFail('default')),
				'big-run-durable': exactlyOnce(detailsFail('durable')),
				'kill-points': killPoints,
			},
		],
		// CI has big-run-durable, which must lose nothing, and exactly-once, which is as long.
		long: ['big-run'],
		start: async (folder) => ({ instance: await Instance.launch(path.join(folder, 'n8n')) }),
		async restart({ instance }) {
			await instance.stop();
			await instance.use({});
		},
		stop: async ({ instance }) => await instance.stop(),
	});
