import { availableParallelism, loadavg } from 'node:os';

import { Failure } from '../../../playground/failure.ts';
import { showStep } from '../../../playground/progress.ts';
import { type CommandLine, namesOf, numberOf, readOptions } from '../harness/options.ts';
import { machine, n8nVersion, writePart } from '../harness/report.ts';
import { startStore } from '../harness/store/store.ts';
import { createWorkspace } from '../harness/workspace.ts';
import type { Bench } from './bench.ts';
import { type Finding, table } from './finding.ts';
import { binary } from './parts/binary.ts';
import { eventLoop } from './parts/event-loop.ts';
import { files } from './parts/files.ts';
import { limit } from './parts/limit.ts';
import { n8n } from './parts/n8n.ts';
import { prefetch } from './parts/prefetch.ts';
import { response } from './parts/response.ts';
import { csv, ndjson } from './parts/rows.ts';
import { summary } from './parts/summary.ts';
import { bundleProgram } from './program.ts';

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
type Part = keyof typeof PARTS | 'summary';
const NAMES = [...Object.keys(PARTS), 'summary'] as Part[];
/** Parts that start an n8n. */
const IN_N8N: readonly Part[] = ['n8n', 'summary'];
/** Parts with a place of their own in docs/benchmarks.md, which can be written alone. */
const OWN_PLACE: readonly string[] = ['files', 'summary'];

const DEFAULT_ROUNDS = 5;

export async function run(commandLine: CommandLine): Promise<void> {
	const options = readOptions(commandLine, {
		n8n: { help: "measure in a real n8n too, against n8n's own nodes" },
		only: { value: '<parts>', help: `some parts: ${NAMES.join(', ')}` },
		before: {
			value: '<commit>',
			help: 'also measure that commit (parts: files, ndjson, csv)',
		},
		rounds: {
			value: '<number>',
			help: `how often each measurement is made, the best counts (${DEFAULT_ROUNDS})`,
		},
		write: {
			help: 'write the table to docs/benchmarks.md; takes --n8n and no --only, or\none of --only files, --only summary',
		},
	});
	const rounds = numberOf('rounds', options.rounds, DEFAULT_ROUNDS, 1);
	const only = namesOf(options.only, NAMES);
	const parts = NAMES.filter(
		(name) => only?.includes(name) ?? (!IN_N8N.includes(name) || options.n8n),
	);
	if (options.write && parts.length < NAMES.length && !OWN_PLACE.includes(parts.join())) {
		throw new Failure('The written table has all parts: --write needs --n8n, and no --only.');
	}
	warnOfLoad();
	const workspace = await createWorkspace();
	const program = await bundleProgram(workspace);
	const store = await startStore(workspace);
	const bench = { workspace, program, rounds, before: options.before, store };
	const findings: Finding[] = [];
	const ofFiles: Finding[] = [];
	const conditions = `${machine()}; each the best of ${rounds} runs that took turns.`;
	for (const part of parts) {
		if (part === 'summary') {
			await measureSummary(bench, `${conditions} n8n ${n8nVersion()}.`, options.write);
			continue;
		}
		const found = await showStep(`Measuring: ${part}`, async () => await PARTS[part](bench));
		(part === 'files' ? ofFiles : findings).push(...found);
	}
	if (parts.join() !== 'summary') {
		console.log(`\n${table([...ofFiles, ...findings])}\n\n${conditions}`);
	}
	if (options.write && ofFiles.length > 0) {
		writePart('bench --only files', `${table(ofFiles)}\n\n${conditions}`);
	}
	if (options.write && findings.length > 0) {
		writePart('bench', `${table(findings)}\n\n${conditions} n8n ${n8nVersion()}.`);
	}
	if ([...ofFiles, ...findings].some(({ ok }) => ok === false)) process.exitCode = 1;
}

async function measureSummary(bench: Bench, conditions: string, isWritten: boolean): Promise<void> {
	console.log('  Measuring: summary');
	const { text, ok } = await summary(bench);
	console.log(`\n${text}\n\n${conditions}`);
	if (isWritten) writePart('bench --only summary', `${text}\n\n${conditions}`);
	if (!ok) process.exitCode = 1;
}

/** Other programs on the machine make every figure worse, and not all by the same. */
function warnOfLoad(): void {
	const [load = 0] = loadavg();
	if (load < availableParallelism() / 2) return;
	console.log(`  The machine is busy (load ${load.toFixed(1)}): measure again when it is not.`);
}
