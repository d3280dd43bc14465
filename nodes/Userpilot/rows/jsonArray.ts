import type { ParseRow } from './jsonRow';
import { extended, isBlank, MAX_ROW_LENGTH, rowParser, tooLong, withoutMarks } from './jsonRow';
import type { RowParser, RowSink } from './rowParser';

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
	/** The element so far; undefined if it is too long. */
	private element: string | undefined = '';

	/** Of brackets and braces: 0 outside of the array, 1 between its elements. */
	private depth = 0;

	private isInString = false;
	private isEscaped = false;
	private hasElements = false;
	private hasEnded = false;
	private isRestRefused = false;
	private line = 1;

	/** Where the element starts; undefined before it does. */
	private elementLine: number | undefined;

	private readonly sink: RowSink;
	private readonly parseRow: ParseRow;
	private readonly maxLength: number;

	constructor(sink: RowSink, maxLength: number) {
		this.sink = sink;
		this.parseRow = rowParser(sink);
		this.maxLength = maxLength;
	}

	write(text: string): void {
		let start = 0;
		for (let at = 0; at < text.length; ) {
			if (this.isInString) {
				at = this.skipString(text, at);
				continue;
			}
			const code = text.charCodeAt(at++);
			if (code === NEWLINE) this.line++;
			if (code <= SPACE || code === BYTE_ORDER_MARK) continue;
			if (this.hasEnded) return this.refuseRest();
			if (this.depth === 0) start = at;
			else this.elementLine ??= this.line;
			if (code === QUOTE) this.isInString = true;
			else if (code === OPENING_BRACKET || code === OPENING_BRACE) this.depth++;
			else if (this.depth > 1) {
				if (code === CLOSING_BRACKET || code === CLOSING_BRACE) this.depth--;
			} else if (code === COMMA || code === CLOSING_BRACKET) {
				this.element = extended(this.element, text.slice(start, at - 1), this.maxLength);
				this.endElement(code === CLOSING_BRACKET);
				start = at;
			}
		}
		if (!this.hasEnded) this.element = extended(this.element, text.slice(start), this.maxLength);
	}

	end(): void {
		if (this.hasEnded) return;
		const line = this.elementLine ?? this.line;
		this.sink.invalidRow(line, 'is incomplete: the JSON array around it has no end');
	}

	private endElement(isLast: boolean): void {
		const line = this.elementLine ?? this.line;
		const json = this.element && withoutMarks(this.element);
		if (json === undefined) this.sink.invalidRow(line, tooLong(this.maxLength));
		else if (!isBlank(json)) this.parseRow(json, line);
		else if (!isLast || this.hasElements) {
			this.sink.invalidRow(line, 'is empty: there is an extra comma');
		}
		this.element = '';
		this.hasElements = true;
		this.hasEnded = isLast;
		this.elementLine = undefined;
	}

	private refuseRest(): void {
		if (!this.isRestRefused)
			this.sink.invalidRow(this.line, 'comes after the end of the JSON array');
		this.isRestRefused = true;
	}

	/** The index after a string's closing quote, or the end of the text if it goes on. */
	private skipString(text: string, from: number): number {
		for (let at = from; at < text.length; at++) {
			const code = text.charCodeAt(at);
			if (code === NEWLINE) this.line++;
			if (this.isEscaped) this.isEscaped = false;
			else if (code === BACKSLASH) this.isEscaped = true;
			else if (code === QUOTE) {
				this.isInString = false;
				return at + 1;
			}
		}
		return text.length;
	}
}

/**
 * A JSON array of objects, of any size: only one of its elements is in memory.
 *
 * @param maxLength of an element, in characters
 */
export const jsonArrayParser = (sink: RowSink, maxLength = MAX_ROW_LENGTH): RowParser =>
	new JsonArrayParser(sink, maxLength);
