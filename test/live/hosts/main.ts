import { execFileSync } from 'node:child_process';
import path from 'node:path';

import { installN8n } from '../../../playground/install.ts';
import { stopAllProcesses } from '../../../playground/processes.ts';
import { showStep } from '../../../playground/progress.ts';
import { Instance } from '../harness/n8n.ts';
import type { CommandLine } from '../harness/options.ts';
import { markdownTable } from '../harness/report.ts';
import { type Run, runScenarios } from '../harness/scenarios.ts';
import { type CheckName, type CheckResult, CHECKS, runChecks } from './checks.ts';
import { type HostVersion, hostOf, VERSIONS } from './versions.ts';

type Context = Run & { folder: string };

const CHECK_NAMES = Object.keys(CHECKS) as CheckName[];
const rows: string[][] = [];

/** Our package in that n8n, with a new database. */
async function tryIn(version: HostVersion, { findings, folder }: Context): Promise<void> {
	const host = await hostOf(version);
	await installN8n(host);
	const node = execFileSync(host.node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
	const instance = await Instance.launch(path.join(folder, version.n8n), { host });
	const checks = await showStep(
		`Trying ${CHECK_NAMES.join(', ')}`,
		async () => await runChecks(instance.client),
	);
	await instance.stop();
	rows.push([version.n8n, node.trim(), ...CHECK_NAMES.map((name) => cell(checks.get(name)))]);
	for (const [name, { passed, detail }] of checks) findings.check(name, passed, detail);
}

function cell(result: CheckResult | undefined): string {
	if (result === undefined) return 'not tried';
	return result.passed ? result.detail : `fails: ${result.detail.replaceAll(/\s+/g, ' ')}`;
}

const scenarios = VERSIONS.map((version) => [
	version.n8n,
	async (context: Context) => await tryIn(version, context),
]);

export async function run(commandLine: CommandLine) {
	const findings = await runScenarios<{ folder: string }>(commandLine, {
		lanes: [Object.fromEntries(scenarios)],
		start: async (folder) => await Promise.resolve({ folder }),
		restart: async () => await stopAllProcesses(),
		stop: async () => await Promise.resolve(),
	});
	console.log(`\n${markdownTable(['n8n', 'Node', ...CHECK_NAMES], rows)}`);
	return findings;
}
