import type { GenericValue, IDataObject } from 'n8n-workflow';

import { isJsonObject } from './exactJson';
import type { FieldReader } from './fieldReader';
import { columnOf, fieldReader } from './fieldReader';
import { rowMaker, rowOfEntries } from './rowMaker';

/** Makes rows that hold only these fields, in this order; null where a row has none. */
export function fieldSelector(
	fields: readonly string[],
	readerOf: (field: string) => FieldReader = fieldReader,
): (row: IDataObject) => IDataObject {
	const columns = [...new Map(fields.map((field) => [columnOf(field), readerOf(field)]))];
	const makeRow = rowMaker(columns.map(([column]) => column));
	return (row) => makeRow(columns.map(([, read]) => (read(row) ?? null) as GenericValue));
}

/** A column without the numbers that Flatten puts behind names that are taken. */
const stem = (column: string) => column.replace(/(_\d+)+$/, '');

/**
 * For rows that are flattened at the end, when all of them are known: takes away what can neither be one
 * of these fields nor decide what Flatten names them.
 */
export function fieldPruner(fields: readonly string[]): (row: IDataObject) => IDataObject {
	const stems = new Set(fields.flatMap((field) => [stem(field), stem(columnOf(field))]));
	const makeRow = rowOfEntries();
	const prune = (values: IDataObject, prefix: string): IDataObject => {
		const kept: Array<[string, GenericValue]> = [];
		for (const [name, value] of Object.entries(values)) {
			const column = prefix + name;
			if (!isJsonObject(value)) {
				if (stems.has(stem(column))) kept.push([name, value]);
				continue;
			}
			const nested = prune(value, `${column}_`);
			if (Object.keys(nested).length > 0) kept.push([name, nested]);
		}
		return makeRow(kept);
	};
	return (row) => prune(row, '');
}
