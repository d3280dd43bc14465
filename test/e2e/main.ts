import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { installCommunityPackage } from '../../playground/community-package.ts';
import { Failure } from '../../playground/failure.ts';
import { installN8n } from '../../playground/install.ts';
import { killAllProcesses, stopAllProcesses } from '../../playground/processes.ts';
import { elapsed, showStep } from '../../playground/progress.ts';
import { Findings } from './findings.ts';
import { Instance } from './instance.ts';
import { type Options, readOptions } from './options.ts';
import type { Scenario } from './scenario.ts';
import { cancel } from './scenarios/cancel.ts';
import { changes } from './scenarios/changes.ts';
import { exactlyOnce } from './scenarios/exactly-once.ts';
import { exportsOnce } from './scenarios/exports-once.ts';
import { faults } from './scenarios/faults.ts';
import { secrets } from './scenarios/secrets.ts';

const SCENARIOS = {
	'exactly-once': exactlyOnce,
	changes,
	'exports-once': exportsOnce,
	cancel,
	faults,
	secrets,
} satisfies Record<string, Scenario>;
type Name = keyof typeof SCENARIOS;

/** One n8n for all of them, because its first start takes long. */
async function run({ scenarios, full, seed }: Options<Name>, userFolder: string): Promise<void> {
	const instance = new Instance(userFolder);
	await showStep('Installing our package, starting n8n', async () => {
		await installCommunityPackage(userFolder);
		await instance.start();
	});
	for (const name of scenarios) {
		console.log(`\n${name}`);
		try {
			await SCENARIOS[name]({ instance, findings, full, seed });
		} catch (error) {
			findings.check(`${name} ran to its end`, false, (error as Error).message);
			if (!(error instanceof Failure)) console.error(error);
			// Whatever it has left, the next one finds n8n running.
			await instance.stop();
			await instance.start();
		}
	}
	await instance.stop();
}

const startedAt = Date.now();
const findings = new Findings();
const data = mkdtempSync(path.join(tmpdir(), 'userpilot-e2e-'));
let keep = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.once(signal, () => {
		console.error(`Stopped by ${signal}`);
		process.exit(130);
	});
}
process.on('exit', () => {
	killAllProcesses();
	if (!keep) rmSync(data, { recursive: true, force: true });
});

try {
	const options = readOptions(process.argv.slice(2), Object.keys(SCENARIOS) as Name[]);
	({ keep } = options);
	await installN8n();
	console.log(`Seed ${options.seed}${keep ? `, folder ${data}` : ''}`);
	await run(options, path.join(data, 'n8n'));
} catch (error) {
	findings.failed++;
	console.error(error instanceof Failure ? `\n${error.message}` : error);
}
await stopAllProcesses();
console.log(`\nAfter ${elapsed(Date.now() - startedAt)}`);
console.log(`${findings.passed} passed, ${findings.failed} failed`);
process.exit(findings.failed === 0 ? 0 : 1);
