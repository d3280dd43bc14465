import type { GenericValue, IDataObject } from 'n8n-workflow';

import { parseExactly } from './exactJson';
import { rowMaker } from './rowMaker';
import { INVALID } from './utf8';

// JSON (RFC 8259) as patterns. The next character always decides which alternative applies, so text that does
// not match takes no longer. They allow only the white space that programs usually print.
const CHARACTERS = String.raw`[^"\\\x00-\x1f${INVALID}]*`;
const TEXT = String.raw`"${CHARACTERS}(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})${CHARACTERS})*"`;
const NUMBER = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;
const SCALAR = `(?:${TEXT}|${NUMBER}|true|false|null)`;
const list = (item: string) => `(?:${item}(?:, ?${item})*)?`;
const nested = (value: string) =>
	String.raw`(?:${SCALAR}|\{${list(`${TEXT}: ?${value}`)}\}|\[${list(value)}\])`;
const NESTED = nested(nested(SCALAR));

const SPACE = String.raw`[ \t\r\n]*`;

const isNested = (value: unknown) => typeof value === 'object' && value !== null;

const literal = (text: string) =>
	JSON.stringify(text).replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** Patterns cost more than they save where each row has other columns, or none fits. */
const MAX_PATTERNS = 4;
const MAX_ROWS_LEARNED = 50;
/** In characters. V8 does not optimize patterns of more than 20 KB. */
const MAX_PATTERN_LENGTH = 16 * 1024;
/** In characters. V8 keeps a stack of where a pattern can go back to, and its size is limited. */
const MAX_LENGTH = 64 * 1024;

/** In characters. V8 copies such a short part of a text; a longer one keeps all of the text in memory. */
const MAX_COPIED = 12;

/** The value of a JSON text, in memory of its own. */
function valueOf(json: string): GenericValue {
	// A number must stand in an array, where parseExactly looks for one.
	if (!json.startsWith('"')) return (parseExactly(`[${json}]`) as GenericValue[])[0];
	const isCopied = json.length <= MAX_COPIED + 2 && !json.includes('\\');
	return isCopied ? json.slice(1, -1) : (JSON.parse(json) as string);
}

/** Reads the rows that have certain columns. */
interface Pattern {
	/** The columns that may hold nested values. */
	nestedNames: ReadonlySet<string>;
	read(json: string): IDataObject | undefined;
}

/**
 * Reads some columns of JSON rows, and checks the others without parsing them, in half the time. It takes
 * rows that have the same columns, in the same order, as one that was parsed before.
 */
export class ColumnReader {
	/** By the names of the columns. */
	private readonly patterns = new Map<string, Pattern>();

	private rowsLearned = 0;

	private readonly columns: ReadonlySet<string>;

	constructor(columns: ReadonlySet<string>) {
		this.columns = columns;
	}

	/** What parsing would give, with these columns alone; undefined for a row that must be parsed. */
	read(json: string): IDataObject | undefined {
		if (json.length > MAX_LENGTH) return undefined;
		for (const { read } of this.patterns.values()) {
			const row = read(json);
			if (row) return row;
		}
		return undefined;
	}

	/** @param row one that had to be parsed */
	learn(row: IDataObject): void {
		if (this.rowsLearned++ >= MAX_ROWS_LEARNED) return;
		const names = Object.keys(row);
		const kind = JSON.stringify(names);
		const known = this.patterns.get(kind);
		const nestedNames = names.filter((name) => known?.nestedNames.has(name) || isNested(row[name]));
		if (known?.nestedNames.size === nestedNames.length) return;
		const pattern = this.patternOf(names, new Set(nestedNames));
		if (!pattern) return;
		this.patterns.delete(kind);
		const [oldest] = this.patterns.keys();
		if (oldest !== undefined && this.patterns.size >= MAX_PATTERNS) this.patterns.delete(oldest);
		this.patterns.set(kind, pattern);
	}

	private patternOf(names: string[], nestedNames: ReadonlySet<string>): Pattern | undefined {
		const members = names.map((name) => {
			const value = nestedNames.has(name) ? NESTED : SCALAR;
			return `${literal(name)}: ?${this.columns.has(name) ? `(${value})` : value}`;
		});
		const source = `^${SPACE}\\{${members.join(', ?')}\\}${SPACE}$`;
		if (source.length > MAX_PATTERN_LENGTH) return undefined;
		const pattern = new RegExp(source);
		const ownNames = names.filter((name) => this.columns.has(name));
		const makeRow = rowMaker(ownNames);
		const read = (json: string) => {
			const found = pattern.exec(json);
			if (!found) return undefined;
			const values: GenericValue[] = [];
			for (let index = 1; index <= ownNames.length; index++) values.push(valueOf(found[index]!));
			return makeRow(values);
		};
		return { nestedNames, read };
	}
}
