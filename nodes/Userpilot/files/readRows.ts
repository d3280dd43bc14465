import { describeBody } from '../api/answer';
import { csvParser } from './csv';
import { FileProblem } from './fileProblem';
import { jsonArrayParser, ndjsonParser } from './jsonRows';
import { pageProblem } from './page';
import type { RowParser, RowSink } from './rowParser';

const ADVICE = 'Set Output to Files to get the file itself.';

const JSON_NAME = /\.(json|jsonl|ndjson)(\.gz)?$/i;
const CSV_NAME = /\.csv(\.gz)?$/i;

/** How much of a text must be known to tell what it is; of a page, to tell its title, too. */
const TELLING_LENGTH = 4;
const TELLING_LENGTH_OF_PAGE = 1024;

/** In characters. More of them would fill the memory before it is known what to make of them. */
const MOST_BLANKS = 1024 * 1024;

/** What no text begins with: control characters, and what stands for bytes that are not UTF-8. */
const NO_TEXT = /[^\P{Cc}\s]|\uFFFD/u;

/** So much of a text shows a person what it is. */
const EXCERPT_LENGTH = 40;

export interface RowFile {
	filename: string;
	/** The format that the export was asked for, where that is known. */
	format?: string;
}

const noRows = (what: string) => new FileProblem(`${what}, and gives no rows`, ADVICE);

/**
 * The parser for a file, by what it holds, whatever its name says.
 *
 * @param start the beginning of its text, without white space
 */
function parserFor(start: string, { filename, format }: RowFile, sink: RowSink): RowParser {
	if (start.startsWith('PAR1')) throw noRows('is a Parquet file');
	if (start.startsWith('Obj\u0001')) throw noRows('is an Avro file');
	if (NO_TEXT.test(start.slice(0, TELLING_LENGTH))) throw noRows('is not text in UTF-8');
	if (start.startsWith('{')) return ndjsonParser(sink);
	if (start.startsWith('[')) return jsonArrayParser(sink);
	if (start.startsWith('<')) throw pageProblem(start) ?? noRows(`holds ${describeBody(start)}`);
	if (format === 'csv' || CSV_NAME.test(filename)) return csvParser(sink);
	throw noRows(
		JSON_NAME.test(filename)
			? `holds no JSON objects: it begins with ${JSON.stringify(start.slice(0, EXCERPT_LENGTH))}`
			: 'is neither JSON nor, by its name, CSV',
	);
}

/**
 * Reads the rows of a file, unpacked and in UTF-8: NDJSON, a JSON array, or CSV.
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
	const decoder = new TextDecoder();
	let parser: RowParser | undefined;
	let start = '';
	const write = (text: string, isEnd: boolean) => {
		if (parser) return parser.write(text);
		start += text;
		const telling = start.trimStart();
		if (telling === '' && start.length > MOST_BLANKS) {
			throw noRows(`begins with more than ${MOST_BLANKS.toLocaleString('en-US')} blank characters`);
		}
		const needed = telling.startsWith('<') ? TELLING_LENGTH_OF_PAGE : TELLING_LENGTH;
		if (telling === '' || (telling.length < needed && !isEnd)) return;
		parser = parserFor(telling, file, sink);
		parser.write(start);
	};
	for await (const piece of bytes) {
		write(decoder.decode(piece, { stream: true }), false);
		if (isDone()) return;
	}
	write(decoder.decode(), true);
	parser?.end();
}
