import type { Cell, Mode, Target } from './cell';

/** One cell, and its place in the table. */
export interface Result {
	target: Target;
	fault: string;
	mode: Mode | 'either';
	cell: Cell;
}

interface Row {
	faults: string[];
	mode: Result['mode'];
	operations: string[];
	cell: Cell;
}

const MODE_WORDS: Record<Result['mode'], string> = {
	once: ', once',
	always: ', each time',
	either: '',
};

const sameCell = (one: Cell, other: Cell) => one.reads === other.reads && one.data === other.data;

/** A fault with the same effect once and each time is one fault. */
function withoutModes(results: Result[]): Result[] {
	const isSame = (fault: string) => {
		const own = results.filter((result) => result.fault === fault);
		const once = own.filter(({ mode }) => mode === 'once');
		return own
			.filter(({ mode }) => mode === 'always')
			.every(({ target, cell }) => {
				const twin = once.find((result) => result.target === target);
				return once.length === 0 || (twin && sameCell(cell, twin.cell));
			});
	};
	const same = new Set(results.map(({ fault }) => fault).filter(isSame));
	return results.flatMap((result): Result[] => {
		if (!same.has(result.fault)) return [result];
		return result.mode === 'always' ? [{ ...result, mode: 'either' }] : [];
	});
}

/** Operations and faults with the same outcome share a row. */
function toRows(results: Result[]): Row[] {
	const byFault = new Map<string, Row[]>();
	for (const { target, fault, mode, cell } of withoutModes(results)) {
		const rows = byFault.get(`${fault}/${mode}`) ?? [];
		byFault.set(`${fault}/${mode}`, rows);
		const row = rows.find((known) => sameCell(known.cell, cell));
		if (row) row.operations.push(target.name);
		else rows.push({ faults: [fault], mode, operations: [target.name], cell });
	}
	const merged: Row[] = [];
	for (const row of [...byFault.values()].flat()) {
		const twin = merged.find(
			({ mode, operations, cell }) =>
				mode === row.mode &&
				operations.join() === row.operations.join() &&
				sameCell(cell, row.cell),
		);
		if (twin) twin.faults.push(...row.faults);
		else merged.push(row);
	}
	return merged;
}

const LOOKUP = 'Lookup > ';

/** The operations: all, all but a few, or these. */
function operationsOf(names: string[], all: string[]): string {
	if (names.length === all.length) return 'all';
	const missing = all.filter((name) => !names.includes(name));
	const lookups = all.filter((name) => name.startsWith(LOOKUP));
	const hasAllLookups = lookups.length > 1 && lookups.every((name) => names.includes(name));
	const shown = hasAllLookups
		? [...names.filter((name) => !name.startsWith(LOOKUP)), 'every lookup']
		: names;
	return missing.length < shown.length ? `all but ${missing.join(', ')}` : shown.join(', ');
}

/** Text for a table cell. */
const escaped = (text: string) => text.replace(/[|*_<`\\]/g, '\\$&').replace(/\s+/g, ' ');

function readsOf({ reads }: Cell): string {
	if (reads === '') return '–';
	const [message = '', ...description] = reads.split(' — ');
	return `**${escaped(message)}**${description.length > 0 ? ` — ${escaped(description.join(' — '))}` : ''}`;
}

const HEADER =
	'| Injected | Operations | Error message — description | Data |\n| --- | --- | --- | --- |';

/** A Markdown table of these cells. */
export function toTable(results: Result[], targets: Target[]): string {
	const all = targets.map(({ name }) => name);
	const lines = toRows(results).map(({ faults, mode, operations, cell }) => {
		const injected = `${faults.map(escaped).join(' · ')}${MODE_WORDS[mode]}`;
		return `| ${injected} | ${operationsOf(operations, all)} | ${readsOf(cell)} | ${cell.data} |`;
	});
	return [HEADER, ...lines].join('\n');
}
