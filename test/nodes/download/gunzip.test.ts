import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

import type { ByteSource } from '../../../nodes/Userpilot/download/gunzip';
import { FileError } from '../../../nodes/Userpilot/download/fileError';
import { gunzip } from '../../../nodes/Userpilot/download/gunzip';

const MB = 1024 * 1024;
const CHUNK_SIZES = [1, 7, 64 * 1024, Infinity];

/** A file in chunks, which counts how often it was opened and closed. */
class Chunks implements ByteSource {
	opened = 0;

	closed = 0;

	sent = 0;

	private readonly file: Uint8Array;

	private readonly size: number;

	private readonly atEnd: () => Promise<void> | void;

	constructor(file: Uint8Array, size = Infinity, atEnd: () => Promise<void> | void = () => {}) {
		this.file = file;
		this.size = size;
		this.atEnd = atEnd;
	}

	async *readFrom(offset: number) {
		this.opened++;
		try {
			for (let at = offset; at < this.file.length; ) {
				const chunk = this.file.subarray(at, at + this.size);
				at += chunk.length;
				this.sent++;
				yield chunk;
			}
			await this.atEnd();
		} finally {
			this.closed++;
		}
	}
}

/** Everything that is read, and the error that ends it. */
async function read(source: ByteSource) {
	const chunks: Uint8Array[] = [];
	let error: unknown;
	try {
		for await (const chunk of gunzip(source)) chunks.push(Uint8Array.from(chunk));
	} catch (thrown) {
		error = thrown;
	}
	return { bytes: Buffer.concat(chunks), error };
}

async function contentOf(file: Uint8Array, size?: number): Promise<Buffer> {
	const { bytes, error } = await read(new Chunks(file, size));
	if (error) throw error;
	return bytes;
}

/** Long enough for whatever runs in the background. */
const settle = async () => {
	await promisify(zlib.deflate)(Buffer.alloc(4 * MB));
	for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};

const text = (length: number) =>
	Buffer.from(
		Array.from({ length }, (_, index) => String.fromCharCode(97 + ((index * index) % 26))).join(''),
	);

interface Fields {
	extra?: Buffer;
	name?: string;
	comment?: string;
	hasHeaderChecksum?: boolean;
}

/** A member with the optional fields of RFC 1952. */
function memberWith(content: Buffer, { extra, name, comment, hasHeaderChecksum }: Fields): Buffer {
	const flags = (hasHeaderChecksum ? 2 : 0) | (extra ? 4 : 0) | (name ? 8 : 0) | (comment ? 16 : 0);
	const extraLength = Buffer.alloc(2);
	extraLength.writeUInt16LE(extra?.length ?? 0);
	const header = Buffer.concat([
		Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 2, 255]),
		...(extra ? [extraLength, extra] : []),
		Buffer.from([name, comment].map((field) => (field ? `${field}\0` : '')).join(''), 'latin1'),
	]);
	const checksum = Buffer.alloc(2);
	checksum.writeUInt16LE(zlib.crc32(header) & 0xffff);
	return Buffer.concat([
		header,
		hasHeaderChecksum ? checksum : Buffer.alloc(0),
		zlib.gzipSync(content).subarray(10),
	]);
}

const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** Not compressed, so that what looks like a header stays one. */
const stored = (...content: Uint8Array[]) => zlib.gzipSync(Buffer.concat(content), { level: 0 });

const hello = zlib.gzipSync('hello');
const many = Array.from({ length: 400 }, (_, index) => text(index % 3 === 0 ? 0 : index));

describe('gunzip', () => {
	const files: Array<[what: string, file: Buffer, content: Buffer]> = [
		['one member', zlib.gzipSync(text(100_000)), text(100_000)],
		['gzip of nothing', zlib.gzipSync(''), Buffer.alloc(0)],
		['two members', Buffer.concat([hello, zlib.gzipSync('world')]), Buffer.from('helloworld')],
		[
			'members that are empty at the start, in the middle and at the end',
			Buffer.concat(['', 'a', '', '', 'b', ''].map((content) => zlib.gzipSync(content))),
			Buffer.from('ab'),
		],
		[
			'400 tiny members',
			Buffer.concat(many.map((content) => zlib.gzipSync(content))),
			Buffer.concat(many),
		],
		[
			'members with optional header fields',
			Buffer.concat([
				memberWith(text(50), { name: '2024-07-29.json' }),
				memberWith(text(60), { extra: Buffer.from('BC\x02\0ab'), comment: 'a comment' }),
				memberWith(text(70), { extra: Buffer.alloc(300), name: 'n', hasHeaderChecksum: true }),
			]),
			Buffer.concat([text(50), text(60), text(70)]),
		],
		[
			'members of each level',
			Buffer.concat([0, 1, 6, 9].map((level) => zlib.gzipSync(text(5_000), { level }))),
			Buffer.concat([0, 1, 6, 9].map(() => text(5_000))),
		],
	];

	files.push([
		'members of every operating system and level of compression',
		Buffer.concat(
			[0, 3, 7, 10, 13, 19, 255].flatMap((system) =>
				[0, 2, 4].map((hint) => {
					const member = zlib.gzipSync('a');
					member.set([hint, system], 8);
					return member;
				}),
			),
		),
		Buffer.from('a'.repeat(21)),
	]);

	const falseHeaders: typeof files = [
		[
			'one false header',
			stored(text(20), HEADER, text(20)),
			Buffer.concat([text(20), HEADER, text(20)]),
		],
		['a false header at once', stored(HEADER), HEADER],
		['a false header at the end', stored(text(9), HEADER), Buffer.concat([text(9), HEADER])],
		[
			'many, next to each other and across blocks',
			stored(...Array.from({ length: 20 }, () => HEADER), text(65_520), HEADER, HEADER),
			Buffer.concat([...Array.from({ length: 20 }, () => HEADER), text(65_520), HEADER, HEADER]),
		],
		['whole gzip files inside', stored(hello, hello), Buffer.concat([hello, hello])],
		[
			'one in the second of three members',
			Buffer.concat([hello, stored(text(3), HEADER, text(300)), hello]),
			Buffer.concat([Buffer.from('hello'), text(3), HEADER, text(300), Buffer.from('hello')]),
		],
		[
			'one in an extra field',
			Buffer.concat([hello, memberWith(text(8), { extra: HEADER }), hello]),
			Buffer.concat([Buffer.from('hello'), text(8), Buffer.from('hello')]),
		],
		[
			'one after a lot of data',
			stored(text(300_000), HEADER, text(300_000), HEADER, text(9)),
			Buffer.concat([text(300_000), HEADER, text(300_000), HEADER, text(9)]),
		],
	];

	describe.each(CHUNK_SIZES)('in chunks of %d bytes', (size) => {
		it.each(files)('decompresses %s', async (_what, file, content) => {
			expect((await contentOf(file, size)).equals(content)).toBe(true);
		});

		it.each(falseHeaders)('is not misled by %s', async (_what, file, content) => {
			// Cut into single bytes, the largest would take minutes.
			const source = new Chunks(file, file.length > 50_000 ? Math.max(size, 1_000) : size);
			const { bytes, error } = await read(source);
			expect(error).toBeUndefined();
			expect(bytes.equals(content)).toBe(true);
			expect(source.opened).toBeGreaterThan(1);
			expect(source.closed).toBe(source.opened);
		});

		it.each([
			['text', Buffer.from('{"a":1}\n'.repeat(1_000))],
			['a single byte', Buffer.from('{')],
			['what begins with one of the two bytes of gzip', Buffer.from([0x1f, 0x20, 0x21])],
			['an empty file', Buffer.alloc(0)],
		])('passes on what is not gzip: %s', async (_what, file) => {
			expect((await contentOf(file, size)).equals(file)).toBe(true);
		});
	});

	describe('of a file with many gzip pages stored in it', () => {
		const pages = Array.from({ length: 80 }, (_, page) =>
			zlib.gzipSync(randomBytes(20_000).fill(page, 0, 9)),
		);
		const content = Buffer.concat(pages);

		it.each([
			['that is one member', stored(content), content],
			[
				'with members around it',
				Buffer.concat([hello, stored(content), ...pages, stored(...pages.slice(0, 9)), hello]),
				Buffer.concat([
					Buffer.from('hello'),
					content,
					...pages.map((page) => zlib.gunzipSync(page)),
					...pages.slice(0, 9),
					Buffer.from('hello'),
				]),
			],
			['with zeros after it', Buffer.concat([stored(content), Buffer.alloc(99)]), content],
		])('needs a few readings, not one for each page: %s', async (_what, file, whole) => {
			const source = new Chunks(file, 16 * 1024);
			const { bytes, error } = await read(source);
			expect(error).toBeUndefined();
			expect(bytes.equals(whole)).toBe(true);
			expect(source.opened).toBeLessThan(25);
			expect(source.sent * 16 * 1024).toBeLessThan(12 * file.length);
		});

		it('fails when it is damaged after the last page', async () => {
			const damaged = stored(content);
			damaged[damaged.length - 6]! ^= 1;
			const source = new Chunks(damaged, 16 * 1024);
			expect((await read(source)).error).toMatchObject({
				message: expect.stringContaining('is damaged'),
			});
			expect(source.opened).toBeLessThan(25);
		});
	});

	describe('of a file with zeros after it, as blocks of a disk have', () => {
		it.each([
			['nothing', Buffer.alloc(0)],
			['5 bytes', text(5)],
			['300 bytes', text(300)],
			['70,000 bytes', text(70_000)],
			['65,536 bytes', text(65_536)],
			['17 MB', Buffer.alloc(17 * MB, 'x')],
		])('decompresses it: %s', async (_what, content) => {
			for (const zeros of [1, 3, 511, 200_000]) {
				for (const members of [[content], [text(9), content]]) {
					const compressed = Buffer.concat(members.map((member) => zlib.gzipSync(member)));
					const source = new Chunks(Buffer.concat([compressed, Buffer.alloc(zeros)]), 4_096);
					const { bytes, error } = await read(source);
					expect([zeros, error]).toEqual([zeros, undefined]);
					expect(bytes.equals(Buffer.concat(members))).toBe(true);
					expect(source.closed).toBe(source.opened);
				}
			}
		});

		it('fails when its data is truncated', async () => {
			const cut = zlib.gzipSync(text(300)).subarray(0, -9);
			const { error } = await read(new Chunks(Buffer.concat([cut, Buffer.alloc(100)])));
			expect(error).toBeInstanceOf(FileError);
		});
	});

	it('finds a header wherever it is split', async () => {
		const content = Buffer.concat([text(4), HEADER, text(4)]);
		const file = Buffer.concat([stored(content), hello]);
		for (let size = 1; size <= file.length; size++) {
			expect((await contentOf(file, size)).toString()).toBe(`${content.toString()}hello`);
		}
	});

	describe('of a truncated file', () => {
		const first = zlib.gzipSync('first member');
		const second = memberWith(Buffer.from('the second member'), { name: 'two' });
		const whole = 'first memberthe second member';
		const file = Buffer.concat([first, second]);

		it.each(CHUNK_SIZES)('fails, in chunks of %d bytes, wherever it is truncated', async (size) => {
			for (let length = 1; length < file.length; length++) {
				const { bytes, error } = await read(new Chunks(file.subarray(0, length), size));
				expect(whole.startsWith(bytes.toString())).toBe(true);
				// A file that ends with a whole member looks like a whole file.
				if (length === first.length)
					expect([error, bytes.toString()]).toEqual([undefined, 'first member']);
				else expect(error).toBeInstanceOf(FileError);
			}
		});

		it('names the cause', async () => {
			const { error } = await read(new Chunks(file.subarray(0, 20)));
			expect(error).toMatchObject({
				message: 'is truncated: its gzip data ends too early',
				advice: expect.stringContaining("Options > 'Decompress' off"),
			});
		});

		it('fails at a member that is truncated before the next one', async () => {
			for (let length = 11; length < first.length; length++) {
				const source = new Chunks(Buffer.concat([first.subarray(0, length), second]), 16);
				expect((await read(source)).error).toBeInstanceOf(FileError);
				expect(source.opened).toBeLessThanOrEqual(2);
			}
		});
	});

	describe('of a damaged file', () => {
		const parts = [Buffer.from('a first member, '), text(300)];
		const file = Buffer.concat(parts.map((part) => zlib.gzipSync(part)));
		const whole = Buffer.concat(parts);
		const secondStart = zlib.gzipSync(parts[0]!).length;

		// 0x1f turns a header's first byte into a zero, which Node 20 treats as padding.
		it.each([0x01, 0x04, 0x1f, 0x80, 0xff])(
			'never returns other content, whichever byte is changed by %d',
			async (mask) => {
				for (let at = 0; at < file.length; at++) {
					const damaged = Buffer.from(file);
					damaged[at]! ^= mask;
					for (const size of [13, Infinity]) {
						const { bytes, error } = await read(new Chunks(damaged, size));
						// A file that does not start like gzip is passed on as it is.
						if (at < 2) expect([error, bytes]).toEqual([undefined, damaged]);
						else if (error === undefined) expect([at, bytes.equals(whole)]).toEqual([at, true]);
						else expect(error).toBeInstanceOf(FileError);
					}
				}
			},
		);

		it.each([
			[
				'checksum',
				-8,
				'is damaged: its gzip data cannot be decompressed, or its checksum is wrong',
			],
			['length', -4, 'is damaged: its gzip data cannot be decompressed, or its checksum is wrong'],
		])('fails when the %s is wrong', async (_what, fromEnd, message) => {
			for (const at of [file.length + fromEnd, secondStart + fromEnd]) {
				const damaged = Buffer.from(file);
				damaged[at]! ^= 0x10;
				expect((await read(new Chunks(damaged))).error).toMatchObject({ message });
			}
		});

		it.each([
			['letters', Buffer.from('junk')],
			['zeros and another member', Buffer.concat([Buffer.alloc(3), hello])],
			['letters and zeros', Buffer.from('junk\0\0\0')],
			['two bytes of a header', Buffer.from([0x1f, 0x8b])],
			['letters longer than a chunk', text(200_000)],
		])('fails when %s follow it', async (_what, junk) => {
			for (const size of [1, 5, Infinity]) {
				const source = new Chunks(Buffer.concat([file, junk]), junk.length > 9_999 ? 4_096 : size);
				const { bytes, error } = await read(source);
				expect(error).toBeInstanceOf(FileError);
				expect(whole.subarray(0, bytes.length).equals(bytes)).toBe(true);
			}
		});

		it.each([1, 10, 12, -8, -4])(
			'reads no tiny member again when byte %d of one of many is damaged',
			async (at) => {
				const members = many.map((content) => zlib.gzipSync(content));
				const damaged = members[100]!;
				damaged[(at + damaged.length) % damaged.length]! ^= 0x06;
				const source = new Chunks(Buffer.concat(members));
				expect((await read(source)).error).toBeInstanceOf(FileError);
				expect(source.opened).toBe(1);
			},
		);

		it('stops reading a file that cannot be decompressed at all', async () => {
			const source = new Chunks(
				Buffer.concat([hello.subarray(0, 10), Buffer.alloc(20 * MB, 0xff)]),
				4_096,
			);
			expect((await read(source)).error).toBeInstanceOf(FileError);
			expect(source.sent * 4_096).toBeLessThan(2 * MB);
		});
	});

	describe('when the source fails', () => {
		const failure = new Error('ECONNRESET');
		const fail = async () => await Promise.reject(failure);
		const file = Buffer.concat([stored(text(20_000)), zlib.gzipSync(text(9))]);

		it.each([0, 1, 5, 12, 1_000, 20_023, file.length - 20, file.length - 1, file.length])(
			'throws its error, after %d bytes',
			async (length) => {
				for (const size of [7, 4_096, Infinity]) {
					const source = new Chunks(file.subarray(0, length), size, fail);
					expect((await read(source)).error).toBe(failure);
				}
			},
		);

		it('throws its error even when the data before it is damaged', async () => {
			const source = new Chunks(Buffer.from('1f8b08', 'hex'), 1, fail);
			expect((await read(source)).error).toBe(failure);
		});

		it('throws its error from a file that is not gzip', async () => {
			expect((await read(new Chunks(Buffer.from('{}'), 1, fail))).error).toBe(failure);
		});
	});

	describe('when no more is needed', () => {
		it.each([
			['of a gzip file', stored(text(5 * MB))],
			['of a file that is not gzip', text(5 * MB)],
			['after a false header', stored(HEADER, text(5 * MB))],
		])('stops the reading %s', async (_what, file) => {
			const source = new Chunks(file, 64 * 1024);
			for await (const chunk of gunzip(source)) {
				if (chunk.length > 0) break;
			}
			await settle();
			expect(source.closed).toBe(source.opened);
			expect(source.sent).toBeLessThan(40);
		});

		// Of an error that nobody can catch, n8n would die; the test runner fails the test.
		it('leaves nothing that fails later, however much was read', async () => {
			const file = zlib.gzipSync(Buffer.alloc(20 * MB));
			for (let round = 0; round < 200; round++) {
				let count = 0;
				for await (const chunk of gunzip(new Chunks(file, 64 * 1024))) {
					expect(chunk.length).toBeGreaterThan(0);
					if (++count > round % 4) break;
					for (let turn = 0; turn < round % 5; turn++) await new Promise(setImmediate);
				}
			}
			await settle();
		});

		it('does not wait for a source that sends nothing', async () => {
			let goOn = () => {};
			const goingOn = new Promise<void>((resolve) => {
				goOn = resolve;
			});
			let isWaiting = false;
			const source = new Chunks(stored(text(8_000)).subarray(0, 7_900), 1_000, async () => {
				isWaiting = true;
				await goingOn;
			});
			for await (const chunk of gunzip(source)) {
				expect(chunk.length).toBeGreaterThan(0);
				await settle();
				break;
			}
			expect(isWaiting).toBe(true);
			expect(source.closed).toBe(0);
			goOn();
			await settle();
			expect(source.closed).toBe(1);
		});

		it('ignores a source that fails while it is closed', async () => {
			const source: ByteSource = {
				async *readFrom() {
					try {
						yield stored(text(100_000));
						yield Buffer.alloc(1);
					} finally {
						await Promise.reject(new Error('the socket is gone'));
					}
				},
			};
			const chunks = gunzip(source);
			expect((await chunks.next()).done).toBe(false);
			await expect(chunks.return()).resolves.toMatchObject({ done: true });
			await settle();
		});
	});

	describe('when the reader pauses', () => {
		it('reads little ahead', async () => {
			const BLOCK = 65_535;
			const block = Buffer.concat([Buffer.from([0, 0xff, 0xff, 0, 0]), Buffer.alloc(BLOCK, 'x')]);
			let sent = 0;
			const chunks = gunzip({
				async *readFrom() {
					yield HEADER;
					for (; sent < 200 * MB; sent += BLOCK) yield block;
				},
			});
			await chunks.next();
			await settle();
			expect(sent).toBeLessThan(2 * MB);
			await chunks.return();
		});

		it('decompresses little ahead', async () => {
			const zip = zlib.createGzip({ level: 1 });
			const compressed: Buffer[] = [];
			zip.on('data', (chunk: Buffer) => compressed.push(chunk));
			for (let size = 0; size < 200; size++) zip.write(Buffer.alloc(MB));
			zip.end();
			await once(zip, 'end');
			const chunks = gunzip(new Chunks(Buffer.concat(compressed)));
			const before = process.memoryUsage().arrayBuffers;
			await chunks.next();
			await settle();
			expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * MB);
			let size = 0;
			for await (const chunk of chunks) size += chunk.length;
			expect(size).toBeGreaterThan(199 * MB);
		});
	});
});
