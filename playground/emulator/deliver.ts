import type { ServerResponse } from 'node:http';
import { anyError, statusName } from './errors.ts';
import type { Fault } from './faults.ts';
import { bytesReply, emptyReply, htmlReply, type Reply } from './reply.ts';

/** Bytes sent before a cut if neither the body's length nor the fault's `bytes` is known. */
const DEFAULT_CUT_BYTES = 1024;

const cutAt = (fault: Fault, reply: Reply): number =>
	fault.bytes ?? (reply.length === undefined ? DEFAULT_CUT_BYTES : Math.floor(reply.length / 2));

const bodyOf = ({ text = '', base64 }: Fault): Buffer =>
	base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64');

/** The response that a fault sends in place of the API's; undefined if the API responds. */
export function replyOfFault(fault: Fault, filesUrl: string, path: string): Reply | undefined {
	const retryAfter: Record<string, string> =
		fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
	const withRetryAfter = (reply: Reply): Reply => ({
		...reply,
		headers: { ...reply.headers, ...retryAfter },
	});
	switch (fault.kind) {
		case 'status':
			return withRetryAfter(anyError(fault.status ?? 503));
		case 'html': {
			const status = fault.status ?? 502;
			return withRetryAfter(htmlReply(status, status < 400 ? 'Welcome' : statusName(status)));
		}
		case 'empty':
			return withRetryAfter(emptyReply(fault.status ?? 200));
		case 'body':
			return bytesReply(fault.status ?? 200, bodyOf(fault));
		case 'redirect':
			return emptyReply(fault.status ?? 302, { location: fault.location ?? filesUrl + path });
		default:
			return undefined;
	}
}

/** Waits until the response can be written to again or its connection has closed. */
const drained = (response: ServerResponse): Promise<void> =>
	new Promise((resolve) => {
		const done = () => {
			response.off('drain', done);
			response.off('close', done);
			resolve();
		};
		response.on('drain', done);
		response.on('close', done);
		if (response.closed) done();
	});

/** The chunk with the byte at `position`, counted from the chunk's start, inverted if it lies in the chunk. */
function corrupted(chunk: Buffer, position: number): Buffer {
	if (position < 0 || position >= chunk.length) return chunk;
	const copy = Buffer.from(chunk);
	copy[position] = (copy[position] ?? 0) ^ 0xff;
	return copy;
}

/** Ends a response that a fault cuts: `truncate` closes the connection, `stall-body` keeps it open. */
async function endCut(response: ServerResponse, kind: Fault['kind']): Promise<void> {
	if (kind === 'stall-body') return drained(response);
	// Flush first, or the client gets a connection reset without the bytes.
	await new Promise((resolve) => response.write('', resolve));
	response.destroy();
}

/** Writes a reply. Resolves with the body bytes sent when the response has ended or the client has disconnected. */
export async function deliver(
	response: ServerResponse,
	reply: Reply,
	fault?: Fault,
): Promise<number> {
	const length = reply.length === undefined ? {} : { 'content-length': String(reply.length) };
	response.writeHead(reply.status, { ...reply.headers, ...length });
	const position = fault ? cutAt(fault, reply) : 0;
	const isCut = fault?.kind === 'truncate' || fault?.kind === 'stall-body';
	let bytes = 0;
	const source = Buffer.isBuffer(reply.body) ? [reply.body] : reply.body;
	for await (const chunk of source as AsyncIterable<Buffer>) {
		if (response.destroyed) return bytes;
		let part = isCut ? chunk.subarray(0, position - bytes) : chunk;
		if (fault?.kind === 'corrupt') part = corrupted(chunk, position - bytes);
		const canWriteMore = response.write(part);
		bytes += part.length;
		if (isCut && bytes >= position) {
			await endCut(response, fault.kind);
			return bytes;
		}
		if (!canWriteMore) await drained(response);
	}
	response.end();
	return bytes;
}
