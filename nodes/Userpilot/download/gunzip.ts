import type { ByteSource } from './pieces';
import { FileProblem } from './fileError';
import { ignore, Pieces, zerosAtEnd } from './pieces';

/** RFC 1952: what a gzip file begins with. */
const MAGIC = Buffer.from([0x1f, 0x8b]);
/** The same with the only compression method there is (deflate); they begin a header of ten bytes. */
const SIGNATURE = Buffer.from([...MAGIC, 0x08]);
const HEADER_BYTES = 10;
/** A member ends with its length, unpacked, modulo 2^32. */
const LENGTH_BYTES = 4;
const RESERVED_FLAGS = 0xe0;
const COMPRESSION_HINTS = [0, 2, 4];
/** RFC 1952 knows 13; zlib on macOS writes 19. */
const LAST_KNOWN_SYSTEM = 19;
const UNKNOWN_SYSTEM = 255;

const ADVICE =
	'Nothing was given out of it. Run this again; if it stays so, start the export again. With Output set to Files, and Options > Decompress off, the file comes as it is.';

/** Whether what stands there looks like the header of a gzip member; in 2^37 other bytes about one does. */
function isHeader(bytes: Buffer, at: number): boolean {
	const [flags, hint, system] = [bytes[at + 3]!, bytes[at + 8]!, bytes[at + 9]!];
	return (
		(flags & RESERVED_FLAGS) === 0 &&
		COMPRESSION_HINTS.includes(hint) &&
		(system <= LAST_KNOWN_SYSTEM || system === UNKNOWN_SYSTEM)
	);
}

/** The first place from `from` on where a member may begin. */
function findHeader(bytes: Buffer, from: number): number | undefined {
	for (let at = bytes.indexOf(SIGNATURE, from); at >= 0; at = bytes.indexOf(SIGNATURE, at + 1)) {
		if (at + HEADER_BYTES <= bytes.length && isHeader(bytes, at)) return at;
	}
	return undefined;
}

/** What the platform's decompressor says. */
const CUT_OFF = 'Z_BUF_ERROR';
const TRAILING_JUNK = 'ERR_TRAILING_JUNK_AFTER_STREAM_END';

const codeOf = (fault: unknown) => (fault as { code?: unknown }).code;

function problemOf(fault: unknown): FileProblem {
	const words =
		fault === CUT_OFF
			? 'is cut off: its gzip data ends too early'
			: fault === TRAILING_JUNK
				? 'holds something that is not gzip behind its gzip data'
				: 'is damaged: its gzip data does not unpack, or fails its checksum';
	return new FileProblem(words, ADVICE);
}

const isDone = () => true;
const isRefused = () => false;

/** What comes where a member ends, by the look of it, and how long it says to be, unpacked, modulo 2^32. */
interface MemberEnd {
	next: 'end' | 'member';
	length: number;
}

/** One gzip member: where it starts in the file, and what its readings so far have shown. */
interface Member {
	readonly start: number;
	/** How many of its bytes, unpacked, have gone on. */
	passed: number;
	/** How many of the places in it that look like a header are known to be none. */
	falseHeaders: number;
	/** How many this reading takes for none. */
	skipped: number;
	/** How many were taken for none in a reading that went too far. */
	tooMany: number;
	/** Zero bytes at the end of the file: where they start, and how many of them are the member's own. */
	padding?: { start: number; count: number; kept: number };
}

const memberAt = (start: number, passed: number): Member => ({
	start,
	passed,
	falseHeaders: 0,
	skipped: 0,
	tooMany: Infinity,
});

/**
 * Hands a member's bytes on, up to what looks like the next one's header.
 *
 * @returns undefined when the member does not unpack any further
 * @throws whatever the source throws
 */
async function feed(
	pieces: Pieces,
	writer: WritableStreamDefaultWriter<Uint8Array>,
	headersToSkip: number,
): Promise<MemberEnd | undefined> {
	let last = Buffer.alloc(LENGTH_BYTES);
	// A member's own header is none of the next one.
	let searchFrom = 1;
	for (let toSkip = headersToSkip; ; ) {
		const piece = await pieces.next(HEADER_BYTES + 1);
		let header = findHeader(piece, searchFrom);
		for (; header !== undefined && toSkip > 0; toSkip--) header = findHeader(piece, header + 1);
		searchFrom = 0;
		// A header may be cut by the end of a piece, so its last bytes wait for the next one.
		const waiting = piece.length > HEADER_BYTES ? HEADER_BYTES - 1 : 0;
		const bytes = piece.subarray(0, header ?? piece.length - waiting);
		pieces.giveBack(piece.subarray(bytes.length));
		last = Buffer.concat([last, bytes.subarray(-LENGTH_BYTES)]).subarray(-LENGTH_BYTES);
		const zeros = zerosAtEnd(bytes);
		pieces.zeros = zeros === bytes.length ? pieces.zeros + zeros : zeros;
		// One after the other: what the writer itself counts as too much is thousands of pieces.
		if (!(await writer.write(bytes).then(isDone, isRefused))) return undefined;
		const isEnd = piece.length === 0;
		if (!isEnd && header === undefined) continue;
		return { next: isEnd ? 'end' : 'member', length: last.readUInt32LE() };
	}
}

/** What came of a reading: how long the member is, unpacked, and what comes next; or why it failed. */
type Outcome =
	| { length: number; next: MemberEnd['next'] }
	| { fault: unknown; next?: MemberEnd['next'] };

/**
 * Unpacks a member, and passes on what has not gone on before.
 *
 * @throws whatever the source throws
 */
async function* inflate(
	pieces: Pieces,
	member: Member,
): AsyncGenerator<Uint8Array, Outcome, undefined> {
	const { readable, writable } = new DecompressionStream('gzip');
	const writer = writable.getWriter();
	const reader = readable.getReader();
	const feeding = feed(pieces, writer, member.skipped);
	// However the feeding ends, what is read below has an end, too.
	feeding
		.catch(ignore)
		.then(() => writer.close())
		.catch(ignore);
	// Whoever stops early leaves the rest to the garbage collector: a decompressor that is canceled
	// while it has something to give throws where nobody can catch it (Node 20 and 24).
	for (let length = 0; ; ) {
		const read = await reader.read().catch((fault: unknown) => ({ fault }));
		const end = 'fault' in read || read.done ? await feeding : undefined;
		if ('fault' in read) return { fault: codeOf(read.fault), next: end?.next };
		if (read.done) {
			// Node 20 unpacks members that follow, and leaves out whatever begins with a zero.
			const isWhole = end?.length === length % 2 ** 32;
			return isWhole ? { length, next: end.next } : { fault: TRAILING_JUNK, next: end?.next };
		}
		const bytes = read.value.subarray(Math.max(0, member.passed - length));
		length += read.value.length;
		if (bytes.length === 0) continue;
		member.passed = length;
		yield bytes;
	}
}

/** Zeros that can be a member's own: of its data one, then its checksum and its length. */
const MOST_OWN_ZEROS = 9;

/**
 * Prepares another reading of a member that could not be unpacked up to where it seemed to end.
 *
 * @throws {FileProblem} when no other end is left
 */
async function prepareAgain(
	member: Member,
	pieces: Pieces,
	{ fault, next }: Extract<Outcome, { fault: unknown }>,
): Promise<void> {
	const { padding } = member;
	if (padding) {
		// Too few of the zeros, unless something else is wrong.
		if (fault !== CUT_OFF || padding.kept === Math.min(padding.count, MOST_OWN_ZEROS)) {
			throw problemOf(TRAILING_JUNK);
		}
		padding.kept++;
		return;
	}
	// Up to a false header all is well but that it ends there.
	if (next === 'member' && fault === CUT_OFF) member.falseHeaders = member.skipped + 1;
	else if (member.skipped > member.falseHeaders) member.tooMany = member.skipped;
	else {
		const count = fault === TRAILING_JUNK ? await pieces.zerosToEnd() : 0;
		if (count === 0) throw problemOf(fault);
		member.padding = { start: pieces.offset - count, count, kept: 0 };
		return;
	}
	const { falseHeaders, tooMany } = member;
	const middle = Math.floor((falseHeaders + tooMany - 1) / 2);
	member.skipped = Math.max(falseHeaders, Math.min(middle, 2 * falseHeaders - 1));
}

/**
 * Unpacks a file, all its gzip members (RFC 1952) one after the other, each checked by its checksum and
 * length; passes a file on as it is that is no gzip, because HTTP may have unpacked it already. Zero
 * bytes behind the last member are skipped, as gzip does: they fill up blocks of a tape or a disk.
 *
 * The platform's decompressor takes one member: on newer Node versions it refuses what follows. So each
 * member gets its own, which ends where the next header seems to begin. Where that was no header after
 * all (about once in 10^11 bytes, but once a page in a file of gzip pages), the member is read again from
 * its start, with twice as many headers taken for none each time: in a few readings, not in one for each.
 *
 * @throws {FileProblem} when the file is cut off or damaged; whatever the source throws
 */
export async function* gunzip(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
	let pieces = new Pieces(source, 0);
	try {
		const head = await pieces.next(MAGIC.length);
		pieces.giveBack(head);
		// A single byte may be all that is left of a gzip file; no text consists of this one.
		const magic = head.subarray(0, MAGIC.length);
		if (magic.length === 0 || !MAGIC.subarray(0, magic.length).equals(magic)) {
			yield* pieces.rest();
			return;
		}
		for (let member = memberAt(0, 0); ; ) {
			const outcome = yield* inflate(pieces, member);
			if ('fault' in outcome) {
				await prepareAgain(member, pieces, outcome);
				pieces.close();
				const { start, padding } = member;
				pieces = new Pieces(source, start, padding && padding.start + padding.kept);
			} else if (outcome.next === 'end') return;
			else member = memberAt(pieces.offset, member.passed - outcome.length);
		}
	} finally {
		pieces.close();
	}
}
