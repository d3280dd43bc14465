import path from 'node:path';

import { showStep } from '../../../playground/progress.ts';
import { Cluster } from '../harness/cluster.ts';
import type { CommandLine } from '../harness/options.ts';
import { runScenarios } from '../harness/scenarios.ts';
import type { Host } from './scenario.ts';
import { binaryData, sharedFolder } from './scenarios/binary-data.ts';
import { cancel } from './scenarios/cancel.ts';
import { killedWorkers } from './scenarios/killed-workers.ts';
import { mainRestarts } from './scenarios/main-restarts.ts';
import { spread } from './scenarios/spread.ts';

const WORKERS = 2;

export const run = async (commandLine: CommandLine) =>
	await runScenarios<Host>(commandLine, {
		lanes: [
			{
				spread,
				cancel,
				'killed-workers': killedWorkers,
				'main-restarts': mainRestarts,
				'binary-data': binaryData,
			},
		],
		async start(folder) {
			const cluster = await showStep(
				'Starting PostgreSQL, Redis, a main and two workers',
				async () =>
					await Cluster.start(path.join(folder, 'cluster'), WORKERS, sharedFolder(folder)),
			);
			return { cluster };
		},
		async restart({ cluster }) {
			await cluster.main.stop();
			await cluster.main.start();
			await cluster.addWorkers(WORKERS - cluster.workers.length);
		},
		stop: async ({ cluster }) => await cluster.stop(),
	});
