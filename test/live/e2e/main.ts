import path from 'node:path';

import { installCommunityPackage } from '../../../playground/community-package.ts';
import { showStep } from '../../../playground/progress.ts';
import { Instance } from '../harness/n8n.ts';
import { runScenarios } from '../harness/scenarios.ts';
import { agent } from './scenarios/agent.ts';
import { cancel } from './scenarios/cancel.ts';
import { changes } from './scenarios/changes.ts';
import { anyRequestFails, detailsFail } from './scenarios/exactly-once/plan.ts';
import { exactlyOnce } from './scenarios/exactly-once.ts';
import { exportsOnce } from './scenarios/exports-once.ts';
import { faults } from './scenarios/faults.ts';
import { killPoints } from './scenarios/kill-points.ts';
import { manyItems } from './scenarios/many-items.ts';
import { mcp } from './scenarios/mcp.ts';
import { secrets } from './scenarios/secrets.ts';
import { waiters } from './scenarios/waiters.ts';

await runScenarios({
	script: 'test:e2e',
	scenarios: {
		'exactly-once': exactlyOnce(anyRequestFails),
		'big-run': exactlyOnce(detailsFail('default')),
		'big-run-durable': exactlyOnce(detailsFail('durable')),
		'kill-points': killPoints,
		changes,
		'exports-once': exportsOnce,
		'many-items': manyItems,
		waiters,
		cancel,
		faults,
		secrets,
		agent,
		mcp,
	},
	// CI has the durable one, which must lose nothing, and exactly-once, which is as long.
	long: ['big-run'],
	/** One n8n for all of them, because its first start takes long. */
	async start(folder) {
		const instance = new Instance(path.join(folder, 'n8n'));
		await showStep('Installing our package, starting n8n', async () => {
			await installCommunityPackage(instance.userFolder);
			await instance.start();
		});
		return { instance };
	},
	async restart({ instance }) {
		await instance.use({});
	},
	stop: async ({ instance }) => await instance.stop(),
});
