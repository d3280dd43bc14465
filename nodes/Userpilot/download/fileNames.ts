const GZ = /(?<=.)\.gz$/i;

/** The name of a file once it is unpacked; never empty. */
export const withoutGz = (filename: string) => filename.replace(GZ, '');

/** What no file system, or not each, takes as part of a name; what cannot be seen, or turns the text around. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Surrogate}\p{Zl}\p{Zp}<>:"|?*]/gu;
/** Names that Windows keeps for devices, whatever extension they have. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
const ENDING = /(\.\w{1,8}){1,2}$/;
/** Of 255 that file systems take: whoever stores the file may add to its name. */
const MOST_NAME_BYTES = 200;
const NAMELESS = 'export';

/** The name's beginning and its ending, in so many bytes of UTF-8. */
function shortened(name: string): string {
	const [ending = ''] = ENDING.exec(name.slice(-20)) ?? [];
	let room = MOST_NAME_BYTES - Buffer.byteLength(ending);
	let start = '';
	for (const character of name.slice(0, Math.min(MOST_NAME_BYTES, name.length - ending.length))) {
		room -= Buffer.byteLength(character);
		if (room < 0) break;
		start += character;
	}
	return start + ending;
}

/**
 * A file's own name out of what the API calls it, which may be a path or a link: it leads to no folder,
 * every file system takes it, and nothing in it signs a link.
 */
export function safeName(called: string): string {
	const query = called.indexOf('?');
	const isSigned = query >= 0 && called.includes('=', query);
	const path = isSigned ? called.slice(0, query) : called;
	const name = path.split(/[\\/]/).at(-1)!.replace(UNSAFE, '_');
	// Windows leaves out dots and spaces at the end, and nothing is left of some names.
	return (
		shortened(name)
			.replace(/[. ]+$/, '')
			.replace(DEVICE, '_$1') || NAMELESS
	);
}

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
