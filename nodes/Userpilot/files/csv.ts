import type { IDataObject } from 'n8n-workflow';

import type { RowParser, RowSink } from './rowParser';

const MILLION = 1024 * 1024;
/** In characters. What is longer, such as all that follows a stray quote, would fill the memory. */
const LONGEST_RECORD = 64 * MILLION;
const TOO_LONG = `is longer than ${LONGEST_RECORD / MILLION} million characters, like a quote never closed`;
const NEVER_CLOSED = 'has a quote that is never closed, and takes in all the rest of the file';
const TEXT_BEHIND_QUOTE = 'has text behind a closing quote';

const MOST_COPIED_FIELDS = 100;
/** Set on an object, it would be lost, as it stands for the prototype. */
const IMPOSSIBLE_NAME = '__proto__';

const BYTE_ORDER_MARK = '\uFEFF';
const QUOTE = 0x22;
const COMMA = 0x2c;
const CARRIAGE_RETURN = 0x0d;

/**
 * Reads the records of a text, which may stop in the middle of one. As in RFC 4180, a quote has a
 * meaning only at the beginning of a field; elsewhere it is part of the value, as is a CR without LF.
 *
 * By hand, because no parser fits: of those that pass n8n's scan, csv-parse takes five times as long,
 * and the quick ones throw at a stray quote, or confuse line ends or the number of fields.
 */
class RecordReader {
	/** Where the record begins that was read last, and on which line of the file. */
	start = 0;

	line: number;

	/** Where the next one begins, and on which line. */
	at = 0;

	nextLine: number;

	private readonly text: string;

	/** Whether the file ends with the text. */
	private readonly isEnd: boolean;

	/** The first comma from where we are on; the length of the text where there is none. */
	private comma = -1;

	/** Likewise, the first LF. */
	private lineEnd = -1;

	constructor(text: string, line: number, isEnd: boolean) {
		this.text = text;
		this.line = line;
		this.nextLine = line;
		this.isEnd = isEnd;
	}

	/** The fields of the next record, or what is wrong with it; undefined where it does not end yet. */
	next(): string[] | string | undefined {
		this.skipEmptyLines();
		this.start = this.at;
		this.line = this.nextLine;
		if (this.at >= this.text.length) return undefined;
		const fields: string[] = [];
		for (; ; this.at++) {
			const isQuoted = this.text.charCodeAt(this.at) === QUOTE;
			const value = isQuoted ? this.quotedField() : this.plainField();
			if (value === undefined) return this.isEnd ? this.endRecord(NEVER_CLOSED) : undefined;
			fields.push(value);
			if (this.text.charCodeAt(this.at) === COMMA) continue;
			if (this.stopsShort()) return undefined;
			return this.endRecord(this.at === this.contentEnd() ? fields : TEXT_BEHIND_QUOTE);
		}
	}

	private endRecord<Outcome>(outcome: Outcome): Outcome {
		this.at = this.lineEnd + 1;
		this.nextLine++;
		return outcome;
	}

	private skipEmptyLines(): void {
		for (; this.at < this.text.length; this.endRecord(undefined)) {
			if (this.lineEnd < this.at) this.lineEnd = this.find('\n', this.at);
			if (this.stopsShort() || this.at !== this.contentEnd()) return;
		}
	}

	private plainField(): string {
		const { at } = this;
		if (this.comma < at) this.comma = this.find(',', at);
		this.at = this.comma < this.lineEnd ? this.comma : this.contentEnd();
		return this.text.slice(at, this.at);
	}

	/** The value, or undefined where its closing quote is missing. Goes on to behind that quote. */
	private quotedField(): string | undefined {
		const { text } = this;
		const from = this.at + 1;
		let isDoubled = false;
		let quote = text.indexOf('"', from);
		while (quote >= 0 && text.charCodeAt(quote + 1) === QUOTE) {
			isDoubled = true;
			quote = text.indexOf('"', quote + 2);
		}
		this.at = quote < 0 ? text.length : quote + 1;
		for (; this.lineEnd < this.at; this.nextLine++) {
			this.lineEnd = this.find('\n', this.lineEnd + 1);
		}
		if (quote < 0) return undefined;
		const value = text.slice(from, quote);
		return isDoubled ? value.replaceAll('""', '"') : value;
	}

	/** Whether the end of the line is not yet known. */
	private stopsShort(): boolean {
		return this.lineEnd === this.text.length && !this.isEnd;
	}

	/** Where the line's text ends, before its CRLF or LF. */
	private contentEnd(): number {
		const beforeEnd = this.lineEnd - 1;
		return this.text.charCodeAt(beforeEnd) === CARRIAGE_RETURN ? beforeEnd : this.lineEnd;
	}

	private find(mark: string, from: number): number {
		const found = this.text.indexOf(mark, from);
		return found < 0 ? this.text.length : found;
	}
}

/** The header as names of fields, each of them once; what the header itself names keeps its name. */
function columnNames(header: string[]): string[] {
	const taken = new Set(header);
	const given = new Set([IMPOSSIBLE_NAME]);
	const nextNumbers = new Map<string, number>();
	return header.map((title, index) => {
		const isBlank = title.trim() === '';
		const wanted = isBlank ? `column_${index + 1}` : title;
		let name = wanted;
		if (isBlank ? taken.has(wanted) : given.has(wanted)) {
			let number = nextNumbers.get(wanted) ?? 2;
			while (taken.has(`${wanted}_${number}`)) number++;
			nextNumbers.set(wanted, number + 1);
			name = `${wanted}_${number}`;
		}
		taken.add(name);
		given.add(name);
		return name;
	});
}

/**
 * Makes rows with these names. As a copy of one that has them all already, a row takes a third less
 * memory and less time than with names added one by one. That holds for an object that comes from JSON
 * and has less than 128 fields; V8 copies others several times as slowly.
 */
function rowMaker(names: string[]): (values: string[]) => IDataObject {
	const members = names.map((name) => `${JSON.stringify(name)}:""`);
	const json = names.length <= MOST_COPIED_FIELDS ? `{${members.join(',')}}` : '{}';
	const pattern = JSON.parse(json) as IDataObject;
	return (values) => {
		const row = { ...pattern };
		for (let index = 0; index < names.length; index++) row[names[index]!] = values[index];
		return row;
	};
}

const fields = (count: number) => (count === 1 ? '1 field' : `${count} fields`);

/**
 * CSV (RFC 4180) with a header; records end with CRLF or LF, empty lines are left out. Values stay
 * text as it is. A name that the header repeats gets a number, a blank one becomes `column_<n>`.
 *
 * A record with too many or too few fields, with text behind a closing quote, or with a quote that is
 * never closed, is a bad row. So is one of more than 64 million characters; reading goes on with the
 * line behind those. Of a file whose header is bad, nothing more is read.
 */
export function csvParser(sink: RowSink): RowParser {
	/** From the beginning of a record on. */
	let unread = '';
	/** How long it must be for another try: a long record in many pieces would else take for ever. */
	let readableLength = 1;
	let line = 1;
	let names: string[] | undefined;
	let rowOf: (values: string[]) => IDataObject;
	let isAtStart = true;
	/** Whether to leave out what comes up to the end of the line. */
	let isLeavingOut = false;
	let isHeaderBad = false;

	function badRecord(at: number, problem: string): void {
		isHeaderBad = names === undefined;
		sink.badRow(at, isHeaderBad ? `is the header, and ${problem}` : problem);
	}

	function takeRecord(record: string[] | string, at: number): void {
		if (typeof record === 'string') badRecord(at, record);
		else if (!names) {
			names = columnNames(record);
			rowOf = rowMaker(names);
		} else if (record.length === names.length) sink.row(rowOf(record));
		else badRecord(at, `has ${fields(record.length)} where the header has ${names.length}`);
	}

	/** Takes off a text, and with it the lines that end in it. */
	function leaveOut(length: number): void {
		for (let at = unread.indexOf('\n'); at >= 0 && at < length; at = unread.indexOf('\n', at + 1)) {
			line++;
		}
		unread = unread.slice(length);
	}

	/** Reads all whole records, or up to one that is too long; tells whether it came to one. */
	function readRecords(isEnd: boolean): boolean {
		const reader = new RecordReader(unread, line, isEnd);
		let isTooLong = false;
		while (!isTooLong && !isHeaderBad) {
			const record = reader.next();
			const end = record === undefined ? unread.length : reader.at;
			isTooLong = end - reader.start > LONGEST_RECORD;
			if (isTooLong) badRecord(reader.line, TOO_LONG);
			else if (record === undefined) break;
			else takeRecord(record, reader.line);
		}
		line = reader.line;
		unread = unread.slice(reader.start);
		return isTooLong;
	}

	function read(isEnd: boolean): void {
		do {
			if (isLeavingOut) {
				const lineEnd = unread.indexOf('\n');
				leaveOut(lineEnd < 0 ? unread.length : lineEnd + 1);
				if (lineEnd < 0) break;
			}
			isLeavingOut = readRecords(isEnd);
			if (isLeavingOut) leaveOut(LONGEST_RECORD);
		} while (isLeavingOut);
		readableLength = Math.min(2 * unread.length, LONGEST_RECORD + 1);
	}

	return {
		write(text) {
			if (isHeaderBad || text === '') return;
			unread += isAtStart && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
			isAtStart = false;
			if (unread.length >= readableLength) read(false);
		},
		end() {
			if (!isHeaderBad) read(true);
		},
	};
}
