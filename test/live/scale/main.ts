import { readArguments } from '../../../playground/arguments.ts';
import { Failure } from '../../../playground/failure.ts';
import { installN8n } from '../../../playground/install.ts';
import { showStep } from '../../../playground/progress.ts';
import { machine, n8nVersion, writePart } from '../harness/report.ts';
import { startStore } from '../harness/store/store.ts';
import { createWorkspace, type Workspace } from '../harness/workspace.ts';
import { growth } from './parts/growth.ts';
import { memory } from './parts/memory.ts';
import { workers } from './parts/workers.ts';
import { atTheEnd, runToTheEnd } from '../harness/ending.ts';
import { type Plant, startPlant } from './plant.ts';
import { type Section, sectionText } from './section.ts';

const PARTS: Record<string, (plant: Plant) => Promise<Section[]>> = { workers, memory, growth };

const USAGE = `npm run scale -- [--only <parts>] [--write]

  --only    some parts: ${Object.keys(PARTS).join(', ')}
  --write   write the tables to docs/benchmarks.md; takes no --only`;

/** @throws Failure for an option that there is not */
function readOptions(args: string[]) {
	const options = { only: { type: 'string' }, write: { type: 'boolean' } } as const;
	const { only, write = false } = readArguments(args, options, USAGE);
	const parts = only?.split(',') ?? Object.keys(PARTS);
	const unknown = parts.find((part) => !(part in PARTS));
	if (unknown !== undefined) throw new Failure(`There is no part "${unknown}".\n\n${USAGE}`);
	if (write && only) throw new Failure(`--write takes no --only.\n\n${USAGE}`);
	return { parts, write };
}

async function run(parts: string[], write: boolean, workspace: Workspace): Promise<void> {
	await installN8n();
	const store = await startStore(workspace);
	const plant = await showStep(
		'Starting PostgreSQL, Redis, a main and a worker',
		async () => await startPlant(workspace, store),
	);
	const sections: Section[] = [];
	for (const part of parts) {
		const found = await showStep(`Measuring: ${part}`, async () => await PARTS[part]!(plant));
		for (const section of found) console.log(`\n${sectionText(section)}\n`);
		sections.push(...found);
	}
	const text = [...sections.map(sectionText), `${machine()}, n8n ${n8nVersion()}.`].join('\n\n');
	if (write) writePart('scale', text);
}

await runToTheEnd(async () => {
	const { parts, write } = readOptions(process.argv.slice(2));
	const workspace = createWorkspace();
	atTheEnd(() => workspace.remove());
	await run(parts, write, workspace);
});
