import type { GenericValue, IDataObject } from 'n8n-workflow';

import type { Accumulator } from './accumulators';
import {
	compare,
	Count,
	DistinctValues,
	Extreme,
	Numbering,
	textOf,
	Total,
	UniqueCount,
} from './accumulators';
import { columnNames } from './csvHeader';
import { calendar } from './eventTime';
import type { FieldReader } from './fieldReader';
import { cellOf, columnOf } from './fieldReader';
import { PairNumbers } from './pairNumbers';
import { rowMaker } from './rowMaker';

export type Aggregation = 'count' | 'countUnique' | 'sum' | 'average' | 'min' | 'max';

/** One value of a summary; `field` is unset for `count` alone. */
export interface SummaryValue {
	aggregation: Aggregation;
	field?: string;
}

export interface SummaryRequest {
	/** Columns, paths with dots, or `day`, `week` and `month` of `inserted_at` in UTC. */
	groupBy: readonly string[];
	values: readonly SummaryValue[];
	/** How to read a field. */
	readerOf: (field: string) => FieldReader;
}

/** The groups and distinct values of a summary would fill the memory. */
export class SummaryTooLargeError extends Error {}

/** Groups and distinct values for which n8n grows by up to 560 MB, and for their items by 250 MB more (measured). */
export const MAX_SUMMARY_CELLS = 5_000_000;
/** What a group takes for each of its columns; a distinct value takes one cell. */
const CELLS_PER_COLUMN = 2;

const CALENDAR_FIELDS = ['day', 'week', 'month'] as const;
const isCalendarField = (field: string): field is (typeof CALENDAR_FIELDS)[number] =>
	(CALENDAR_FIELDS as readonly string[]).includes(field);

const PREFIX: Record<Exclude<Aggregation, 'count'>, string> = {
	countUnique: 'unique_count',
	sum: 'sum',
	average: 'average',
	min: 'min',
	max: 'max',
};

export const valueColumn = ({ aggregation, field = '' }: SummaryValue): string =>
	aggregation === 'count' ? 'count' : `${PREFIX[aggregation]}_${columnOf(field)}`;

/** Finds the group of a row: its columns' values as numbers, and these, pair by pair, as one. */
class GroupNumbers {
	private readonly columns: ReadonlyArray<{
		read: (row: IDataObject) => unknown;
		values: Numbering;
		pairs: PairNumbers;
	}>;

	constructor(readers: ReadonlyArray<(row: IDataObject) => unknown>) {
		this.columns = readers.map((read) => ({
			read,
			values: new Numbering(),
			pairs: new PairNumbers(),
		}));
	}

	numberOf(row: IDataObject): number {
		let group = 0;
		for (let index = 0; index < this.columns.length; index++) {
			const { read, values, pairs } = this.columns[index]!;
			const value = read(row) ?? null;
			const number = values.numberOf(value === null ? null : textOf(value));
			group = index === 0 ? number : pairs.numberOf(group, number);
		}
		return group;
	}
}

interface Group {
	key: GenericValue[];
	values: Accumulator[];
}

/**
 * Groups rows and computes values of each group. Memory grows with groups and distinct values, never
 * with rows.
 */
export class Summary {
	/** Values of `sum` and `average` that are no number. */
	skippedValues = 0;

	/** The fields that it reads of a row. */
	readonly fields: readonly string[];

	private readonly groups: Group[] = [];

	private readonly groupNumbers: GroupNumbers;

	private readonly distinct: DistinctValues[] = [];

	private readonly keyReaders: ReadonlyArray<(row: IDataObject) => unknown>;

	private readonly valueReaders: ReadonlyArray<(row: IDataObject) => unknown>;

	private readonly makers: ReadonlyArray<(group: number) => Accumulator>;

	private readonly columns: string[];

	constructor({ groupBy, values, readerOf }: SummaryRequest) {
		this.fields = [
			...groupBy.map((field) => (isCalendarField(field) ? 'inserted_at' : field)),
			...values.flatMap(({ field }) => field ?? []),
		];
		const dayOf = calendar();
		this.keyReaders = groupBy.map((field) =>
			isCalendarField(field) ? (row) => dayOf(row.inserted_at)?.[field] : readerOf(field),
		);
		this.groupNumbers = new GroupNumbers(this.keyReaders);
		this.valueReaders = values.map(({ field }) =>
			field === undefined ? () => undefined : readerOf(field),
		);
		this.makers = values.map((value) => this.makerOf(value));
		this.columns = columnNames([...groupBy.map(columnOf), ...values.map(valueColumn)]);
	}

	/** @throws {SummaryTooLargeError} when groups and distinct values are too many for the memory */
	add(row: IDataObject): void {
		const { values } = this.groupOf(row);
		for (let index = 0; index < values.length; index++) {
			values[index]!.add(this.valueReaders[index]!(row));
		}
	}

	/** One row for each group: the greatest first value first, then in the order of the groups. */
	rows(): IDataObject[] {
		const firstValue = this.keyReaders.length;
		const cells = this.groups.map(({ key, values }) => [
			...key,
			...values.map((value) => value.result()),
		]);
		cells.sort((a, b) => {
			const first = compare(b[firstValue]!, a[firstValue]!);
			if (first !== 0) return a[firstValue] === null || b[firstValue] === null ? -first : first;
			for (let index = 0; index < firstValue; index++) {
				const order = compare(a[index]!, b[index]!);
				if (order !== 0) return order;
			}
			return 0;
		});
		return cells.map(rowMaker(this.columns));
	}

	private groupOf(row: IDataObject): Group {
		const number = this.groupNumbers.numberOf(row);
		const known = this.groups[number];
		if (known) return known;
		this.checkSize();
		const key = this.keyReaders.map((read) => cellOf(read(row)));
		const group = { key, values: this.makers.map((make) => make(number)) };
		this.groups.push(group);
		return group;
	}

	private makerOf({ aggregation }: SummaryValue): (group: number) => Accumulator {
		const onSkipped = () => {
			this.skippedValues++;
		};
		const onNew = () => this.checkSize();
		const values = new DistinctValues();
		this.distinct.push(values);
		const makers: Record<Aggregation, (group: number) => Accumulator> = {
			count: () => new Count(),
			countUnique: (group) => new UniqueCount(group, values, onNew),
			sum: () => new Total(false, onSkipped),
			average: () => new Total(true, onSkipped),
			min: () => new Extreme(-1),
			max: () => new Extreme(1),
		};
		return makers[aggregation];
	}

	private checkSize(): void {
		const { groups, columns, distinct } = this;
		const distinctValues = distinct.reduce((sum, { size }) => sum + size, 0);
		const cells = groups.length * columns.length * CELLS_PER_COLUMN + distinctValues;
		if (cells <= MAX_SUMMARY_CELLS) return;
		const [groupCount, valueCount] = [groups.length, distinctValues].map((count) =>
			count.toLocaleString('en-US'),
		);
		throw new SummaryTooLargeError(
			`The summary is too large: ${groupCount} groups and ${valueCount} distinct values so far`,
		);
	}
}
