import type { IDataObject } from 'n8n-workflow';

import { columnNames, rowMaker, separatorDoubt } from './csvHeader';
import { anyLineEnds } from './lineEnds';
import type { RowParser, RowSink } from './rowParser';
import { NOT_UTF8, wasUtf8 } from './utf8';

const MILLION = 1024 * 1024;
/** In characters. What is longer, such as all that follows a stray quote, would fill the memory. */
const LONGEST_RECORD = 64 * MILLION;
const TOO_LONG = `is longer than ${LONGEST_RECORD / MILLION} million characters, like a quote never closed`;
const NEVER_CLOSED = 'has a quote that is never closed, and takes in all the rest of the file';
const TEXT_BEHIND_QUOTE = 'has text behind a closing quote';

/** With a doubled quote it is two of them, side by side. */
const QUOTED = /"[^"]*"?/g;
const QUOTE = 0x22;
const COMMA = 0x2c;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = 0xfeff;

/** One record of a text. */
interface CsvRecord {
	/** Its fields, or what is wrong with it; an empty line has no field. */
	content: string[] | string;
	/** Where the next record begins. */
	end: number;
	/** How many lines it takes. */
	lines: number;
}

/** Where a line ends, without its LF; at the end of the text where there is none. */
function lineEndFrom(text: string, from: number): number {
	const found = text.indexOf('\n', from);
	return found < 0 ? text.length : found;
}

/** The same, without its CRLF. */
const contentEndOf = (text: string, lineEnd: number) =>
	text.charCodeAt(lineEnd - 1) === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;

/** The closing quote of a field whose content begins there; -1 for none. */
function closingQuote(text: string, from: number): number {
	let quote = text.indexOf('"', from);
	while (quote >= 0 && text.charCodeAt(quote + 1) === QUOTE) quote = text.indexOf('"', quote + 2);
	return quote;
}

/**
 * Reads the record that a text begins with; undefined where it does not end yet. As in RFC 4180, a quote
 * has a meaning only at the beginning of a field; elsewhere it is part of the value, as is a CR without LF.
 *
 * By hand, because no parser fits: of those that pass n8n's scan, csv-parse takes longer and more memory,
 * and the quick ones throw at a stray quote, or confuse line ends or the number of fields.
 *
 * @param isEnd whether the file ends with the text
 */
function readRecord(text: string, isEnd: boolean): CsvRecord | undefined {
	let lineEnd = lineEndFrom(text, 0);
	if (lineEnd === text.length && !isEnd) return undefined;
	let contentEnd = contentEndOf(text, lineEnd);
	const line = text.slice(0, contentEnd);
	if (!line.includes('"')) {
		return { content: line === '' ? [] : line.split(','), end: lineEnd + 1, lines: 1 };
	}
	const fields: string[] = [];
	let lines = 1;
	for (let at = 0; ; at++) {
		if (text.charCodeAt(at) === QUOTE) {
			const quote = closingQuote(text, at + 1);
			if (quote < 0 && !isEnd) return undefined;
			const valueEnd = quote < 0 ? text.length - 1 : quote;
			for (; lineEnd < valueEnd; lines++) lineEnd = lineEndFrom(text, lineEnd + 1);
			if (quote < 0) return { content: NEVER_CLOSED, end: lineEnd + 1, lines };
			if (lineEnd === text.length && !isEnd) return undefined;
			contentEnd = contentEndOf(text, lineEnd);
			// What it leaves is a rope of many parts, which takes several times the memory until it is copied.
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
		const content = at === contentEnd ? fields : TEXT_BEHIND_QUOTE;
		return { content, end: lineEnd + 1, lines };
	}
}

/**
 * The fields as texts of their own: as parts of the file's text, a few that are kept would keep all of
 * it in memory. JSON is the quickest way to copy, and short values that repeat become one.
 */
const copied = (fields: string[]) => JSON.parse(JSON.stringify(fields)) as string[];

const fields = (count: number) => (count === 1 ? '1 field' : `${count} fields`);

class CsvParser implements RowParser {
	/** From the beginning of a record on. */
	private unread = '';

	/** How long it must be for another try: a long record in many chunks would else take for ever. */
	private readableLength = 1;

	private line = 1;

	private wasAllUtf8 = true;

	private names: string[] | undefined;

	private makeRow: (values: string[]) => IDataObject = () => ({});

	/** What looks wrong about the header. */
	private doubt: string | undefined;

	/** What to skip of what comes: nothing, all up to the end of the line, or all. */
	private skipping: 'nothing' | 'line' | 'all' = 'nothing';

	private readonly sink: RowSink;

	constructor(sink: RowSink) {
		this.sink = sink;
	}

	write(text: string): void {
		this.wasAllUtf8 &&= wasUtf8(text);
		this.unread += text;
		if (this.unread.length >= this.readableLength) this.read(false);
	}

	end(): void {
		this.read(true);
	}

	private read(isEnd: boolean): void {
		while (this.readNext(isEnd));
		this.readableLength = Math.min(2 * this.unread.length, LONGEST_RECORD + 1);
	}

	/** Takes the next record off the unread text, or what is to be skipped; tells whether there may be more. */
	private readNext(isEnd: boolean): boolean {
		if (this.skipping === 'line') return this.skipLine();
		if (this.skipping === 'all') return this.lose(this.unread.length);
		while (this.unread.charCodeAt(0) === BYTE_ORDER_MARK) this.unread = this.unread.slice(1);
		const record = this.unread === '' ? undefined : readRecord(this.unread, isEnd);
		if ((record?.end ?? this.unread.length) > LONGEST_RECORD) {
			this.skipping = 'line';
			this.badRecord(TOO_LONG);
			this.lose(LONGEST_RECORD);
			return true;
		}
		if (!record) return false;
		if (record.content.length > 0) this.take(record);
		this.line += record.lines;
		this.unread = this.unread.slice(record.end);
		return true;
	}

	private take({ content, end, lines }: CsvRecord): void {
		const problem = this.problemOf(content, this.unread.slice(0, end));
		if (problem !== undefined) {
			this.badRecord(problem);
			if (lines > 1) this.sink.linesLost?.(lines - 1);
		} else if (this.names) this.sink.row(this.makeRow(copied(content as string[])));
		else this.takeHeader(content as string[]);
	}

	private problemOf(content: string[] | string, text: string): string | undefined {
		if (!this.wasAllUtf8 && !wasUtf8(text)) return NOT_UTF8;
		const isRecord = typeof content !== 'string';
		if (!this.names) {
			this.doubt = separatorDoubt(isRecord ? content : text.split('\n', 1).join().split(','));
		}
		const owed = this.names?.length ?? content.length;
		if (isRecord && content.length === owed) return undefined;
		const problem = isRecord
			? `has ${fields(content.length)} where the header has ${owed}`
			: content;
		return this.doubt ? `${problem}; the file ${this.doubt}` : problem;
	}

	private takeHeader(header: string[]): void {
		this.names = columnNames(header);
		this.makeRow = rowMaker(this.names);
		if (this.doubt) this.sink.warn?.(this.doubt);
	}

	private badRecord(problem: string): void {
		this.sink.badRow(this.line, this.names ? problem : `is the header, and ${problem}`);
		if (!this.names) this.skipping = 'all';
	}

	/** Skips up to the end of the line; tells whether it has come. */
	private skipLine(): boolean {
		const lineEnd = this.unread.indexOf('\n');
		if (lineEnd < 0) return this.lose(this.unread.length);
		this.unread = this.unread.slice(lineEnd + 1);
		this.line++;
		this.skipping = 'nothing';
		return true;
	}

	/** Takes off so much of the unread text, and counts the lines that end in it as lost. */
	private lose(length: number): boolean {
		let lines = 0;
		for (let at = this.unread.indexOf('\n'); at >= 0 && at < length; lines++) {
			at = this.unread.indexOf('\n', at + 1);
		}
		if (lines > 0) this.sink.linesLost?.(lines);
		this.line += lines;
		this.unread = this.unread.slice(length);
		return false;
	}
}

/**
 * CSV (RFC 4180) with a header; records end with CRLF, LF or, if the header does, CR. Empty lines are
 * left out, and so is a byte-order mark in front of a record: files may be joined. Values stay text as
 * it is. A name that the header repeats gets a number, a blank one becomes `column_<n>`.
 *
 * A record with too many or too few fields, with text behind a closing quote, with bytes that are not
 * UTF-8, or with a quote that is never closed, is a bad row. So is one of more than 64 million
 * characters; reading goes on with the line behind those. Lines that a stray quote takes in are lost,
 * and counted: nobody can tell them from text with line ends, of which no rows may be made. Of a file
 * whose header is bad, all lines are lost.
 */
export const csvParser = (sink: RowSink): RowParser => anyLineEnds(new CsvParser(sink), QUOTED);
