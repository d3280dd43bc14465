import { closeSync, openSync, writeSync } from 'node:fs';
import { constants, crc32, deflateRawSync } from 'node:zlib';

/** Magic number, deflate, no flags, no time, no extra flags, unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** An empty last block. */
const LAST_BLOCK = Buffer.from([3, 0]);
const LEVEL = 6;

/** The content of a gzip file: a head once, then a body so many times. */
export interface GzipContent {
	head: Buffer;
	body: Buffer;
	repeat: number;
}

/**
 * Writes a gzip file of one member and gives its size and that of its content, in bytes.
 * The body is compressed once and its blocks repeated, so that gigabytes are made in seconds;
 * it takes a reader as long as any other file, because deflate refers back 32 KB at most.
 */
export function writeGzipFile(
	file: string,
	{ head, body, repeat }: GzipContent,
): { bytesCompressed: number; bytes: number } {
	const blocks = deflateWhole(body);
	const output = openSync(file, 'w');
	let bytesCompressed = 0;
	const write = (part: Buffer) => (bytesCompressed += writeSync(output, part));
	try {
		write(HEADER);
		write(deflateWhole(head));
		let checksum = crc32(head);
		for (let time = 0; time < repeat; time += 1) {
			write(blocks);
			checksum = crc32(body, checksum);
		}
		const bytes = head.length + body.length * repeat;
		write(LAST_BLOCK);
		write(trailer(checksum, bytes));
		return { bytesCompressed, bytes };
	} finally {
		closeSync(output);
	}
}

/** Deflate blocks that end at a byte and that nothing after them refers back to. */
const deflateWhole = (content: Buffer): Buffer =>
	deflateRawSync(content, { level: LEVEL, finishFlush: constants.Z_FULL_FLUSH });

function trailer(checksum: number, bytes: number): Buffer {
	const buffer = Buffer.alloc(8);
	buffer.writeUInt32LE(checksum, 0);
	buffer.writeUInt32LE(bytes % 2 ** 32, 4);
	return buffer;
}
