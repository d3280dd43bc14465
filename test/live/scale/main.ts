import { Failure } from '../../../playground/failure.ts';
import { installN8n } from '../../../playground/install.ts';
import { showStep } from '../../../playground/progress.ts';
import { type CommandLine, namesOf, readOptions } from '../harness/options.ts';
import { machine, n8nVersion, writePart } from '../harness/report.ts';
import { startStore } from '../harness/store/store.ts';
import { createWorkspace } from '../harness/workspace.ts';
import { growth } from './parts/growth.ts';
import { memory } from './parts/memory.ts';
import { workers } from './parts/workers.ts';
import { type Plant, startPlant } from './plant.ts';
import { type Section, sectionText } from './section.ts';

const PARTS: Record<string, (plant: Plant) => Promise<Section[]>> = { workers, memory, growth };

export async function run(commandLine: CommandLine): Promise<void> {
	const known = Object.keys(PARTS);
	const { only, write } = readOptions(commandLine, {
		only: { value: '<parts>', help: `some parts: ${known.join(', ')}` },
		write: { help: 'write the tables to docs/benchmarks.md; takes no --only' },
	});
	const parts = namesOf(only, known) ?? known;
	if (write && only !== undefined) throw new Failure('--write takes no --only.');
	await installN8n();
	const workspace = await createWorkspace();
	const store = await startStore(workspace);
	const plant = await startPlant(workspace, store);
	const sections: Section[] = [];
	for (const part of parts) {
		const found = await showStep(`Measuring: ${part}`, async () => await PARTS[part]!(plant));
		for (const section of found) console.log(`\n${sectionText(section)}\n`);
		sections.push(...found);
	}
	const text = [...sections.map(sectionText), `${machine()}, n8n ${n8nVersion()}.`].join('\n\n');
	if (write) writePart('scale', text);
}
