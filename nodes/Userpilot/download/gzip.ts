// What is known of gzip (RFC 1952). gunzip.ts does the reading.
import { FileError } from './fileError';

const EXTENSION = /(?<=.)\.gz$/i;

/** A file's name after decompression; never empty. */
export const withoutGz = (filename: string) => filename.replace(EXTENSION, '');

/** The first two bytes of every gzip file. */
const MAGIC = Buffer.from([0x1f, 0x8b]);
/** With the only compression method there is (deflate). A member's header starts with these bytes. */
const SIGNATURE = Buffer.from([...MAGIC, 0x08]);

/** The length of a member's header without its optional fields. */
export const HEADER_BYTES = 10;
/** A member ends with its decompressed length, modulo 2^32, little-endian. */
export const LENGTH_BYTES = 4;
/** A member can end with so many zeros: one of its data, 4 of its checksum, 4 of its length. */
const MAX_ZEROS_OF_MEMBER = 9;

const RESERVED_FLAGS = 0xe0;
const COMPRESSION_HINTS = [0, 2, 4];
/** RFC 1952 defines systems up to 13; zlib on macOS writes 19. */
const MAX_SYSTEM = 19;
const UNKNOWN_SYSTEM = 255;

/** Whether a file may be gzip, by its first bytes. One byte is enough: no text starts with it. */
export const mayBeGzip = (start: Uint8Array) =>
	start.length > 0 && MAGIC.subarray(0, start.length).equals(start.subarray(0, MAGIC.length));

/** Whether the bytes after a signature fit a header. Of 2^37 places in other bytes, about one does. */
function isHeader(bytes: Buffer, start: number): boolean {
	const [flags, hint, system] = [bytes[start + 3]!, bytes[start + 8]!, bytes[start + 9]!];
	return (
		(flags & RESERVED_FLAGS) === 0 &&
		COMPRESSION_HINTS.includes(hint) &&
		(system <= MAX_SYSTEM || system === UNKNOWN_SYSTEM)
	);
}

/** The first index, `from` or greater, at which a member may start. */
export function findHeader(bytes: Buffer, from: number): number | undefined {
	for (let at = bytes.indexOf(SIGNATURE, from); at >= 0; at = bytes.indexOf(SIGNATURE, at + 1)) {
		if (at + HEADER_BYTES <= bytes.length && isHeader(bytes, at)) return at;
	}
	return undefined;
}

/** Codes of the platform's decompressor. */
const TRUNCATED = 'Z_BUF_ERROR';
export const TRAILING_JUNK = 'ERR_TRAILING_JUNK_AFTER_STREAM_END';

export function gzipError(fault: unknown): FileError {
	const message =
		fault === TRUNCATED
			? 'is truncated: its gzip data ends too early'
			: fault === TRAILING_JUNK
				? 'has other data after its gzip data'
				: 'is damaged: its gzip data cannot be decompressed, or its checksum is wrong';
	return new FileError(
		message,
		"No data from this file was returned. Try again. If it keeps happening, start the export again. To get the file as it is, set 'Output' to Files and turn Options > 'Decompress' off.",
	);
}

/** What seems to come after a member, and the decompressed length that it states, modulo 2^32. */
export interface MemberEnd {
	next: 'end' | 'member';
	length: number;
}

/** The result of reading a member: its decompressed length and what comes next, or why it failed. */
export type Outcome =
	| { length: number; next: MemberEnd['next'] }
	| { fault: unknown; next?: MemberEnd['next'] };

/** A gzip member: where it starts, and what was learned from reading it so far. */
export interface Member {
	readonly start: number;
	/** How many of its decompressed bytes were passed on. */
	passed: number;
	/** How many places in it are known to look like a header only. */
	falseHeaders: number;
	/** How many such places this reading skips. */
	skipped: number;
	/** How many a reading skipped that went too far. */
	tooMany: number;
	/** Zeros at the end of the file: where they start, and how many are part of the member. */
	padding?: { start: number; count: number; kept: number };
}

export const memberAt = (start: number, passed: number): Member => ({
	start,
	passed,
	falseHeaders: 0,
	skipped: 0,
	tooMany: Infinity,
});

/** After a reading that failed, decides where the next one ends the member; false if no other end is possible. */
export function moveEnd(
	member: Member,
	{ fault, next }: Extract<Outcome, { fault: unknown }>,
): boolean {
	const { padding } = member;
	if (padding) {
		// Either too few zeros were kept, or something else is wrong.
		padding.kept++;
		return fault === TRUNCATED && padding.kept <= Math.min(padding.count, MAX_ZEROS_OF_MEMBER);
	}
	// A member that ends at a false header is only truncated.
	if (next === 'member' && fault === TRUNCATED) member.falseHeaders = member.skipped + 1;
	else if (member.skipped > member.falseHeaders) member.tooMany = member.skipped;
	else return false;
	const { falseHeaders, tooMany } = member;
	const middle = Math.floor((falseHeaders + tooMany - 1) / 2);
	member.skipped = Math.max(falseHeaders, Math.min(middle, 2 * falseHeaders - 1));
	return true;
}
