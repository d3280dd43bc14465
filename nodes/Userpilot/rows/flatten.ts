import type { GenericValue, IDataObject } from 'n8n-workflow';

import { isJsonObject } from './exactJson';

/** A property of the rows, at its place in their nesting. */
interface Property {
	/** What its column is called, or is to be called until all rows are known. */
	column: string;
	/** Whether any row has a value there that is a column; not only nested ones. */
	isColumn: boolean;
	nested: Map<string, Property>;
}

const cellOf = (value: unknown): GenericValue =>
	Array.isArray(value) ? JSON.stringify(value) : (value as GenericValue);

const isFlat = (row: IDataObject) =>
	!Object.values(row).some((value) => typeof value === 'object' && value !== null);

/**
 * Makes rows without nesting, for tables: a nested value becomes a column named by its path, such as
 * `metadata_plan`; an array becomes its JSON text; an empty object gives no column. A column that any of
 * the rows has already keeps its name, and the flattened one gets `_2`, or the first number that is free.
 *
 * A property has the same column in all rows. So all of them are added before the first is flattened.
 */
export class Flattener {
	private readonly properties = new Map<string, Property>();

	/** Those that are nested, in the order in which they came. */
	private nested: Property[] = [];

	add(row: IDataObject): void {
		for (const [name, value] of Object.entries(row)) {
			const property = propertyAt(this.properties, name, name);
			if (isJsonObject(value)) this.addNested(value, property);
			else property.isColumn = true;
		}
	}

	/** @returns the row itself when it is flat */
	flatten(row: IDataObject): IDataObject {
		this.nameNested();
		if (isFlat(row)) return row;
		const columns: Array<[name: string, value: GenericValue]> = [];
		const put = (values: IDataObject, properties: Map<string, Property>) => {
			for (const [name, value] of Object.entries(values)) {
				const { column, nested } = properties.get(name)!;
				if (isJsonObject(value)) put(value, nested);
				else columns.push([column, cellOf(value)]);
			}
		};
		put(row, this.properties);
		// Not by assignment: a column may be called __proto__.
		return Object.fromEntries(columns);
	}

	private addNested(values: IDataObject, parent: Property): void {
		for (const [name, value] of Object.entries(values)) {
			const property = propertyAt(parent.nested, name, `${parent.column}_${name}`);
			if (isJsonObject(value)) this.addNested(value, property);
			else if (!property.isColumn) {
				property.isColumn = true;
				this.nested.push(property);
			}
		}
	}

	private nameNested(): void {
		if (this.nested.length === 0) return;
		const own = [...this.properties.values()].filter(({ isColumn }) => isColumn);
		const taken = new Set(own.map(({ column }) => column));
		/** By name, the first number that may be free: to try all of them each time takes for ever. */
		const numbers = new Map<string, number>();
		for (const property of this.nested) {
			const name = property.column;
			let number = numbers.get(name) ?? 2;
			while (taken.has(property.column)) property.column = `${name}_${number++}`;
			numbers.set(name, number);
			taken.add(property.column);
		}
		this.nested = [];
	}
}

function propertyAt(properties: Map<string, Property>, name: string, column: string): Property {
	const known = properties.get(name);
	if (known) return known;
	const property = { column, isColumn: false, nested: new Map<string, Property>() };
	properties.set(name, property);
	return property;
}
