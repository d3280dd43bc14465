import { describeBody } from '../api/response';
import { FileError, pageError } from '../download/fileError';
import { withoutGz } from '../download/gzip';
import { csvParser } from './csv';
import { jsonArrayParser } from './jsonArray';
import { ndjsonParser } from './ndjson';
import type { RowParser, RowSink } from './rowParser';
import { Utf8Decoder } from './utf8';

const JSON_NAME = /\.(json|jsonl|ndjson)$/i;
const CSV_NAME = /\.csv$/i;

/** How much of a text shows what it is; of a page, its title too. */
const START_LENGTH = 4;
const PAGE_START_LENGTH = 1024;

/** In characters. More of them would fill the memory before the parser is known. */
const MAX_BLANKS = 1024 * 1024;

/** What no text starts with: control characters, and what the decoder puts for bytes that are not UTF-8. */
const NOT_TEXT = /[^\P{Cc}\s]|\uDFFF/u;

/** How JSON starts in a file that is CSV by its name. */
const JSON_START = /^(?:\{\s*["}]|\[\s*(?:\{|\]\s*$))/;
/** What may become JSON or CSV. */
const UNDECIDED = /^(?:\{|\[\s*\]?)\s*$/;
/** A header that starts like a page. */
const CSV_HEADER = /^<[^\r\n]*,/;

const EXCERPT_LENGTH = 40;

export interface RowFile {
	filename: string;
	/** The format in which the export was requested, if known. */
	format?: string;
}

const notRows = (problem: string) =>
	new FileError(
		`${problem}. Rows can be read from JSON, NDJSON and CSV only`,
		"Set 'Output' to Files to get the file itself.",
	);

/** Whether a text that may be a CSV header or JSON is a CSV header. */
const isCsvStart = (start: string) =>
	start.startsWith('<')
		? CSV_HEADER.test(start.slice(0, PAGE_START_LENGTH)) && !pageError(start)
		: !JSON_START.test(start);

/** Whether a text is long enough to show what it is. */
function isDecided(start: string): boolean {
	const length = start.startsWith('<') ? PAGE_START_LENGTH : START_LENGTH;
	return start.length >= length && (start.length > MAX_BLANKS || !UNDECIDED.test(start));
}

/**
 * The parser for a file, chosen by what it holds, or by its name if that is not clear.
 *
 * @param start the start of its text, without white space
 */
function parserFor(start: string, { filename, format }: RowFile, sink: RowSink): RowParser {
	const name = withoutGz(filename);
	if (start.startsWith('PAR1')) throw notRows('is a Parquet file');
	if (start.startsWith('Obj\u0001')) throw notRows('is an Avro file');
	if (NOT_TEXT.test(start.slice(0, START_LENGTH))) throw notRows('is not UTF-8 text');
	if ((format === 'csv' || CSV_NAME.test(name)) && isCsvStart(start)) return csvParser(sink);
	if (start.startsWith('{')) return ndjsonParser(sink);
	if (start.startsWith('[')) return jsonArrayParser(sink);
	if (start.startsWith('<')) throw pageError(start) ?? notRows(`contains ${describeBody(start)}`);
	throw notRows(
		JSON_NAME.test(name)
			? `contains no JSON objects: it starts with ${JSON.stringify(start.slice(0, EXCERPT_LENGTH))}`
			: 'is neither JSON nor, by its name, CSV',
	);
}

/**
 * Reads the rows of a file, decompressed and in UTF-8: NDJSON, a JSON array, or CSV. A row with bytes
 * that are not UTF-8 is invalid.
 *
 * @param isDone asked after each chunk: whether no more rows are needed
 * @throws {FileError} when the file holds something else; whatever the source of the bytes throws
 */
export async function readRows(
	bytes: AsyncIterable<Uint8Array>,
	file: RowFile,
	sink: RowSink,
	isDone: () => boolean,
): Promise<void> {
	const decoder = new Utf8Decoder();
	let parser: RowParser | undefined;
	let text = '';
	const write = (chunk: string, isEnd: boolean) => {
		if (parser) return parser.write(chunk);
		text += chunk;
		const start = text.trimStart();
		if (start === '' && text.length > MAX_BLANKS) {
			throw notRows(`starts with more than ${MAX_BLANKS.toLocaleString('en-US')} blank characters`);
		}
		if (start === '' || !(isEnd || isDecided(start))) return;
		parser = parserFor(start, file, sink);
		parser.write(text);
	};
	for await (const chunk of bytes) {
		write(decoder.decode(chunk), false);
		if (isDone()) return;
	}
	write(decoder.end(), true);
	parser?.end();
}
