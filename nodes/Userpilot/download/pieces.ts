/** The bytes of a file. */
export interface ByteSource {
	/** Reads from an offset on; asked again after an end, it begins anew. */
	readFrom(offset: number): AsyncGenerator<Uint8Array, void, undefined>;
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
	Buffer.from(buffer, byteOffset, byteLength);

/** For failures that show elsewhere, or no longer matter. */
export const ignore = () => undefined;

export function zerosAtEnd(bytes: Uint8Array): number {
	let count = 0;
	while (count < bytes.length && bytes[bytes.length - 1 - count] === 0) count++;
	return count;
}

/** Reads pieces, and takes back what was read too far. */
export class Pieces {
	/** The offset in the file of what comes next. */
	offset: number;

	/** How many zero bytes stand at the end of what was unpacked. */
	zeros = 0;

	/** Where the file counts as ended. */
	private readonly end: number;

	private given: Buffer | undefined;

	private readonly pieces: AsyncGenerator<Uint8Array, void, undefined>;

	constructor(source: ByteSource, offset: number, end = Infinity) {
		this.offset = offset;
		this.end = end;
		this.pieces = source.readFrom(offset);
	}

	/** The next piece, of at least so many bytes unless the file ends; empty at its end. */
	async next(minBytes = 1): Promise<Buffer> {
		let piece = this.given ?? Buffer.alloc(0);
		this.given = undefined;
		while (piece.length < minBytes && this.offset + piece.length < this.end) {
			const { done, value } = await this.pieces.next();
			if (done) break;
			piece = piece.length === 0 ? asBuffer(value) : Buffer.concat([piece, value]);
		}
		piece = piece.subarray(0, this.end - this.offset);
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

	/** How many zero bytes end the file, if nothing else comes any more. */
	async zerosToEnd(): Promise<number> {
		for await (const piece of this.rest()) {
			if (zerosAtEnd(piece) < piece.length) return 0;
			this.zeros += piece.length;
		}
		return this.zeros;
	}

	/** Ends the reading as soon as the source gives the piece that it is asked for, if any. */
	close(): void {
		this.pieces.return().catch(ignore);
	}
}
