import { isNestedTooDeep, MAX_LEVELS } from '../api/nesting';
import { ColumnReader } from './columnReader';
import { isJsonObject, parseExactly } from './exactJson';
import type { RowSink } from './rowParser';
import { NOT_UTF8, wasUtf8 } from './utf8';

/** In characters. Longer rows would fill the memory. */
export const MAX_ROW_LENGTH = 64 * 1024 * 1024;

export const isBlank = (text: string) => /^\s*$/.test(text);

/** Files may be joined, each with a byte-order mark of its own. */
export const withoutMarks = (text: string) =>
	text.includes('\uFEFF') ? text.replace(/(^|\n)\uFEFF+/g, '$1') : text;

export const tooLong = (maxLength: number) =>
	`is longer than ${maxLength.toLocaleString('en-US')} characters`;

/**
 * Parses one row, or says what is wrong with it.
 *
 * @param quoted the row with its long numbers quoted, if that is known
 */
export type ParseRow = (json: string, line: number, quoted?: string) => void;

/** Parses rows one by one: only the columns that the sink reads, where it names them. */
export function rowParser(sink: RowSink): ParseRow {
	const { columns } = sink;
	if (!columns) return (json, line, quoted) => parseRow(json, sink, line, quoted);
	const reader = new ColumnReader(columns);
	const learning: RowSink = {
		...sink,
		row(row) {
			reader.learn(row);
			sink.row(row);
		},
	};
	return (json, line) => {
		const row = reader.read(json);
		if (row) sink.row(row);
		else parseRow(json, learning, line);
	};
}

function parseRow(json: string, sink: RowSink, line: number, quoted?: string): void {
	if (!wasUtf8(json)) {
		sink.invalidRow(line, NOT_UTF8);
		return;
	}
	let value: unknown;
	try {
		value = parseExactly(json, quoted);
	} catch (error) {
		// The line that V8 names is one of the row, not of the file.
		const reason = (error as Error).message.replace(/ \(line \d+ column \d+\)$/, '');
		sink.invalidRow(line, `is not JSON: ${reason}`);
		return;
	}
	if (isNestedTooDeep(value, json)) {
		sink.invalidRow(line, `is nested more than ${MAX_LEVELS} levels deep`);
	} else if (isJsonObject(value)) sink.row(value);
	else sink.invalidRow(line, 'is JSON, but not an object');
}

/** A row's text with more of it. Undefined once it is too long, so that nothing of it is kept. */
export const extended = (row: string | undefined, more: string, maxLength: number) =>
	row === undefined || row.length + more.length > maxLength ? undefined : row + more;
