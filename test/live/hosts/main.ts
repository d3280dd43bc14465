import { execFileSync } from 'node:child_process';
import path from 'node:path';

import { installCommunityPackage } from '../../../playground/community-package.ts';
import { installN8n } from '../../../playground/install.ts';
import { stopAllProcesses } from '../../../playground/processes.ts';
import { showStep } from '../../../playground/progress.ts';
import { Instance } from '../harness/n8n.ts';
import { runScenarios, type Run } from '../harness/scenarios.ts';
import { type CheckName, CHECKS, runChecks } from './checks.ts';
import { type HostResult, hostTable } from './report.ts';
import { type HostVersion, hostOf, VERSIONS } from './versions.ts';

const CHECK_NAMES = Object.keys(CHECKS) as CheckName[];

const results: HostResult[] = [];

/** Our package in that n8n, with a database that is new. */
async function tryIn(version: HostVersion, { findings, folder }: Run & { folder: string }) {
	const host = await hostOf(version);
	await installN8n(host);
	const nodeVersion = execFileSync(host.node, ['-p', 'process.versions.node'], {
		encoding: 'utf8',
	}).trim();
	const instance = new Instance(path.join(folder, version.n8n), {}, host);
	await showStep('Installing our package, starting n8n', async () => {
		await installCommunityPackage(instance.userFolder);
		await instance.start();
	});
	const checks = await showStep(
		`Trying ${CHECK_NAMES.join(', ')}`,
		async () => await runChecks(instance.client),
	);
	await instance.stop();
	results.push({ ...version, nodeVersion, checks });
	for (const [name, { passed, detail }] of checks) findings.check(name, passed, detail);
}

await runScenarios({
	script: 'test:hosts',
	scenarios: Object.fromEntries(
		VERSIONS.map((version) => [
			version.n8n,
			async (context: Run & { folder: string }) => await tryIn(version, context),
		]),
	),
	start: async (folder) => await Promise.resolve({ folder }),
	restart: async () => await stopAllProcesses(),
	stop: async () => {
		await Promise.resolve();
		console.log(`\n${hostTable(results, CHECK_NAMES)}`);
	},
});
