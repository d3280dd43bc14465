import path from 'node:path';

import { Instance } from '../harness/n8n.ts';
import type { CommandLine } from '../harness/options.ts';
import { startPostgres } from '../harness/postgres.ts';
import { runScenarios } from '../harness/scenarios.ts';
import { installTools } from '../harness/tools.ts';
import { HOSTS } from './hosts/hosts.ts';
import type { Host } from './scenario.ts';
import { backfill } from './scenarios/backfill.ts';
import { dailyEvents } from './scenarios/daily-events.ts';
import { dataDictionary } from './scenarios/data-dictionary.ts';
import { eventsToSlack } from './scenarios/events-to-slack.ts';
import { processOnce } from './scenarios/process-once.ts';
import { tellFailures } from './scenarios/tell-failures.ts';
import { toBigQuery } from './scenarios/to-bigquery.ts';
import { largeExports } from './scenarios/large-exports.ts';
import { toS3 } from './scenarios/to-s3.ts';
import { toSheets } from './scenarios/to-sheets.ts';
import { toSlack } from './scenarios/to-slack.ts';
import { usersAndCompanies } from './scenarios/users-and-companies.ts';
import { weeklyToSheets } from './scenarios/weekly-to-sheets.ts';
import { weeklyToSlack } from './scenarios/weekly-to-slack.ts';
import { startWeb } from './web.ts';

export const run = async (commandLine: CommandLine) =>
	await runScenarios<Host>(commandLine, {
		lanes: [
			{
				'daily-events': dailyEvents,
				backfill,
				'to-s3': toS3,
				'to-slack': toSlack,
				'to-sheets': toSheets,
				'data-dictionary': dataDictionary,
				'large-exports': largeExports,
				'users-and-companies': usersAndCompanies,
				'events-to-slack': eventsToSlack,
				'weekly-to-sheets': weeklyToSheets,
				'weekly-to-slack': weeklyToSlack,
				'tell-failures': tellFailures,
				'process-once': processOnce,
				'to-bigquery': toBigQuery,
			},
		],
		async start(folder) {
			await installTools(folder);
			const web = await startWeb(path.join(folder, 'web'), HOSTS);
			const env = { N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem', ...web.env };
			const [postgres, instance] = await Promise.all([
				startPostgres(),
				Instance.launch(path.join(folder, 'n8n'), { env }),
			]);
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
