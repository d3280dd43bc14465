import type { GenericValue } from 'n8n-workflow';

import { cellOf } from './fieldReader';
import { PairNumbers } from './pairNumbers';

/** Empty text is no value: rows of companies have it in place of a user. */
const isValue = (value: unknown) => value !== null && value !== undefined && value !== '';

/** The number that a value is, or that its text is; undefined for what is no number. */
function numberIn(value: unknown): number | undefined {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** One value of one group, as far as its rows have come. */
export interface Accumulator {
	add(value: unknown): void;
	result(): GenericValue;
}

/** Smaller first, numbers before texts; what is missing comes last. */
export function compare(a: GenericValue, b: GenericValue): number {
	if (a === b) return 0;
	if (a === null || b === null) return a === null ? 1 : -1;
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1;
	return String(a) < String(b) ? -1 : 1;
}

export class Count implements Accumulator {
	private count = 0;

	add(): void {
		this.count++;
	}

	result(): GenericValue {
		return this.count;
	}
}

export class Total implements Accumulator {
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
export class Extreme implements Accumulator {
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

/** Gives each text a number, from 0 on; null is one of them. */
export class Numbering {
	private readonly numbers = new Map<string | null, number>();

	get size(): number {
		return this.numbers.size;
	}

	numberOf(text: string | null): number {
		const known = this.numbers.get(text);
		if (known !== undefined) return known;
		const number = this.numbers.size;
		this.numbers.set(text, number);
		return number;
	}
}

/** A number and its text are one value: files of one account may hold an ID as either. */
export const textOf = (value: unknown): string =>
	typeof value === 'string' ? value : String(cellOf(value));

/** The distinct values of a field: each once, and each once for each group that it is in. */
export class DistinctValues {
	private readonly texts = new Numbering();

	private readonly pairs = new PairNumbers();

	get size(): number {
		return this.texts.size + this.pairs.size;
	}

	/** Whether the value is new in the group. */
	add(group: number, text: string): boolean {
		const { size } = this.pairs;
		return this.pairs.numberOf(group, this.texts.numberOf(text)) === size;
	}
}

export class UniqueCount implements Accumulator {
	private count = 0;

	private readonly group: number;
	private readonly values: DistinctValues;
	private readonly onNew: () => void;

	constructor(group: number, values: DistinctValues, onNew: () => void) {
		this.group = group;
		this.values = values;
		this.onNew = onNew;
	}

	add(value: unknown): void {
		if (!isValue(value) || !this.values.add(this.group, textOf(value))) return;
		this.count++;
		this.onNew();
	}

	result(): GenericValue {
		return this.count;
	}
}
