import { columnNames, separatorWarning } from './csvHeader';
import type { RowMaker } from './rowMaker';
import { rowMaker } from './rowMaker';
import type { RowParser, RowSink } from './rowParser';
import { anyLineEnds } from './rowParser';
import { NOT_UTF8, wasUtf8 } from './utf8';

const MILLION = 1024 * 1024;
/** In characters. Longer records, such as all that follows a stray quote, would fill the memory. */
const MAX_RECORD_LENGTH = 64 * MILLION;
const TOO_LONG = `is longer than ${MAX_RECORD_LENGTH / MILLION} million characters, probably because of an unclosed quote`;
const UNCLOSED_QUOTE = 'has an unclosed quote, so the rest of the file was read as one field';
const TEXT_AFTER_QUOTE = 'has text after a closing quote';

/** A field with a doubled quote is two matches, side by side. */
const QUOTED = /"[^"]*"?/g;
const QUOTE = 0x22;
const COMMA = 0x2c;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = 0xfeff;

interface CsvRecord {
	/** Its fields, or what is wrong with it. An empty line has no field. */
	content: string[] | string;
	/** Where the next record starts. */
	end: number;
	/** The number of lines it takes. */
	lines: number;
}

/** The index of the next LF, or the end of the text. */
function lineEndFrom(text: string, from: number): number {
	const found = text.indexOf('\n', from);
	return found < 0 ? text.length : found;
}

/** The same without the CR of a CRLF. */
const contentEndOf = (text: string, lineEnd: number) =>
	text.charCodeAt(lineEnd - 1) === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;

/** The index of the closing quote of a field whose content starts at `from`; -1 for none. */
function closingQuote(text: string, from: number): number {
	let quote = text.indexOf('"', from);
	while (quote >= 0 && text.charCodeAt(quote + 1) === QUOTE) quote = text.indexOf('"', quote + 2);
	return quote;
}

/**
 * Reads the record that starts at `start`; undefined if it has no end yet. As in RFC 4180, a quote has a
 * meaning only at the start of a field. Elsewhere it is part of the value, as is a CR without LF.
 *
 * By hand, because no parser fits: of those that pass n8n's scan, csv-parse takes more time and memory,
 * and the fast ones throw at a stray quote, or confuse line ends or the number of fields.
 *
 * @param isEnd whether the file ends with the text
 */
function readRecord(text: string, start: number, isEnd: boolean): CsvRecord | undefined {
	let lineEnd = lineEndFrom(text, start);
	if (lineEnd === text.length && !isEnd) return undefined;
	let contentEnd = contentEndOf(text, lineEnd);
	const line = text.slice(start, contentEnd);
	if (!line.includes('"')) {
		return { content: line === '' ? [] : line.split(','), end: lineEnd + 1, lines: 1 };
	}
	const fields: string[] = [];
	let lines = 1;
	for (let at = start; ; at++) {
		if (text.charCodeAt(at) === QUOTE) {
			const quote = closingQuote(text, at + 1);
			if (quote < 0 && !isEnd) return undefined;
			const valueEnd = quote < 0 ? text.length - 1 : quote;
			for (; lineEnd < valueEnd; lines++) lineEnd = lineEndFrom(text, lineEnd + 1);
			if (quote < 0) return { content: UNCLOSED_QUOTE, end: lineEnd + 1, lines };
			if (lineEnd === text.length && !isEnd) return undefined;
			contentEnd = contentEndOf(text, lineEnd);
			// The result is a rope of many parts, which takes several times the memory until it is copied.
			fields.push(text.slice(at + 1, quote).replace(/""/g, '"'));
			at = quote + 1;
		} else {
			const rest = text.slice(at, contentEnd);
			const quoted = rest.indexOf(',"');
			const plain = quoted < 0 ? rest : rest.slice(0, quoted);
			for (const field of plain.split(',')) fields.push(field);
			at += plain.length;
		}
		if (text.charCodeAt(at) === COMMA) continue;
		const content = at === contentEnd ? fields : TEXT_AFTER_QUOTE;
		return { content, end: lineEnd + 1, lines };
	}
}

/**
 * Copies fields: as slices of the file's text, a few that are kept would keep all of it in memory. JSON
 * is the fastest way to copy, and makes one of short values that repeat.
 */
const copied = (fields: string[]) => JSON.parse(JSON.stringify(fields)) as string[];

const fieldCount = (count: number) => (count === 1 ? '1 field' : `${count} fields`);

class CsvParser implements RowParser {
	private text = '';

	/** Where the next record starts in the text. */
	private start = 0;

	/** The length of text at which to try again: trying at each chunk of a long record would take forever. */
	private nextTryLength = 1;

	private line = 1;
	private wasAllUtf8 = true;
	private names: string[] | undefined;
	private makeRow: RowMaker = () => ({});

	/** What looks wrong about the header. */
	private warning: string | undefined;

	private skipping: 'nothing' | 'line' | 'file' = 'nothing';
	private readonly sink: RowSink;

	constructor(sink: RowSink) {
		this.sink = sink;
	}

	write(text: string): void {
		this.wasAllUtf8 &&= wasUtf8(text);
		this.text += text;
		if (this.text.length >= this.nextTryLength) this.read(false);
	}

	end(): void {
		this.read(true);
	}

	private read(isEnd: boolean): void {
		while (this.readNext(isEnd));
		this.text = this.text.slice(this.start);
		this.start = 0;
		this.nextTryLength = Math.min(2 * this.text.length, MAX_RECORD_LENGTH + 1);
	}

	/** Reads or skips what comes next; tells whether there may be more. */
	private readNext(isEnd: boolean): boolean {
		const { text } = this;
		if (this.skipping === 'line') return this.skipLine();
		if (this.skipping === 'file') return this.lose(text.length);
		while (text.charCodeAt(this.start) === BYTE_ORDER_MARK) this.start++;
		const { start } = this;
		const record = start === text.length ? undefined : readRecord(text, start, isEnd);
		if ((record?.end ?? text.length) - start > MAX_RECORD_LENGTH) {
			this.skipping = 'line';
			this.refuse(TOO_LONG);
			this.lose(start + MAX_RECORD_LENGTH);
			return true;
		}
		if (!record) return false;
		if (record.content.length > 0) this.take(record);
		this.line += record.lines;
		this.start = Math.min(record.end, text.length);
		return true;
	}

	private take(record: CsvRecord): void {
		const problem = this.problemOf(record);
		if (problem !== undefined) {
			this.refuse(problem);
			if (record.lines > 1) this.sink.linesLost?.(record.lines - 1);
			return;
		}
		const fields = record.content as string[];
		if (this.names) return this.sink.row(this.makeRow(copied(fields)));
		this.names = columnNames(fields);
		this.makeRow = rowMaker(this.names);
		if (this.warning) this.sink.warn?.(this.warning);
	}

	private problemOf({ content, end }: CsvRecord): string | undefined {
		if (!this.wasAllUtf8 && !wasUtf8(this.text.slice(this.start, end))) return NOT_UTF8;
		const isRecord = typeof content !== 'string';
		if (!this.names) {
			const firstLine = this.text.slice(this.start, lineEndFrom(this.text, this.start));
			this.warning = separatorWarning(isRecord ? content : firstLine.split(','));
		}
		const expected = this.names?.length ?? content.length;
		if (isRecord && content.length === expected) return undefined;
		const problem = isRecord
			? `has ${fieldCount(content.length)} where the header has ${expected}`
			: content;
		return this.warning ? `${problem}; the file ${this.warning}` : problem;
	}

	private refuse(problem: string): void {
		this.sink.invalidRow(this.line, this.names ? problem : `is the header, and ${problem}`);
		if (!this.names) this.skipping = 'file';
	}

	/** Skips the rest of a line; tells whether its end was there. */
	private skipLine(): boolean {
		const lineEnd = this.text.indexOf('\n', this.start);
		if (lineEnd < 0) return this.lose(this.text.length);
		this.start = lineEnd + 1;
		this.line++;
		this.skipping = 'nothing';
		return true;
	}

	/** Skips text up to an index, and counts the lines that end in it as lost. */
	private lose(end: number): boolean {
		let lines = 0;
		let at = this.text.indexOf('\n', this.start);
		for (; at >= 0 && at < end; lines++) at = this.text.indexOf('\n', at + 1);
		if (lines > 0) this.sink.linesLost?.(lines);
		this.line += lines;
		this.start = end;
		return false;
	}
}

/**
 * CSV (RFC 4180) with a header. Records end with CRLF, LF or, if the header does, CR. Empty lines are
 * skipped, and so is a byte-order mark before a record, because files may be joined. Values stay the text
 * that they are. A name that the header repeats gets a number, a blank one becomes `column_<n>`.
 *
 * A record is invalid if it has too many or too few fields, text after a closing quote, bytes that are
 * not UTF-8, an unclosed quote, or more than 64 million characters; reading goes on with the line after
 * that. Lines that a stray quote takes in are lost, and counted: nobody can tell them from a value with
 * line ends, of which no rows may be made. After an invalid header, all lines are lost.
 */
export const csvParser = (sink: RowSink): RowParser => anyLineEnds(new CsvParser(sink), QUOTED);
