import type { GenericValue, IDataObject } from 'n8n-workflow';

import { JSON_NUMBER, parseExactly } from './exactJson';
import { rowMaker } from './rowMaker';
import { INVALID } from './utf8';

// JSON (RFC 8259) as patterns. At each place, the next character decides how they go on, so that they take
// no longer for text that does not match. Of the white space, only that which other programs print.
const CHARACTERS = String.raw`[^"\\\x00-\x1f${INVALID}]*`;
const TEXT = String.raw`"${CHARACTERS}(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})${CHARACTERS})*"`;
const SCALAR = `(?:${TEXT}|${JSON_NUMBER}|true|false|null)`;
const list = (item: string) => `(?:${item}(?:, ?${item})*)?`;
const nested = (value: string) =>
	String.raw`(?:${SCALAR}|\{${list(`${TEXT}: ?${value}`)}\}|\[${list(value)}\])`;
const NESTED = nested(nested(SCALAR));

const isNested = (value: unknown) => typeof value === 'object' && value !== null;

const literal = (text: string) =>
	JSON.stringify(text).replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** Patterns cost more than they save where each row has other columns, or none fits. */
const MAX_PATTERNS = 4;
const MAX_ROWS_LEARNED = 100;
/** In characters, enough for 80 columns. V8 optimizes patterns of up to 20 KB. */
const MAX_PATTERN_LENGTH = 16 * 1024;
/** In characters. V8 has a limited stack for what a pattern may have to try again. */
const MAX_LENGTH = 64 * 1024;

/** In characters. V8 copies shorter parts of a text; a longer one that is kept keeps all of the text in memory. */
const MAX_COPIED = 12;

/** The value of a JSON text, in memory of its own. */
function valueOf(json: string): GenericValue {
	// A number must stand in an array, where parseExactly looks for one.
	if (!json.startsWith('"')) return (parseExactly(`[${json}]`) as GenericValue[])[0];
	const isCopied = json.length <= MAX_COPIED + 2 && !json.includes('\\');
	return isCopied ? json.slice(1, -1) : (JSON.parse(json) as string);
}

/**
 * Reads some columns of JSON rows, and checks the others without parsing them, in half the time. It takes
 * rows that have the same columns, in the same order, as one that was parsed before.
 */
export class ColumnReader {
	private readonly patterns = new Map<string, (json: string) => IDataObject | undefined>();

	private rowsLearned = 0;

	private readonly columns: ReadonlySet<string>;

	constructor(columns: ReadonlySet<string>) {
		this.columns = columns;
	}

	/** What parsing would give, with these columns alone; undefined for a row that must be parsed. */
	read(json: string): IDataObject | undefined {
		if (json.length > MAX_LENGTH) return undefined;
		for (const read of this.patterns.values()) {
			const row = read(json);
			if (row) return row;
		}
		return undefined;
	}

	/** @param row one that had to be parsed */
	learn(row: IDataObject): void {
		if (this.patterns.size >= MAX_PATTERNS || this.rowsLearned++ >= MAX_ROWS_LEARNED) return;
		const members = Object.entries(row);
		const names = members.map(([name]) => name).filter((name) => this.columns.has(name));
		const patterns = members.map(([name, value]) => {
			const pattern = isNested(value) ? NESTED : SCALAR;
			return `${literal(name)}: ?${this.columns.has(name) ? `(${pattern})` : pattern}`;
		});
		const source = String.raw`^\{${patterns.join(', ?')}\}\r?$`;
		if (this.patterns.has(source) || source.length > MAX_PATTERN_LENGTH) return;
		const pattern = new RegExp(source);
		const makeRow = rowMaker(names);
		this.patterns.set(source, (json) => {
			const found = pattern.exec(json);
			if (!found) return undefined;
			const values: GenericValue[] = [];
			for (let index = 1; index <= names.length; index++) values.push(valueOf(found[index]!));
			return makeRow(values);
		});
	}
}
