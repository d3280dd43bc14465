import type { GenericValue, IDataObject } from 'n8n-workflow';

import { columnNames } from './csvHeader';
import { calendar } from './eventTime';
import type { FieldReader } from './fieldReader';
import { cellOf, columnOf } from './fieldReader';

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

/** Cells of groups and distinct values together: so many take 250 to 400 MB (measured). */
export const MAX_SUMMARY_CELLS = 5_000_000;

const CALENDAR_FIELDS = ['day', 'week', 'month'] as const;
const isCalendarField = (field: string): field is (typeof CALENDAR_FIELDS)[number] =>
	(CALENDAR_FIELDS as readonly string[]).includes(field);

/** Empty text is no value: rows of companies have it in place of a user. */
const isValue = (value: unknown) => value !== null && value !== undefined && value !== '';

/** The number that a value is, or that its text is; undefined for what is no number. */
function numberIn(value: unknown): number | undefined {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** One value of one group, as far as its rows have come. */
interface Accumulator {
	add(value: unknown): void;
	result(): GenericValue;
}

const PREFIX: Record<Exclude<Aggregation, 'count'>, string> = {
	countUnique: 'unique_count',
	sum: 'sum',
	average: 'average',
	min: 'min',
	max: 'max',
};

export const valueColumn = ({ aggregation, field = '' }: SummaryValue): string =>
	aggregation === 'count' ? 'count' : `${PREFIX[aggregation]}_${columnOf(field)}`;

/** Smaller first, numbers before texts; what is missing comes last. */
function compare(a: GenericValue, b: GenericValue): number {
	if (a === b) return 0;
	if (a === null || b === null) return a === null ? 1 : -1;
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1;
	return String(a) < String(b) ? -1 : 1;
}

class Count implements Accumulator {
	private count = 0;

	add(): void {
		this.count++;
	}

	result(): GenericValue {
		return this.count;
	}
}

class Total implements Accumulator {
	private sum = 0;

	private count = 0;

	private readonly isAverage: boolean;

	private readonly onSkipped: () => void;

	constructor(isAverage: boolean, onSkipped: () => void) {
		this.isAverage = isAverage;
		this.onSkipped = onSkipped;
	}

	add(value: unknown): void {
		if (!isValue(value)) return;
		const number = numberIn(value);
		if (number === undefined) return this.onSkipped();
		this.sum += number;
		this.count++;
	}

	result(): GenericValue {
		if (!this.isAverage) return this.sum;
		return this.count === 0 ? null : this.sum / this.count;
	}
}

/** The smallest or greatest value: of numbers, or as soon as one is no number, of texts. */
class Extreme implements Accumulator {
	private number: number | null = null;

	private text: string | null = null;

	private areAllNumbers = true;

	private readonly direction: 1 | -1;

	constructor(direction: 1 | -1) {
		this.direction = direction;
	}

	add(value: unknown): void {
		if (!isValue(value)) return;
		const number = numberIn(value);
		if (number === undefined) this.areAllNumbers = false;
		else if (this.number === null || this.direction * (number - this.number) > 0) {
			this.number = number;
		}
		const text = String(cellOf(value));
		if (this.text === null || this.direction * compare(text, this.text) > 0) this.text = text;
	}

	result(): GenericValue {
		return this.areAllNumbers ? this.number : this.text;
	}
}

/** The distinct values of a field in all groups, each with a number, so that groups need not hold the texts. */
class DistinctValues {
	private readonly numbers = new Map<string, number>();

	private readonly onNew: () => void;

	/** @param onNew called for each value that is new, and by each group for each that is new to it */
	constructor(onNew: () => void) {
		this.onNew = onNew;
	}

	numberOf(value: unknown): number {
		const text = typeof value === 'string' ? value : String(cellOf(value));
		const known = this.numbers.get(text);
		if (known !== undefined) return known;
		this.onNew();
		this.numbers.set(text, this.numbers.size);
		return this.numbers.size - 1;
	}

	noteInGroup(): void {
		this.onNew();
	}
}

/** Most groups of a long table have one value: only others get a set. */
class UniqueCount implements Accumulator {
	private only = -1;

	private seen: Set<number> | undefined;

	private readonly values: DistinctValues;

	constructor(values: DistinctValues) {
		this.values = values;
	}

	add(value: unknown): void {
		if (!isValue(value)) return;
		const number = this.values.numberOf(value);
		if (number === this.only || this.seen?.has(number)) return;
		this.values.noteInGroup();
		if (this.only < 0) this.only = number;
		else (this.seen ??= new Set([this.only])).add(number);
	}

	result(): GenericValue {
		return this.seen?.size ?? (this.only < 0 ? 0 : 1);
	}
}

/** A number and its text are one group: files of one account may hold an ID as either. */
const keyPart = (value: GenericValue): string => {
	if (value === null) return '-';
	const text = String(value);
	return `${text.length}:${text}`;
};

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

	private readonly groups = new Map<string, Group>();

	private cells = 0;

	private readonly keyReaders: ReadonlyArray<(row: IDataObject) => unknown>;

	private readonly valueReaders: ReadonlyArray<(row: IDataObject) => unknown>;

	private readonly makers: ReadonlyArray<() => Accumulator>;

	private readonly columns: string[];

	constructor({ groupBy, values, readerOf }: SummaryRequest) {
		const dayOf = calendar();
		this.keyReaders = groupBy.map((field) =>
			isCalendarField(field) ? (row) => dayOf(row.inserted_at)?.[field] : readerOf(field),
		);
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
		const cells = [...this.groups.values()].map(({ key, values }) => [
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
		return cells.map((values) =>
			Object.fromEntries(values.map((value, index) => [this.columns[index]!, value])),
		);
	}

	private groupOf(row: IDataObject): Group {
		let id = '';
		for (const read of this.keyReaders) id += keyPart(cellOf(read(row)));
		let group = this.groups.get(id);
		if (!group) {
			this.countCells(this.columns.length);
			const key = this.keyReaders.map((read) => cellOf(read(row)));
			group = { key, values: this.makers.map((make) => make()) };
			this.groups.set(id, group);
		}
		return group;
	}

	private makerOf({ aggregation }: SummaryValue): () => Accumulator {
		const onSkipped = () => {
			this.skippedValues++;
		};
		const distinct = new DistinctValues(() => this.countCells(1));
		const makers: Record<Aggregation, () => Accumulator> = {
			count: () => new Count(),
			countUnique: () => new UniqueCount(distinct),
			sum: () => new Total(false, onSkipped),
			average: () => new Total(true, onSkipped),
			min: () => new Extreme(-1),
			max: () => new Extreme(1),
		};
		return makers[aggregation];
	}

	private countCells(count: number): void {
		this.cells += count;
		if (this.cells <= MAX_SUMMARY_CELLS) return;
		const groups = this.groups.size.toLocaleString('en-US');
		throw new SummaryTooLargeError(
			`The summary needs more than ${MAX_SUMMARY_CELLS.toLocaleString('en-US')} groups and distinct values: ${groups} groups so far`,
		);
	}
}
