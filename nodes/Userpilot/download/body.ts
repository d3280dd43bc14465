import { failureCode } from '../api/networkErrors';

/** n8n guards no body: one that gives nothing for so long has stalled. */
const STALL_MS = 60_000;
/** An error's body is short. */
const LONGEST_TEXT_BYTES = 64 * 1024;

/** A Node stream, whose module no community node may import. */
export interface BodyStream extends AsyncIterable<Uint8Array> {
	destroy(): unknown;
}

/** The body of an answer, which has yet to come. */
export interface Body {
	stream: BodyStream;
	/** Gives the connection back at once, whether or not anything comes through it. */
	cut(): void;
}

interface StreamClass {
	from(pieces: AsyncIterable<Uint8Array>, options: { objectMode: boolean }): BodyStream;
}

/** The next bytes, why there are none, or undefined at the end. */
export type Piece = { bytes: Uint8Array } | { failure: string } | undefined;

/** Reads a body piece by piece, and gives up on one that stalls. */
export class BodyReader {
	private readonly pieces: AsyncIterator<Uint8Array>;

	/** Unix time in ms; only the body's own time counts, not that of whoever reads it. */
	private waitingSince: number | undefined;

	private hasStalled = false;

	private isStopped = false;

	private readonly body: Body;

	constructor(body: Body) {
		this.body = body;
		this.pieces = body.stream[Symbol.asyncIterator]();
		this.guard(STALL_MS);
	}

	async next(): Promise<Piece> {
		this.waitingSince = Date.now();
		try {
			const { done, value } = await this.pieces.next();
			return done ? undefined : { bytes: value };
		} catch (error) {
			return {
				failure: this.hasStalled
					? `sent nothing for ${STALL_MS / 1000} s`
					: `broke the connection (${failureCode(error)})`,
			};
		} finally {
			this.waitingSince = undefined;
		}
	}

	/**
	 * Other bytes as a Node stream, which n8n's binary store takes. No community node may import Node's
	 * streams; but the class of a body is one, and inherits the function that makes one.
	 */
	toStream(pieces: AsyncIterable<Uint8Array>): BodyStream {
		const { from } = this.body.stream.constructor as unknown as StreamClass;
		return from(pieces, { objectMode: false });
	}

	/** Gives the connection back; what is read from here on is a failure. */
	stop(): void {
		this.isStopped = true;
		this.body.cut();
	}

	private guard(ms: number): void {
		AbortSignal.timeout(ms).addEventListener('abort', () => {
			if (this.isStopped) return;
			const waited = this.waitingSince === undefined ? 0 : Date.now() - this.waitingSince;
			this.hasStalled = waited >= STALL_MS;
			if (this.hasStalled) this.stop();
			else this.guard(STALL_MS - waited);
		});
	}
}

/** The text of a short body, as far as it comes. */
export async function readText(body: Body): Promise<string> {
	const reader = new BodyReader(body);
	const pieces: Uint8Array[] = [];
	for (let size = 0; size < LONGEST_TEXT_BYTES; ) {
		const piece = await reader.next();
		if (piece === undefined || 'failure' in piece) break;
		pieces.push(piece.bytes);
		size += piece.bytes.length;
	}
	reader.stop();
	return Buffer.concat(pieces).toString();
}
