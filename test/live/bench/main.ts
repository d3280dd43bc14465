import { availableParallelism, loadavg } from 'node:os';

import { showStep } from '../../../playground/progress.ts';
import { atTheEnd, runToTheEnd } from '../harness/ending.ts';
import type { Bench } from './bench.ts';
import { type Finding, table } from './finding.ts';
import { type Options, readOptions } from './options.ts';
import { binary } from './parts/binary.ts';
import { eventLoop } from './parts/event-loop.ts';
import { files } from './parts/files.ts';
import { limit } from './parts/limit.ts';
import { n8n } from './parts/n8n.ts';
import { prefetch } from './parts/prefetch.ts';
import { response } from './parts/response.ts';
import { csv, ndjson } from './parts/rows.ts';
import { bundleProgram } from './program.ts';
import { benchText, takenTurns, writePart } from '../harness/report.ts';
import { startStore } from '../harness/store/store.ts';
import { createWorkspace, type Workspace } from '../harness/workspace.ts';

const PARTS = {
	files,
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

async function run(options: Options<Part>, workspace: Workspace): Promise<void> {
	const { parts, rounds, write, before } = options;
	warnOfLoad();
	const program = await bundleProgram(workspace);
	const bench = { workspace, program, rounds, before, store: await startStore(workspace) };
	const findings: Finding[] = [];
	const ofFiles: Finding[] = [];
	for (const part of parts) {
		const found = await showStep(`Measuring: ${part}`, async () => await PARTS[part](bench));
		(part === 'files' ? ofFiles : findings).push(...found);
	}
	console.log(`\n${table([...ofFiles, ...findings])}\n\n${takenTurns(rounds)}`);
	if (write && ofFiles.length > 0) {
		writePart('bench -- --only files', `${table(ofFiles)}\n\n${takenTurns(rounds)}`);
	}
	if (write && findings.length > 0) writePart('bench', benchText(findings, rounds));
	if ([...ofFiles, ...findings].some(({ ok }) => ok === false)) process.exitCode = 1;
}

await runToTheEnd(async () => {
	const options = readOptions(process.argv.slice(2), Object.keys(PARTS) as Part[]);
	const workspace = createWorkspace();
	atTheEnd(() => workspace.remove());
	await run(options, workspace);
});
