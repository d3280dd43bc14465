import type { Member, MemberEnd, Outcome } from './gzip';
import {
	findHeader,
	gzipError,
	HEADER_BYTES,
	LENGTH_BYTES,
	mayBeGzip,
	memberAt,
	moveEnd,
	TRAILING_JUNK,
} from './gzip';

/** The bytes of a file. */
export interface ByteSource {
	/** Reads the file from an offset to its end. Each call starts a new reading. */
	readFrom(offset: number): AsyncGenerator<Uint8Array, void, undefined>;
}

/** For failures that show elsewhere, or no longer matter. */
const ignore = () => undefined;

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
	Buffer.from(buffer, byteOffset, byteLength);

function zerosAtEnd(bytes: Uint8Array): number {
	let count = 0;
	while (count < bytes.length && bytes[bytes.length - 1 - count] === 0) count++;
	return count;
}

/** One reading of a file. It can look ahead: only bytes that are taken count as read. */
class Reading {
	/** The offset in the file of the next byte. */
	offset: number;

	/** The number of zeros at the end of what was taken. */
	zeros = 0;

	private ahead: Buffer = Buffer.alloc(0);
	private readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
	/** The offset at which the file is treated as ended. */
	private readonly end: number;

	constructor(source: ByteSource, offset: number, end = Infinity) {
		this.chunks = source.readFrom(offset);
		this.offset = offset;
		this.end = end;
	}

	/** The bytes ahead: at least `minBytes`, unless the file ends; empty at its end. */
	async peek(minBytes = 1): Promise<Buffer> {
		while (this.ahead.length < minBytes && this.offset + this.ahead.length < this.end) {
			const { done, value } = await this.chunks.next();
			if (done) break;
			this.ahead = this.ahead.length === 0 ? asBuffer(value) : Buffer.concat([this.ahead, value]);
		}
		this.ahead = this.ahead.subarray(0, this.end - this.offset);
		return this.ahead;
	}

	/** Takes bytes that `peek` has returned. */
	take(length: number): Buffer {
		const bytes = this.ahead.subarray(0, length);
		this.ahead = this.ahead.subarray(length);
		this.offset += length;
		const zeros = zerosAtEnd(bytes);
		this.zeros = zeros === length ? this.zeros + zeros : zeros;
		return bytes;
	}

	/** Takes everything up to the end of the file. */
	async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
		while ((await this.peek()).length > 0) yield this.take(this.ahead.length);
	}

	/** The number of zeros at the end of the file; 0 if something else is ahead. */
	async zerosToEnd(): Promise<number> {
		for await (const chunk of this.rest()) if (this.zeros < chunk.length) return 0;
		return this.zeros;
	}

	/** Closes the source, as soon as it has returned the chunk it may be asked for. */
	close(): void {
		this.chunks.return().catch(ignore);
	}
}

const codeOf = (fault: unknown) => (fault as { code?: unknown }).code;

const isDone = () => true;
const isRefused = () => false;

/**
 * Writes a member's bytes, up to what looks like the next member's header.
 *
 * @returns undefined when the member cannot be decompressed any further
 * @throws whatever the source throws
 */
async function feed(
	reading: Reading,
	writer: WritableStreamDefaultWriter<Uint8Array>,
	headersToSkip: number,
): Promise<MemberEnd | undefined> {
	let last: Buffer = Buffer.alloc(LENGTH_BYTES);
	// Starts behind the member's own header.
	for (let toSkip = headersToSkip, searchFrom = 1; ; searchFrom = 0) {
		const ahead = await reading.peek(HEADER_BYTES + 1);
		let header = findHeader(ahead, searchFrom);
		for (; header !== undefined && toSkip > 0; toSkip--) header = findHeader(ahead, header + 1);
		// A header may be split between chunks, so the last bytes wait for the next chunk.
		const waiting = ahead.length > HEADER_BYTES ? HEADER_BYTES - 1 : 0;
		const bytes = reading.take(header ?? ahead.length - waiting);
		last = Buffer.concat([last, bytes.subarray(-LENGTH_BYTES)]).subarray(-LENGTH_BYTES);
		// One at a time: the writer's own limit allows thousands of chunks.
		if (!(await writer.write(bytes).then(isDone, isRefused))) return undefined;
		if (header === undefined && ahead.length > 0) continue;
		return { next: header === undefined ? 'end' : 'member', length: last.readUInt32LE() };
	}
}

/**
 * Decompresses a member, and yields what was not passed on before.
 *
 * @throws whatever the source throws
 */
async function* inflate(
	reading: Reading,
	member: Member,
): AsyncGenerator<Uint8Array, Outcome, undefined> {
	const { readable, writable } = new DecompressionStream('gzip');
	const writer = writable.getWriter();
	const reader = readable.getReader();
	const feeding = feed(reading, writer, member.skipped);
	// However the feeding ends, the reader below must come to an end.
	feeding
		.catch(ignore)
		.then(() => writer.close())
		.catch(ignore);
	// A caller that stops early leaves the rest to the garbage collector: a decompressor that is
	// canceled while it has output throws where nobody can catch it (Node 20 and 24).
	for (let length = 0; ; ) {
		const read = await reader.read().catch((fault: unknown) => ({ fault }));
		const end = 'fault' in read || read.done ? await feeding : undefined;
		if ('fault' in read) return { fault: codeOf(read.fault), next: end?.next };
		if (read.done) {
			// Node 20 also decompresses members that follow, and ignores data that starts with a zero.
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

/**
 * Ends a member where nothing but zeros follow, up to the end of the file.
 *
 * @throws {FileError} when something else follows
 */
async function endAtZeros(member: Member, reading: Reading, fault: unknown): Promise<void> {
	if (member.padding) throw gzipError(TRAILING_JUNK);
	const count = fault === TRAILING_JUNK ? await reading.zerosToEnd() : 0;
	if (count === 0) throw gzipError(fault);
	member.padding = { start: reading.offset - count, count, kept: 0 };
}

/**
 * Decompresses a gzip file, all its members, and checks each by its checksum and length. A file that is
 * not gzip is passed on as it is, because HTTP may have decompressed it. Zeros after the last member are
 * skipped, as gzip does: they fill up blocks of a tape or a disk.
 *
 * The platform's decompressor takes one member, and newer Node versions refuse what follows. So each
 * member gets its own, which ends where the next header seems to start. If that was no header (about
 * once in 10^11 bytes, but once a page in a file of gzip pages), the member is read again from its
 * start. Each reading skips twice as many false headers, so it takes a few readings, not one for each.
 *
 * @throws {FileError} when the file is truncated or damaged; whatever the source throws
 */
export async function* gunzip(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
	let reading = new Reading(source, 0);
	try {
		if (!mayBeGzip(await reading.peek(2))) {
			yield* reading.rest();
			return;
		}
		for (let member = memberAt(0, 0); ; ) {
			const outcome = yield* inflate(reading, member);
			if ('fault' in outcome) {
				if (!moveEnd(member, outcome)) await endAtZeros(member, reading, outcome.fault);
				reading.close();
				const { start, padding } = member;
				reading = new Reading(source, start, padding && padding.start + padding.kept);
			} else if (outcome.next === 'end') return;
			else member = memberAt(reading.offset, member.passed - outcome.length);
		}
	} finally {
		reading.close();
	}
}
