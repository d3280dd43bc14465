import { isNestedTooDeep, MAX_LEVELS } from '../api/nesting';
import { isJsonObject, parseExactly, quoteLongNumbers } from './exactJson';
import { anyLineEnds } from './lineEnds';
import type { RowParser, RowSink } from './rowParser';
import { NOT_UTF8, wasUtf8 } from './utf8';

/** In characters. A row that is longer is none, and would fill the memory. */
const LONGEST_ROW = 64 * 1024 * 1024;

const BLANK = /^\s*$/;

/** Files may be joined, each with a byte-order mark of its own. */
const withoutMarks = (text: string) =>
	text.includes('\uFEFF') ? text.replace(/(^|\n)\uFEFF+/g, '$1') : text;

const tooLong = (longestRow: number) =>
	`is longer than ${longestRow.toLocaleString('en-US')} characters`;

/** Parses one row, or says what is wrong with it. */
function parseRow(json: string, sink: RowSink, line: number, quoted?: string): void {
	if (!wasUtf8(json)) {
		sink.badRow(line, NOT_UTF8);
		return;
	}
	let value: unknown;
	try {
		value = parseExactly(json, quoted);
	} catch (error) {
		// The line that V8 names is one of the row, not of the file.
		const words = (error as Error).message.replace(/ \(line \d+ column \d+\)$/, '');
		sink.badRow(line, `is not JSON: ${words}`);
		return;
	}
	if (isNestedTooDeep(value, json)) {
		sink.badRow(line, `is nested more than ${MAX_LEVELS} levels deep`);
	} else if (isJsonObject(value)) sink.row(value);
	else sink.badRow(line, 'is JSON, but not an object');
}

/** Text of a row that may come in several pieces; nothing is kept of one that is too long. */
class UnfinishedText {
	private text = '';

	isTooLong = false;

	private readonly longest: number;

	constructor(longest: number) {
		this.longest = longest;
	}

	add(text: string): void {
		this.isTooLong ||= this.text.length + text.length > this.longest;
		this.text = this.isTooLong ? '' : this.text + text;
	}

	/** What has come, and begins anew. */
	take(): string {
		const { text } = this;
		this.text = '';
		this.isTooLong = false;
		return text;
	}
}

/**
 * JSON objects, one a line (NDJSON); lines end with LF, CRLF or, if the first one does, CR. Blank lines
 * are left out.
 *
 * @param longestRow in characters; about, because a row that comes in one piece may be longer
 */
export const ndjsonParser = (sink: RowSink, longestRow = LONGEST_ROW): RowParser =>
	anyLineEnds(parserOfLines(sink, longestRow));

function parserOfLines(sink: RowSink, longestRow: number): RowParser {
	const unfinished = new UnfinishedText(longestRow);
	let line = 1;

	function parseLines(joined: string): void {
		const text = withoutMarks(joined);
		const lines = text.split('\n');
		const quoted = quoteLongNumbers(text);
		const quotedLines = quoted === text ? lines : quoted.split('\n');
		for (let index = 0; index < lines.length; index++, line++) {
			const json = lines[index]!;
			if (!BLANK.test(json)) parseRow(json, sink, line, quotedLines[index]!);
		}
	}

	function refuseTooLong(): void {
		unfinished.take();
		sink.badRow(line++, tooLong(longestRow));
	}

	return {
		write(text) {
			const end = text.lastIndexOf('\n');
			if (end < 0) return unfinished.add(text);
			let start = 0;
			if (unfinished.isTooLong) {
				refuseTooLong();
				start = text.indexOf('\n') + 1;
			}
			if (start <= end) parseLines(unfinished.take() + text.slice(start, end));
			unfinished.add(text.slice(end + 1));
		},
		end() {
			if (unfinished.isTooLong) refuseTooLong();
			else parseLines(unfinished.take());
		},
	};
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const BYTE_ORDER_MARK = 0xfeff;

class JsonArrayParser implements RowParser {
	private readonly unfinished: UnfinishedText;

	/** Of brackets and braces: 0 before and behind the array, 1 between its elements. */
	private depth = 0;

	private isInText = false;

	private isEscaped = false;

	private hasElements = false;

	private hasEnded = false;

	private isRestRefused = false;

	private line = 1;

	/** Where the element begins; undefined before it does. */
	private elementLine: number | undefined;

	private readonly sink: RowSink;

	private readonly longestRow: number;

	constructor(sink: RowSink, longestRow: number) {
		this.sink = sink;
		this.longestRow = longestRow;
		this.unfinished = new UnfinishedText(longestRow);
	}

	write(piece: string): void {
		let start = 0;
		for (let at = 0; at < piece.length; ) {
			if (this.isInText) {
				at = this.skipText(piece, at);
				continue;
			}
			const code = piece.charCodeAt(at++);
			if (code === NEWLINE) this.line++;
			if (code <= SPACE || code === BYTE_ORDER_MARK) continue;
			if (this.hasEnded) return this.refuseRest();
			if (this.depth === 0) start = at;
			else this.elementLine ??= this.line;
			if (code === QUOTE) this.isInText = true;
			else if (code === OPENING_BRACKET || code === OPENING_BRACE) this.depth++;
			else if (this.depth > 1) {
				if (code === CLOSING_BRACKET || code === CLOSING_BRACE) this.depth--;
			} else if (code === COMMA || code === CLOSING_BRACKET) {
				this.unfinished.add(piece.slice(start, at - 1));
				this.endElement(code === CLOSING_BRACKET);
				start = at;
			}
		}
		if (!this.hasEnded) this.unfinished.add(piece.slice(start));
	}

	end(): void {
		if (this.hasEnded) return;
		this.sink.badRow(
			this.elementLine ?? this.line,
			'is cut off: the JSON array around it does not end',
		);
	}

	private endElement(isLast: boolean): void {
		const line = this.elementLine ?? this.line;
		const { isTooLong } = this.unfinished;
		const json = withoutMarks(this.unfinished.take());
		if (isTooLong) this.sink.badRow(line, tooLong(this.longestRow));
		else if (!BLANK.test(json)) parseRow(json, this.sink, line);
		else if (!isLast || this.hasElements) this.sink.badRow(line, 'is empty: a comma is too many');
		this.hasElements = true;
		this.hasEnded = isLast;
		this.elementLine = undefined;
	}

	private refuseRest(): void {
		if (!this.isRestRefused) this.sink.badRow(this.line, 'stands behind the JSON array');
		this.isRestRefused = true;
	}

	/** Where a text ends that goes on at `from`: behind its closing quote, or at the end of the piece. */
	private skipText(piece: string, from: number): number {
		for (let at = from; at < piece.length; at++) {
			const code = piece.charCodeAt(at);
			if (code === NEWLINE) this.line++;
			if (this.isEscaped) this.isEscaped = false;
			else if (code === BACKSLASH) this.isEscaped = true;
			else if (code === QUOTE) {
				this.isInText = false;
				return at + 1;
			}
		}
		return piece.length;
	}
}

/**
 * A JSON array of objects, of any size: only one of its elements is in memory.
 *
 * @param longestRow in characters
 */
export const jsonArrayParser = (sink: RowSink, longestRow = LONGEST_ROW): RowParser =>
	new JsonArrayParser(sink, longestRow);
