import type { GenericValue, IDataObject } from 'n8n-workflow';

/** V8 copies objects of 128 fields and more several times more slowly. */
const MAX_COPIED_FIELDS = 100;
const MAX_KINDS = 1_000;

export type RowMaker = (values: readonly GenericValue[]) => IDataObject;

/**
 * Makes rows with these names. Each is a copy of one that comes from JSON, unless there are very many names,
 * and shares the list of its names with all others. An object to which names are added one by one takes more time. Where a process has made
 * thousands of kinds of objects that way, as n8n has, V8 also gives each object a list of its own: ten times
 * the memory.
 */
export function rowMaker(names: readonly string[]): RowMaker {
	if (names.length > MAX_COPIED_FIELDS) {
		return (values) => Object.fromEntries(names.map((name, index) => [name, values[index]]));
	}
	const members = names.map((name) => `${JSON.stringify(name)}:""`);
	const template = JSON.parse(`{${members.join(',')}}`) as IDataObject;
	return (values) => {
		const row = { ...template };
		for (let index = 0; index < names.length; index++) row[names[index]!] = values[index];
		return row;
	};
}

/** The same for rows whose names differ. */
export function rowOfEntries(): (entries: ReadonlyArray<[string, GenericValue]>) => IDataObject {
	const makers = new Map<string, RowMaker>();
	return (entries) => {
		// Names beyond that are not worth a maker.
		if (entries.length > MAX_COPIED_FIELDS) return Object.fromEntries(entries);
		const names = entries.map(([name]) => name);
		const kind = JSON.stringify(names);
		let makeRow = makers.get(kind);
		if (!makeRow) {
			if (makers.size >= MAX_KINDS) makers.clear();
			makers.set(kind, (makeRow = rowMaker(names)));
		}
		return makeRow(entries.map(([, value]) => value));
	};
}
