import { MAX_RESPONSE_MB, TOO_LARGE } from './failures';

const MAX_BYTES = MAX_RESPONSE_MB * 1024 * 1024;

/** A Node stream, whose module no community node may import. */
export interface ResponseStream extends AsyncIterable<Uint8Array> {
	destroy(): unknown;
}

/** What was asked for as a stream; whatever stands between n8n and us may have read it already. */
export type ResponseBody = ResponseStream | string;

/**
 * The text of a response. n8n sets no limit on a body and keeps all of it, and a few bytes of gzip can
 * unpack to gigabytes: so it is read as a stream, already unpacked, and only up to a limit.
 *
 * @throws an error with the code TOO_LARGE beyond the limit; whatever the stream throws
 */
export async function responseText(stream: ResponseBody): Promise<string> {
	if (typeof stream === 'string') return stream;
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	// To leave the loop destroys the stream, and with it the connection.
	for await (const chunk of stream) {
		bytes += chunk.length;
		if (bytes > MAX_BYTES) throw Object.assign(new Error('too large'), { code: TOO_LARGE });
		chunks.push(chunk);
	}
	return new TextDecoder().decode(Buffer.concat(chunks));
}
