import type { GenericValue, IDataObject } from 'n8n-workflow';

import { isJsonObject } from './exactJson';

type Column = [name: string, value: GenericValue];

const cellOf = (value: unknown): GenericValue =>
	Array.isArray(value) ? JSON.stringify(value) : (value as GenericValue);

/**
 * The row without nesting, for tables: a nested value becomes a column named by its path, such as
 * `metadata_plan`; an array becomes its JSON text; an empty object gives no column. A column that the
 * row has already keeps its name, and the flattened one gets `_2`, or the first number that is free.
 *
 * @returns the row itself when it is flat
 */
export function flatten(row: IDataObject): IDataObject {
	const entries = Object.entries(row);
	if (!entries.some(([, value]) => typeof value === 'object' && value !== null)) return row;
	const columns: Column[] = [];
	const taken = new Set(entries.filter(([, value]) => !isJsonObject(value)).map(([name]) => name));

	function addNested(path: string, nested: IDataObject): void {
		for (const [key, value] of Object.entries(nested)) {
			const name = `${path}_${key}`;
			if (isJsonObject(value)) {
				addNested(name, value);
				continue;
			}
			let free = name;
			for (let number = 2; taken.has(free); number++) free = `${name}_${number}`;
			taken.add(free);
			columns.push([free, cellOf(value)]);
		}
	}

	for (const [name, value] of entries) {
		if (isJsonObject(value)) addNested(name, value);
		else columns.push([name, cellOf(value)]);
	}
	// Not by assignment: a column may be called __proto__.
	return Object.fromEntries(columns);
}
