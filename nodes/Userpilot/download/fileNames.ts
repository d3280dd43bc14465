import { withoutGz } from './gzip';

/** Characters that some file systems refuse, that cannot be seen, or that change the text's direction. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Surrogate}\p{Zl}\p{Zp}<>:"|?*]/gu;
/** Names that Windows reserves for devices, whatever their extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
const EXTENSIONS = /(\.\w{1,8}){1,2}$/;
/** File systems allow 255. Whoever stores the file may add to its name. */
const MAX_NAME_BYTES = 200;
const NAMELESS = 'export';

/** Shortens a name to MAX_NAME_BYTES of UTF-8, and keeps its extensions. */
function shortened(name: string): string {
	const [extensions = ''] = EXTENSIONS.exec(name.slice(-20)) ?? [];
	let room = MAX_NAME_BYTES - Buffer.byteLength(extensions);
	let start = '';
	for (const character of name.slice(
		0,
		Math.min(MAX_NAME_BYTES, name.length - extensions.length),
	)) {
		room -= Buffer.byteLength(character);
		if (room < 0) break;
		start += character;
	}
	return start + extensions;
}

/**
 * A safe file name for what the API calls a file, which may be a path or a link: it points to no folder,
 * every file system takes it, and it holds no signature of a link.
 */
export function safeName(called: string): string {
	const query = called.indexOf('?');
	const isSigned = query >= 0 && called.includes('=', query);
	const path = isSigned ? called.slice(0, query) : called;
	const name = path.split(/[\\/]/).at(-1)!.replace(UNSAFE, '_');
	// Windows drops dots and spaces at the end, which may leave no name at all.
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

/** How many bytes of a file show what it starts with. */
const START_BYTES = 1024;

const isJsonArray = (start: Uint8Array | undefined) =>
	new TextDecoder().decode(start?.subarray(0, START_BYTES)).trimStart().startsWith('[');

/**
 * The MIME type for a file name. A `.json` file is NDJSON unless it starts with a bracket.
 *
 * @param start the file's first bytes, if it has any
 */
export function mimeTypeOf(filename: string, start: Uint8Array | undefined): string {
	const extension = /\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
	if (extension === 'json' && !isJsonArray(start)) return NDJSON;
	return MIME_TYPES.get(extension) ?? 'application/octet-stream';
}

/** Part by part: a regular expression with many stars can take forever on a name that does not match. */
function matches(name: string, pattern: string): boolean {
	const [first = '', ...parts] = pattern.split('*');
	const last = parts.pop();
	if (last === undefined) return name === pattern;
	if (!name.startsWith(first) || !name.slice(first.length).endsWith(last)) return false;
	const end = name.length - last.length;
	let at = first.length;
	for (const part of parts) {
		const found = name.indexOf(part, at);
		if (found < 0) return false;
		at = found + part.length;
	}
	return at <= end;
}

/** Whether a file name, with or without its `.gz`, matches a pattern, in which `*` stands for any text. */
export const matchesName = (filename: string, patterns: string[]) =>
	patterns.some((pattern) => matches(filename, pattern) || matches(withoutGz(filename), pattern));
