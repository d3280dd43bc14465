import { availableParallelism, loadavg } from 'node:os';

import { showStep } from '../../playground/progress.ts';
import { atTheEnd, runToTheEnd } from '../e2e/ending.ts';
import type { Bench } from './bench.ts';
import { type Finding, table } from './finding.ts';
import { type Options, readOptions } from './options.ts';
import { binary } from './parts/binary.ts';
import { eventLoop } from './parts/event-loop.ts';
import { limit } from './parts/limit.ts';
import { n8n } from './parts/n8n.ts';
import { prefetch } from './parts/prefetch.ts';
import { response } from './parts/response.ts';
import { csv, ndjson } from './parts/rows.ts';
import { bundleProgram } from './program.ts';
import { benchText, takenTurns, writePart } from './report.ts';
import { startStore } from './store/store.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

const PARTS = {
	ndjson,
	csv,
	binary,
	limit,
	'event-loop': eventLoop,
	prefetch,
	response,
	n8n,
} satisfies Record<string, (bench: Bench) => Promise<Finding[]>>;
type Part = keyof typeof PARTS;

/** Others on the machine make every figure worse, and not each by the same. */
function warnOfLoad(): void {
	const [load = 0] = loadavg();
	if (load < availableParallelism() / 2) return;
	console.log(`  The machine is busy (load ${load.toFixed(1)}): measure again when it is not.`);
}

async function run({ parts, rounds, write }: Options<Part>, workspace: Workspace): Promise<void> {
	warnOfLoad();
	const program = await bundleProgram(workspace);
	const bench = { workspace, program, rounds, store: await startStore(workspace) };
	const findings: Finding[] = [];
	for (const part of parts) {
		findings.push(...(await showStep(`Measuring: ${part}`, async () => await PARTS[part](bench))));
	}
	console.log(`\n${table(findings)}\n\n${takenTurns(rounds)}`);
	if (write) writePart('bench', benchText(findings, rounds));
	if (findings.some(({ ok }) => ok === false)) process.exitCode = 1;
}

await runToTheEnd(async () => {
	const options = readOptions(process.argv.slice(2), Object.keys(PARTS) as Part[]);
	const workspace = createWorkspace();
	atTheEnd(() => workspace.remove());
	await run(options, workspace);
});
