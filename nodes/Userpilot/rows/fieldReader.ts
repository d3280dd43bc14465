import type { GenericValue, IDataObject } from 'n8n-workflow';

import { isJsonObject } from './exactJson';

/** Reads one field of a row; undefined where the row has none. */
export type FieldReader = (row: IDataObject) => unknown;

/** The column of a field: a path gets the name that Flatten gives it, as in `metadata.plan` → `metadata_plan`. */
export const columnOf = (field: string): string => field.replaceAll('.', '_');

/** A value as one cell of a table: what is nested becomes its JSON text. */
export const cellOf = (value: unknown): GenericValue =>
	typeof value === 'object' && value !== null
		? JSON.stringify(value)
		: ((value ?? null) as GenericValue);

/** An object, also one that a CSV file holds as JSON text. */
function objectIn(value: unknown): IDataObject | undefined {
	if (isJsonObject(value)) return value;
	if (typeof value !== 'string' || !value.startsWith('{')) return undefined;
	try {
		const parsed: unknown = JSON.parse(value);
		return isJsonObject(parsed) ? parsed : undefined;
	} catch {
		return undefined;
	}
}

function valueAt(row: IDataObject, path: readonly string[]): unknown {
	let value: unknown = row;
	for (const name of path) {
		const object = objectIn(value);
		if (object === undefined || !Object.hasOwn(object, name)) return undefined;
		value = object[name];
	}
	return value;
}

/** The value whose path, joined by `_`, is that name; undefined for none. */
function flattenedValue(values: IDataObject, name: string): unknown {
	for (let end = name.indexOf('_'); end >= 0; end = name.indexOf('_', end + 1)) {
		const parent = name.slice(0, end);
		const nested = Object.hasOwn(values, parent) ? values[parent] : undefined;
		if (!isJsonObject(nested)) continue;
		const rest = name.slice(end + 1);
		const value = Object.hasOwn(nested, rest) ? nested[rest] : flattenedValue(nested, rest);
		if (value !== undefined && !isJsonObject(value)) return value;
	}
	return undefined;
}

/** The columns that the reader of a field may read, where columns are not flattened. */
export const columnsRead = (field: string): string[] => [
	field,
	field.split('.', 1)[0]!,
	columnOf(field),
];

/**
 * @param field a column, or a path with dots into nested values; a column of exactly that name comes first
 * @param flatten whether columns are named as Flatten names them, such as `metadata_plan`
 */
export function fieldReader(field: string, flatten = false): FieldReader {
	const path = field.split('.');
	const column = columnOf(field);
	// Every object has a `constructor`, for one. Reading comes first, as asking for each column takes as long again.
	const isInherited = field in {};
	return (row) => {
		const value = isInherited ? undefined : row[field];
		if (value !== undefined) return value;
		if (Object.hasOwn(row, field)) return row[field];
		if (path.length > 1) return valueAt(row, path) ?? row[column];
		return flatten ? flattenedValue(row, field) : undefined;
	};
}
