import path from 'node:path';

import { installCommunityPackage } from '../../../playground/community-package.ts';
import { showStep } from '../../../playground/progress.ts';
import { Instance } from '../harness/n8n.ts';
import { runScenarios } from '../harness/scenarios.ts';
import { installTools } from '../harness/tools.ts';
import { startPostgres } from '../harness/postgres.ts';
import { HERE } from './example.ts';
import { HOSTS } from './hosts.ts';
import { backfill } from './scenarios/backfill.ts';
import { dailyEvents } from './scenarios/daily-events.ts';
import { dataDictionary } from './scenarios/data-dictionary.ts';
import { toS3 } from './scenarios/to-s3.ts';
import { toSheets } from './scenarios/to-sheets.ts';
import { toSlack } from './scenarios/to-slack.ts';
import { startWeb } from './web.ts';

await runScenarios({
	script: 'test:examples',
	scenarios: {
		'daily-events': dailyEvents,
		backfill,
		'to-s3': toS3,
		'to-slack': toSlack,
		'to-sheets': toSheets,
		'data-dictionary': dataDictionary,
	},
	async start(folder) {
		await showStep('Installing what the tests need', async () => await installTools(HERE, folder));
		const web = await startWeb(path.join(folder, 'web'), HOSTS);
		const instance = new Instance(path.join(folder, 'n8n'), {
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
			...web.env,
		});
		const postgres = await showStep('Starting PostgreSQL and n8n with our package', async () => {
			await installCommunityPackage(instance.userFolder);
			await instance.start();
			return await startPostgres();
		});
		return { instance, postgres, web, folder };
	},
	async restart({ instance }) {
		await instance.stop();
		await instance.start();
	},
	async stop({ instance, postgres, web }) {
		await instance.stop();
		await postgres.stop();
		web.stop();
	},
});
