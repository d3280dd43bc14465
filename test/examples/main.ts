import path from 'node:path';

import { installCommunityPackage } from '../../playground/community-package.ts';
import { showStep } from '../../playground/progress.ts';
import { Instance } from '../e2e/instance.ts';
import { runProgram } from '../e2e/program.ts';
import { startPostgres } from '../servers/postgres.ts';
import { backfill } from './scenarios/backfill.ts';
import { dailyEvents } from './scenarios/daily-events.ts';

await runProgram({
	script: 'test:examples',
	scenarios: { 'daily-events': dailyEvents, backfill },
	async start(folder) {
		const instance = new Instance(path.join(folder, 'n8n'), {
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		});
		const postgres = await showStep('Starting PostgreSQL and n8n with our package', async () => {
			await installCommunityPackage(instance.userFolder);
			await instance.start();
			return await startPostgres();
		});
		return { instance, postgres, folder };
	},
	async restart({ instance }) {
		await instance.stop();
		await instance.start();
	},
	async stop({ instance, postgres }) {
		await instance.stop();
		await postgres.stop();
	},
});
