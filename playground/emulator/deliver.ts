import type { ServerResponse } from 'node:http';
import { anyError, statusName } from './errors.ts';
import type { Fault } from './faults.ts';
import { bytesReply, emptyReply, htmlReply, type Reply } from './reply.ts';

/** Bytes let through when a body's length is unknown and the fault names none. */
const CUT_BYTES = 1024;

const cutAt = (fault: Fault, reply: Reply): number =>
	fault.bytes ?? (reply.length === undefined ? CUT_BYTES : Math.floor(reply.length / 2));

const bodyOf = ({ text = '', base64 }: Fault): Buffer =>
	base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64');

/** The answer that a fault gives instead of the API's; undefined when it lets the API answer. */
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

/** Waits until the response takes more, or its connection is gone. */
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

/** The chunk with one byte turned over when `position`, counted from the chunk's start, lies in it. */
function spoiled(chunk: Buffer, position: number): Buffer {
	if (position < 0 || position >= chunk.length) return chunk;
	const copy = Buffer.from(chunk);
	copy[position] = (copy[position] ?? 0) ^ 0xff;
	return copy;
}

/** Ends an answer that a fault has cut: `truncate` closes the connection, `stall-body` leaves the client waiting. */
async function endCut(response: ServerResponse, kind: Fault['kind']): Promise<void> {
	if (kind === 'stall-body') return drained(response);
	// What was written has to leave the process first, or the client sees a bare reset.
	await new Promise((resolve) => response.write('', resolve));
	response.destroy();
}

/** Writes a reply. Resolves with the bytes of body sent, when it has ended or the client has left. */
export async function deliver(
	response: ServerResponse,
	reply: Reply,
	fault?: Fault,
): Promise<number> {
	const length = reply.length === undefined ? {} : { 'content-length': String(reply.length) };
	response.writeHead(reply.status, { ...reply.headers, ...length });
	const place = fault ? cutAt(fault, reply) : 0;
	const isCut = fault?.kind === 'truncate' || fault?.kind === 'stall-body';
	let bytes = 0;
	const source = Buffer.isBuffer(reply.body) ? [reply.body] : reply.body;
	for await (const chunk of source as AsyncIterable<Buffer>) {
		if (response.destroyed) return bytes;
		let part = isCut ? chunk.subarray(0, place - bytes) : chunk;
		if (fault?.kind === 'corrupt') part = spoiled(chunk, place - bytes);
		const goesOn = response.write(part);
		bytes += part.length;
		if (isCut && bytes >= place) {
			await endCut(response, fault.kind);
			return bytes;
		}
		if (!goesOn) await drained(response);
	}
	response.end();
	return bytes;
}
