import { failureCode } from '../api/networkErrors';

/** n8n sets no timeout on response bodies. */
const STALL_TIMEOUT_MS = 60_000;
const MAX_TEXT_BYTES = 64 * 1024;

/** A Node stream, whose module no community node may import. */
export interface BodyStream extends AsyncIterable<Uint8Array> {
	destroy(): unknown;
}

/** The body of a response, not read yet. */
export interface Body {
	stream: BodyStream;
	/** Closes the connection at once, whether or not data is coming in. */
	close(): void;
}

export interface BodyReader {
	/** The next bytes, why there are none, or undefined at the end. */
	next(): Promise<{ bytes: Uint8Array } | { failure: string } | undefined>;
	/** Closes the connection. Whatever is read after that is a failure. */
	stop(): void;
}

/** Reads a body chunk by chunk, and gives up when it stalls. */
export function readBody({ stream, close }: Body): BodyReader {
	const chunks = stream[Symbol.asyncIterator]();
	/** Unix time in ms. Time in which nobody reads does not count. */
	let waitingSince: number | undefined;
	let hasStalled = false;
	let isStopped = false;

	function stop(): void {
		isStopped = true;
		close();
	}

	function watch(ms: number): void {
		AbortSignal.timeout(ms).addEventListener('abort', () => {
			if (isStopped) return;
			const waited = waitingSince === undefined ? 0 : Date.now() - waitingSince;
			hasStalled = waited >= STALL_TIMEOUT_MS;
			if (hasStalled) stop();
			else watch(STALL_TIMEOUT_MS - waited);
		});
	}

	watch(STALL_TIMEOUT_MS);
	return {
		async next() {
			waitingSince = Date.now();
			try {
				const { done, value } = await chunks.next();
				return done ? undefined : { bytes: value };
			} catch (error) {
				return {
					failure: hasStalled
						? `sent no data for ${STALL_TIMEOUT_MS / 1000} s`
						: `dropped the connection (${failureCode(error)})`,
				};
			} finally {
				waitingSince = undefined;
			}
		},
		stop,
	};
}

/** The text of a short body, or as much of it as arrives. */
export async function readText(body: Body): Promise<string> {
	const reader = readBody(body);
	const chunks: Uint8Array[] = [];
	for (let size = 0; size < MAX_TEXT_BYTES; ) {
		const chunk = await reader.next();
		if (chunk === undefined || 'failure' in chunk) break;
		chunks.push(chunk.bytes);
		size += chunk.bytes.length;
	}
	reader.stop();
	return Buffer.concat(chunks).toString();
}

interface StreamClass {
	from(chunks: AsyncIterable<Uint8Array>, options: { objectMode: boolean }): BodyStream;
}

/**
 * Makes a Node stream, which n8n's binary store takes. No community node may import Node's streams,
 * but the class of a body is one, and has the function that makes one.
 */
export const toStream = (chunks: AsyncIterable<Uint8Array>, body: BodyStream): BodyStream =>
	(body.constructor as unknown as StreamClass).from(chunks, { objectMode: false });
