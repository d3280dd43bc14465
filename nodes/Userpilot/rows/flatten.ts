import type { GenericValue, IDataObject } from 'n8n-workflow';

import { isJsonObject } from './exactJson';
import { cellOf } from './fieldReader';
import { rowOfEntries } from './rowMaker';

/** A property of the rows, at its place in their nesting. */
interface Property {
	/** The name of its column; until all rows are known, the name it should have. */
	column: string;
	/** Whether any row has a value there that is not a nested object. */
	isColumn: boolean;
	nested: Map<string, Property>;
}

const isFlat = (row: IDataObject) =>
	!Object.values(row).some((value) => typeof value === 'object' && value !== null);

function propertyAt(properties: Map<string, Property>, name: string, column: string): Property {
	const known = properties.get(name);
	if (known) return known;
	const property = { column, isColumn: false, nested: new Map<string, Property>() };
	properties.set(name, property);
	return property;
}

/** Gives nested properties, in this order, column names that are not taken. */
function nameNested(nested: Property[], properties: Map<string, Property>): void {
	const own = [...properties.values()].filter(({ isColumn }) => isColumn);
	const taken = new Set(own.map(({ column }) => column));
	/** The next number to try, by name: trying all of them each time would take forever. */
	const numbers = new Map<string, number>();
	for (const property of nested) {
		const name = property.column;
		let number = numbers.get(name) ?? 2;
		while (taken.has(property.column)) property.column = `${name}_${number++}`;
		numbers.set(name, number);
		taken.add(property.column);
	}
}

/** Lists the columns of a row, in its order. */
function* columnsOf(
	values: IDataObject,
	properties: Map<string, Property>,
): Generator<[name: string, value: GenericValue]> {
	for (const [name, value] of Object.entries(values)) {
		const { column, nested } = properties.get(name)!;
		if (isJsonObject(value)) yield* columnsOf(value, nested);
		else yield [column, cellOf(value)];
	}
}

export interface Flattener {
	add(row: IDataObject): void;
	flatten(row: IDataObject): IDataObject;
}

/**
 * Flattens rows for tables: a nested value becomes a column named by its path, such as `metadata_plan`;
 * an array becomes its JSON text; an empty object becomes nothing. A column that any row already has
 * keeps its name, and the flattened one gets `_2`, or the first number that is free.
 *
 * A property has the same column in all rows, so all rows are added before the first is flattened. A row
 * that is flat stays the same object.
 */
export function flattener(): Flattener {
	const properties = new Map<string, Property>();
	const makeRow = rowOfEntries();
	/** In the order in which they were found. */
	let unnamed: Property[] = [];

	function addNested(values: IDataObject, parent: Property): void {
		for (const [name, value] of Object.entries(values)) {
			const property = propertyAt(parent.nested, name, `${parent.column}_${name}`);
			if (isJsonObject(value)) addNested(value, property);
			else if (!property.isColumn) {
				property.isColumn = true;
				unnamed.push(property);
			}
		}
	}

	return {
		add(row) {
			for (const [name, value] of Object.entries(row)) {
				const property = propertyAt(properties, name, name);
				if (isJsonObject(value)) addNested(value, property);
				else property.isColumn = true;
			}
		},
		flatten(row) {
			if (unnamed.length > 0) nameNested(unnamed, properties);
			unnamed = [];
			if (isFlat(row)) return row;
			return makeRow([...columnsOf(row, properties)]);
		},
	};
}
