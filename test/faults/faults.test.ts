import { resources } from '../../nodes/Userpilot/actions/resources';
import { useBinaryStore } from '../support/binaryStore';
import { useEmulator } from '../support/emulator';
import { Bench } from './cell';
import { checkDocument } from './document';
import { usePlaces } from './places';
import { sections } from './sections';
import type { Result } from './table';
import { toTable } from './table';

const INTRODUCTION = `Each row is the outcome of an operation in n8n's engine, with a real server that has this fault. \`npm test -- faults\` compares this table with what the nodes do. \`…\` stands for the purpose of a request, and for IDs. A fault affects one request, once or each time; if the outcome is the same, the row names neither. If the outcome is an error, the operation was run again without the fault: "complete" means that nothing was lost.

After an export has been started, every error names it. Get Events adds: "The export is job …. Use this ID in Job > Wait or Job > Download, which start no second export." This sentence is left out below.`;

const userpilot = useEmulator({
	jobSeconds: 3,
	rowsPerDay: 20,
	counts: { events_properties: 3, segments: 3 },
});
const bench = new Bench(userpilot, useBinaryStore(), usePlaces());
const results = new Map(sections.map(({ title }) => [title, [] as Result[]]));
const MODES = ['once', 'always'] as const;

describe.each(sections)('$title', ({ title, targets, faults }) => {
	it.each(targets)('$name: nothing is lost', async (target) => {
		for (const fault of faults) {
			if (fault.credentials && !target.isFirst) continue;
			for (const mode of MODES) {
				if (mode === 'once' && (!fault.strike || fault.lasts)) continue;
				const cell = await bench.cell(target, fault, mode);
				expect([fault.name, mode, cell.data]).not.toEqual([
					fault.name,
					mode,
					expect.stringMatching(/LOST|UNNAMED/),
				]);
				results.get(title)!.push({ target, fault: fault.name, mode, cell });
			}
		}
	});
});

it('covers every operation of the node', () => {
	const covered = new Set(
		sections.flatMap(({ targets }) => targets.map(({ way }) => way.operation)),
	);
	const operations = resources.flatMap(({ value, operations: own }) =>
		own.map((operation) => `${value}.${operation.value}`),
	);
	expect(operations.filter((operation) => !covered.has(operation))).toEqual([]);
});

it('is the table in docs/reliability.md', () => {
	const cells = [...results.values()].flat().length;
	const parts = sections.map(
		({ title, about, targets }) =>
			`### ${title}\n\n${about}\n\n${toTable(results.get(title)!, targets)}\n`,
	);
	checkDocument([`## Faults\n\n${INTRODUCTION} ${cells} cases.\n`, ...parts].join('\n'));
});
