import type { ByteSource } from './byteSource';
import { FileProblem } from './fileProblem';

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

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
	Buffer.from(buffer, byteOffset, byteLength);

/** What the platform's decompressor says. */
const CUT_OFF = 'Z_BUF_ERROR';
const TRAILING_JUNK = 'ERR_TRAILING_JUNK_AFTER_STREAM_END';

const codeOf = (fault: unknown) => (fault as { code?: unknown }).code;

const JUNK = 'holds something that is not gzip behind its gzip data';

function problemOf(fault: unknown): string {
	const code = codeOf(fault);
	if (code === CUT_OFF) return 'is cut off: its gzip data ends too early';
	if (code === TRAILING_JUNK) return JUNK;
	return 'is damaged: its gzip data does not unpack, or fails its checksum';
}

const isDone = () => true;
const isRefused = () => false;
/** For failures that show elsewhere, or no longer matter. */
const ignore = () => undefined;

/** Reads pieces, and takes back what was read too far. */
class Pieces {
	/** The offset in the file of what comes next. */
	offset: number;

	private given: Buffer | undefined;

	private readonly pieces: AsyncGenerator<Uint8Array, void, undefined>;

	constructor(source: ByteSource, offset: number) {
		this.offset = offset;
		this.pieces = source.readFrom(offset);
	}

	/** The next piece, of at least so many bytes unless the file ends; empty at its end. */
	async next(minBytes = 1): Promise<Buffer> {
		let piece = this.given ?? Buffer.alloc(0);
		this.given = undefined;
		while (piece.length < minBytes) {
			const { done, value } = await this.pieces.next();
			if (done) break;
			piece = piece.length === 0 ? asBuffer(value) : Buffer.concat([piece, value]);
		}
		this.offset += piece.length;
		return piece;
	}

	giveBack(piece: Buffer): void {
		this.given = piece;
		this.offset -= piece.length;
	}

	async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
		for (let piece = await this.next(); piece.length > 0; piece = await this.next()) yield piece;
	}

	/** Ends the reading as soon as the source gives the piece that it is asked for, if any. */
	close(): void {
		this.pieces.return().catch(ignore);
	}
}

/** What comes where a member ends, by the look of it, and how long it says to be, unpacked, modulo 2^32. */
interface MemberEnd {
	next: 'end' | 'member';
	length: number;
}

/**
 * Hands a member's bytes on, up to what looks like the next one's header.
 *
 * @returns undefined when the member does not unpack any further
 * @throws whatever the source throws
 */
async function feed(
	pieces: Pieces,
	writer: WritableStreamDefaultWriter<Uint8Array>,
	falseHeaders: ReadonlySet<number>,
): Promise<MemberEnd | undefined> {
	let last = Buffer.alloc(LENGTH_BYTES);
	// A member's own header is none of the next one.
	let searchFrom = 1;
	for (;;) {
		const piece = await pieces.next(HEADER_BYTES + 1);
		const start = pieces.offset - piece.length;
		let header = findHeader(piece, searchFrom);
		while (header !== undefined && falseHeaders.has(start + header)) {
			header = findHeader(piece, header + 1);
		}
		searchFrom = 0;
		// A header may be cut by the end of a piece, so its last bytes wait for the next one.
		const waiting = piece.length > HEADER_BYTES ? HEADER_BYTES - 1 : 0;
		const bytes = piece.subarray(0, header ?? piece.length - waiting);
		pieces.giveBack(piece.subarray(bytes.length));
		last = Buffer.concat([last, bytes.subarray(-LENGTH_BYTES)]).subarray(-LENGTH_BYTES);
		// One after the other: what the writer itself counts as too much is thousands of pieces.
		if (!(await writer.write(bytes).then(isDone, isRefused))) return undefined;
		const isEnd = piece.length === 0;
		if (!isEnd && header === undefined) continue;
		return { next: isEnd ? 'end' : 'member', length: last.readUInt32LE() };
	}
}

/** One gzip member: where it starts in the file, and how many of its bytes, unpacked, have gone on. */
interface Member {
	readonly start: number;
	passed: number;
}

/**
 * Unpacks a member, and passes on what has not gone on before.
 *
 * @returns what comes next; that it was a false header, when the member goes on behind it
 * @throws {FileProblem} when it is cut off or damaged; whatever the source throws
 */
async function* inflate(
	pieces: Pieces,
	member: Member,
	falseHeaders: ReadonlySet<number>,
): AsyncGenerator<Uint8Array, MemberEnd['next'] | 'falseHeader', undefined> {
	const { readable, writable } = new DecompressionStream('gzip');
	const writer = writable.getWriter();
	const reader = readable.getReader();
	const feeding = feed(pieces, writer, falseHeaders);
	// However the feeding ends, what is read below has an end, too.
	feeding
		.catch(ignore)
		.then(() => writer.close())
		.catch(ignore);
	// Whoever stops early leaves the rest to the garbage collector: a decompressor that is canceled
	// while it has something to give throws where nobody can catch it (Node 20 and 24).
	for (let toSkip = member.passed; ; ) {
		const read = await reader.read().catch((fault: unknown) => ({ fault }));
		if ('fault' in read) {
			const next = (await feeding)?.next;
			// Up to a false header all is well but that it ends there.
			if (next === 'member' && codeOf(read.fault) === CUT_OFF) return 'falseHeader';
			throw new FileProblem(problemOf(read.fault), ADVICE);
		}
		if (read.done) break;
		const bytes = read.value.subarray(toSkip);
		toSkip -= read.value.length - bytes.length;
		if (bytes.length === 0) continue;
		member.passed += bytes.length;
		yield bytes;
	}
	const end = await feeding;
	// Node 20 leaves out whatever follows a member and begins with a zero.
	if (end?.length !== member.passed % 2 ** 32) throw new FileProblem(JUNK, ADVICE);
	return end.next;
}

/**
 * Unpacks a file, all its gzip members (RFC 1952) one after the other, each checked by its checksum and
 * length; passes a file on as it is that is no gzip, because HTTP may have unpacked it already.
 *
 * The platform's decompressor takes one member: on newer Node versions it refuses what follows. So each
 * member gets its own, which ends where the next header seems to begin. Where that was no header after
 * all (about once in 10^11 bytes), the member is read again from its start.
 *
 * @throws {FileProblem} when the file is cut off or damaged; whatever the source throws
 */
export async function* gunzip(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
	const falseHeaders = new Set<number>();
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
		for (let member: Member = { start: 0, passed: 0 }; ; ) {
			const next = yield* inflate(pieces, member, falseHeaders);
			if (next === 'end') return;
			if (next === 'falseHeader') {
				falseHeaders.add(pieces.offset);
				pieces.close();
				pieces = new Pieces(source, member.start);
			} else {
				member = { start: pieces.offset, passed: 0 };
			}
		}
	} finally {
		pieces.close();
	}
}
