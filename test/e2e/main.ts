import path from 'node:path';

import { installCommunityPackage } from '../../playground/community-package.ts';
import { showStep } from '../../playground/progress.ts';
import { Instance } from './instance.ts';
import { runProgram } from './program.ts';
import { agent } from './scenarios/agent.ts';
import { cancel } from './scenarios/cancel.ts';
import { changes } from './scenarios/changes.ts';
import { exactlyOnce } from './scenarios/exactly-once.ts';
import { exportsOnce } from './scenarios/exports-once.ts';
import { faults } from './scenarios/faults.ts';
import { secrets } from './scenarios/secrets.ts';

await runProgram({
	script: 'test:e2e',
	scenarios: {
		'exactly-once': exactlyOnce,
		changes,
		'exports-once': exportsOnce,
		cancel,
		faults,
		secrets,
		agent,
	},
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
		await instance.stop();
		await instance.start();
	},
	stop: async ({ instance }) => await instance.stop(),
});
