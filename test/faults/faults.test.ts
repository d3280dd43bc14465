import { resources } from '../../nodes/Userpilot/actions/resources';
import { useBinaryStore } from '../support/binaryStore';
import { useEmulator } from '../support/emulator';
import { Bench } from './cell';
import { checkDocument } from './document';
import { usePlaces } from './places';
import { sections } from './sections';
import type { Result } from './table';
import { toTable } from './table';

const INTRODUCTION = `Each row was read from n8n's engine, which ran the operation against a real server that misbehaves in this way; \`npm test -- faults\` compares this table with what the nodes do. \`…\` stands for what a call was for, and for IDs. A fault strikes one call, once or each time, or the outcome is the same. After a fault that could not be got over, the operation was run again without it: "complete" means that it gave all that it gives on a good day, so nothing was lost.

Once an export has been started, every error names it; Get Events adds: "The export is job …. Use this ID in Job > Wait or Job > Download, which start no second export." That sentence is left out below.`;

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

it('stands in docs/reliability.md', () => {
	const cells = [...results.values()].flat().length;
	const parts = sections.map(
		({ title, about, targets }) =>
			`### ${title}\n\n${about}\n\n${toTable(results.get(title)!, targets)}\n`,
	);
	checkDocument([`## Faults\n\n${INTRODUCTION} ${cells} cases.\n`, ...parts].join('\n'));
});
