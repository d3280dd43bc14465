import type { IDataObject } from 'n8n-workflow';

import { EventFilter } from './eventNames';
import type { FieldReader } from './fieldReader';
import { columnsRead, fieldReader } from './fieldReader';
import { flattener } from './flatten';
import type { LatestOf } from './latest';
import { LatestRows } from './latest';
import type { Kind, Label, Names } from './names';
import { LABEL_COLUMNS, NAME_COLUMNS } from './names';
import { fieldPruner, fieldSelector } from './outputFields';

/** What happens to rows between the files and the output. */
export interface StepOptions {
	/** Names or IDs of events; undefined for all events. */
	eventNames?: readonly string[];
	resolveNames: boolean;
	latestOf?: LatestOf;
	flatten: boolean;
	/** Columns, and paths with dots; undefined for all columns. */
	outputFields?: readonly string[];
	/** Columns that rows get only where Output Fields names them. */
	extra?: IDataObject;
}

const isLabelColumn = (field: string): field is keyof Label =>
	(LABEL_COLUMNS as readonly string[]).includes(field);

/** Whether any of the fields is a column that Resolve Names adds. */
export const needNames = (fields: readonly string[]): boolean => fields.some(isLabelColumn);

/** How a step reads a field. A label is read from the names, so that rows need not hold it. */
export const fieldReaderOf =
	({ resolveNames, flatten }: StepOptions, names: Names) =>
	(field: string): FieldReader =>
		resolveNames && isLabelColumn(field)
			? (row) => (field in row ? row[field] : names.labelOf(row)[field])
			: fieldReader(field, flatten);

const withExtra =
	(extra: IDataObject, readerOf: (field: string) => FieldReader) =>
	(field: string): FieldReader =>
		Object.hasOwn(extra, field)
			? (row) => (Object.hasOwn(row, field) ? row[field] : extra[field])
			: readerOf(field);

/** What becomes of the rows at the end of the steps. */
export interface Destination {
	/** The fields that are read of a row; undefined for all. */
	fields?: readonly string[];
	/** What to hold of a row until it is known whether it is the latest. */
	keep(row: IDataObject): IDataObject;
	receive(row: IDataObject): void;
}

/**
 * The first steps: filter by event, resolve names, keep the latest row of each user or company. A row
 * that is filtered out costs nothing in the steps after that.
 */
export class RowSteps {
	readonly filter: EventFilter | undefined;

	readonly latest: LatestRows<IDataObject> | undefined;

	/** The columns that are read of a row, here and at the destination; undefined for all. */
	readonly columns: ReadonlySet<string> | undefined;

	/** Whether `missingKind` may name one. */
	readonly needsNames: boolean;

	private readonly resolveNames: boolean;

	private readonly names: Names;

	private readonly destination: Destination;

	constructor(options: StepOptions, names: Names, destination: Destination) {
		const { eventNames, latestOf, resolveNames, flatten } = options;
		this.names = names;
		this.resolveNames = resolveNames;
		this.needsNames = resolveNames || eventNames !== undefined;
		this.destination = destination;
		this.filter = eventNames && new EventFilter(eventNames, names);
		this.latest = latestOf && new LatestRows(latestOf);
		if (!flatten && destination.fields) {
			this.columns = new Set([
				...(this.needsNames ? NAME_COLUMNS : []),
				...(this.latest?.columns ?? []),
				...destination.fields.flatMap(columnsRead),
			]);
		}
	}

	/** The kind of records that the names need before the steps can take this row; null for none. */
	missingKind(row: IDataObject): Kind | null {
		const { filter, names, resolveNames } = this;
		const missing = filter?.missingKind(row) ?? null;
		if (missing !== null || !resolveNames || filter?.keeps(row) === false) return missing;
		return names.missingKind(row);
	}

	take(row: IDataObject): void {
		const { filter, latest, destination } = this;
		if (filter && !filter.keeps(row)) return;
		if (latest) latest.add(row, destination.keep);
		else destination.receive(destination.keep(row));
	}

	/** Passes on the latest rows, which are known only at the end. */
	finish(): void {
		for (const row of this.latest?.rows() ?? []) this.destination.receive(row);
	}
}

/** The last steps of rows that become items: Flatten and Output Fields. */
export interface RowShape {
	/** The row, without the fields that the output does not need. */
	keep(row: IDataObject): IDataObject;
	/** Takes note of a row that becomes an item. */
	add(row: IDataObject): void;
	/** Makes the final row, after all rows were added. Undefined if rows are final already. */
	finish?: (row: IDataObject) => IDataObject;
}

export function rowShape(options: StepOptions, names: Names): RowShape {
	const { resolveNames, flatten, outputFields, extra = {} } = options;
	if (outputFields && !flatten) {
		const readerOf = withExtra(extra, fieldReaderOf(options, names));
		return { keep: fieldSelector(outputFields, readerOf), add() {} };
	}
	const prune = outputFields ? fieldPruner(outputFields) : (row: IDataObject) => row;
	const keep = (row: IDataObject) => {
		if (resolveNames) names.addLabel(row);
		return prune(row);
	};
	if (!flatten) return { keep, add() {} };
	const { add, flatten: flat } = flattener();
	const readerOf = withExtra(extra, fieldReader);
	const select = outputFields ? fieldSelector(outputFields, readerOf) : (row: IDataObject) => row;
	return {
		keep,
		add,
		finish: (row) => select(flat(row)),
	};
}
