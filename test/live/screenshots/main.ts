import path from 'node:path';

import { installN8n } from '../../../playground/install.ts';
import { ownerLogin } from '../../../playground/login.ts';
import { showStep } from '../../../playground/progress.ts';
import { logIn, startBrowser } from '../harness/browser.ts';
import { temporaryFolder } from '../harness/ending.ts';
import { Instance } from '../harness/n8n.ts';
import { type CommandLine, namesOf, readOptions } from '../harness/options.ts';
import { installTools } from '../harness/tools.ts';
import { startUserpilot } from '../harness/userpilot.ts';
import { pictureExamples } from './examples.ts';
import { pictureNodes } from './nodes.ts';
import type { Studio } from './studio.ts';

const PARTS = { nodes: pictureNodes, examples: pictureExamples };
const NAMES = Object.keys(PARTS) as Array<keyof typeof PARTS>;

export async function run(commandLine: CommandLine): Promise<void> {
	const options = readOptions(commandLine, {
		only: { value: '<parts>', help: `some pictures: ${NAMES.join(', ')}` },
	});
	const parts = namesOf(options.only, NAMES) ?? NAMES;
	const folder = temporaryFolder('screenshots');
	await installN8n();
	await installTools(folder);
	const instance = await Instance.launch(path.join(folder, 'n8n'));
	const { url, client } = instance;
	const { emulator, credentialId } = await startUserpilot(instance, 'Playground', {
		rowsPerDay: 1_400,
		jobSeconds: 1,
	});
	const browser = await startBrowser();
	const newPage: Studio['newPage'] = async (viewport) => {
		const page = await browser.newPage({ viewport });
		await logIn(page, url, ownerLogin(instance.userFolder));
		return page;
	};
	for (const part of parts) {
		await showStep(`Taking pictures: ${part}`, async () => {
			await PARTS[part]({ url, client, credentialId, newPage });
		});
	}
	await browser.close();
	await emulator.close();
	await instance.stop();
}
