const GZ = /(?<=.)\.gz$/i;

/** The name of a file once it is unpacked; never empty. */
export const withoutGz = (filename: string) => filename.replace(GZ, '');

const NDJSON = 'application/x-ndjson';
const MIME_TYPES = new Map([
	['avro', 'application/vnd.apache.avro'],
	['csv', 'text/csv'],
	['gz', 'application/gzip'],
	['json', 'application/json'],
	['jsonl', NDJSON],
	['ndjson', NDJSON],
	['parquet', 'application/vnd.apache.parquet'],
]);

/** Of a file's beginning, enough to see what it begins with. */
const START_BYTES = 1024;

const isJsonArray = (start: Uint8Array | undefined) =>
	new TextDecoder().decode(start?.subarray(0, START_BYTES)).trimStart().startsWith('[');

/**
 * The MIME type by a file's name. `.json` stands for NDJSON, too: that is one unless it begins with
 * the bracket of an array.
 *
 * @param start the file's first bytes, if it has any
 */
export function mimeTypeOf(filename: string, start: Uint8Array | undefined): string {
	const extension = /\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
	if (extension === 'json' && !isJsonArray(start)) return NDJSON;
	return MIME_TYPES.get(extension) ?? 'application/octet-stream';
}

/** Piece by piece: a regular expression of many stars may take for ever to see that a name does not fit. */
function fits(name: string, pattern: string): boolean {
	const [first = '', ...pieces] = pattern.split('*');
	const last = pieces.pop();
	if (last === undefined) return name === pattern;
	if (!name.startsWith(first) || !name.slice(first.length).endsWith(last)) return false;
	const end = name.length - last.length;
	let at = first.length;
	for (const piece of pieces) {
		const found = name.indexOf(piece, at);
		if (found < 0) return false;
		at = found + piece.length;
	}
	return at <= end;
}

/**
 * Whether a file's name, with or without its `.gz`, fits one of the patterns, in which `*` stands for any
 * text.
 */
export const fitsName = (filename: string, patterns: string[]) =>
	patterns.some((pattern) => fits(filename, pattern) || fits(withoutGz(filename), pattern));
