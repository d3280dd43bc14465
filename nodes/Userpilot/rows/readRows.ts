import { describeBody } from '../api/response';
import { csvParser } from './csv';
import { FileProblem } from '../download/fileError';
import { jsonArrayParser, ndjsonParser } from './jsonArray';
import { pageProblem } from '../download/fileStore';
import type { RowParser, RowSink } from './rowParser';
import { Utf8Decoder } from './utf8';

const ADVICE = 'Set Output to Files to get the file itself.';

const JSON_NAME = /\.(json|jsonl|ndjson)(\.gz)?$/i;
const CSV_NAME = /\.csv(\.gz)?$/i;

/** How much of a text must be known to tell what it is; of a page, to tell its title, too. */
const TELLING_LENGTH = 4;
const TELLING_LENGTH_OF_PAGE = 1024;

/** In characters. More of them would fill the memory before it is known what to make of them. */
const MOST_BLANKS = 1024 * 1024;

/** What no text begins with: control characters, and what the decoder puts for bytes that are not UTF-8. */
const NO_TEXT = /[^\P{Cc}\s]|\uDFFF/u;

/** What JSON begins with in a file that is CSV by its name. */
const JSON_START = /^(?:\{\s*["}]|\[\s*(?:\{|\]\s*$))/;
/** What may still go on as either of them. */
const NOT_TELLING = /^(?:\{|\[\s*\]?)\s*$/;
/** A header that begins like a page. */
const CSV_HEADER = /^<[^\r\n]*,/;

/** So much of a text shows a person what it is. */
const EXCERPT_LENGTH = 40;

export interface RowFile {
	filename: string;
	/** The format that the export was asked for, where that is known. */
	format?: string;
}

const noRows = (what: string) => new FileProblem(`${what}, and gives no rows`, ADVICE);

/** Whether what may begin a header of CSV as well as a file of JSON begins such a header. */
const isCsvStart = (start: string) =>
	start.startsWith('<')
		? CSV_HEADER.test(start.slice(0, TELLING_LENGTH_OF_PAGE)) && !pageProblem(start)
		: !JSON_START.test(start);

/** Whether a text is long enough to tell what it is. */
function isTelling(start: string): boolean {
	const length = start.startsWith('<') ? TELLING_LENGTH_OF_PAGE : TELLING_LENGTH;
	return start.length >= length && (start.length > MOST_BLANKS || !NOT_TELLING.test(start));
}

/**
 * The parser for a file, by what it holds; its name tells where that is not clear.
 *
 * @param start the beginning of its text, without white space
 */
function parserFor(start: string, { filename, format }: RowFile, sink: RowSink): RowParser {
	if (start.startsWith('PAR1')) throw noRows('is a Parquet file');
	if (start.startsWith('Obj\u0001')) throw noRows('is an Avro file');
	if (NO_TEXT.test(start.slice(0, TELLING_LENGTH))) throw noRows('is not text in UTF-8');
	const isCsv = format === 'csv' || CSV_NAME.test(filename);
	if (isCsv && isCsvStart(start)) return csvParser(sink);
	if (start.startsWith('{')) return ndjsonParser(sink);
	if (start.startsWith('[')) return jsonArrayParser(sink);
	if (start.startsWith('<')) throw pageProblem(start) ?? noRows(`holds ${describeBody(start)}`);
	throw noRows(
		JSON_NAME.test(filename)
			? `holds no JSON objects: it begins with ${JSON.stringify(start.slice(0, EXCERPT_LENGTH))}`
			: 'is neither JSON nor, by its name, CSV',
	);
}

/**
 * Reads the rows of a file, unpacked and in UTF-8: NDJSON, a JSON array, or CSV. A row with bytes that
 * are not UTF-8 is a bad row.
 *
 * @param isDone asked after each piece: whether no more rows are wanted
 * @throws {FileProblem} when the file holds something else; whatever the bytes' source throws
 */
export async function readRows(
	bytes: AsyncIterable<Uint8Array>,
	file: RowFile,
	sink: RowSink,
	isDone: () => boolean,
): Promise<void> {
	const decoder = new Utf8Decoder();
	let parser: RowParser | undefined;
	let start = '';
	const write = (text: string, isEnd: boolean) => {
		if (parser) return parser.write(text);
		start += text;
		const telling = start.trimStart();
		if (telling === '' && start.length > MOST_BLANKS) {
			throw noRows(`begins with more than ${MOST_BLANKS.toLocaleString('en-US')} blank characters`);
		}
		if (telling === '' || !(isEnd || isTelling(telling))) return;
		parser = parserFor(telling, file, sink);
		parser.write(start);
	};
	for await (const piece of bytes) {
		write(decoder.decode(piece), false);
		if (isDone()) return;
	}
	write(decoder.end(), true);
	parser?.end();
}
