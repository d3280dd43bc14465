import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { JOBS } from './paths';

/** A request to the file store, and what it has sent. */
export interface FileRequest {
	filename: string;
	query: URLSearchParams;
	headers: IncomingMessage['headers'];
	status: number;
	/** Bytes of the body that were written. */
	bytes: number;
}

/** Responds to a request for a file with that content. */
export type FileAnswer = (content: Buffer, exchange: Exchange) => void;

interface Exchange {
	request: IncomingMessage;
	response: ServerResponse;
	entry: FileRequest;
	/** The client is kept waiting until it leaves. */
	stall(): void;
}

interface StoredFile {
	filename: string | null;
	url: string | null;
}

const etagOf = (content: Buffer) => `"${createHash('md5').update(content).digest('hex')}"`;

/** Without the headers whose value is undefined. */
function send({ response, entry }: Exchange, status: number, headers: OutgoingHttpHeaders) {
	entry.status = status;
	const sent = Object.entries(headers).filter(([, value]) => value !== undefined);
	response.writeHead(status, Object.fromEntries(sent));
}

function write({ response, entry }: Exchange, bytes: Buffer, then: () => void) {
	entry.bytes += bytes.length;
	response.write(bytes, then);
}

/** The whole file. */
export const whole =
	(headers: OutgoingHttpHeaders = {}): FileAnswer =>
	(content, exchange) => {
		send(exchange, 200, { 'content-length': content.length, etag: etagOf(content), ...headers });
		write(exchange, content, () => exchange.response.end());
	};

/** The file, or the range of it that is requested. */
export const ranged =
	(headers: OutgoingHttpHeaders = {}): FileAnswer =>
	(content, exchange) => {
		const start = Number(/^bytes=(\d+)-$/.exec(exchange.request.headers.range ?? '')?.[1] ?? 0);
		if (start === 0) return whole(headers)(content, exchange);
		const end = content.length - 1;
		const range = `bytes ${start}-${end}/${content.length}`;
		const rest = content.subarray(start);
		const own = { 'content-range': range, 'content-length': rest.length, etag: etagOf(content) };
		send(exchange, 206, { ...own, ...headers });
		write(exchange, rest, () => exchange.response.end());
	};

/** So many bytes of the requested range; then, unless that was all, silence or a dropped connection. */
const partOfRange =
	(bytes: number, then: (exchange: Exchange) => void): FileAnswer =>
	(content, exchange) => {
		const start = Number(/^bytes=(\d+)-$/.exec(exchange.request.headers.range ?? '')?.[1] ?? 0);
		const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
		const own = { 'content-length': content.length - start, etag: etagOf(content) };
		send(exchange, start === 0 ? 200 : 206, { ...own, ...(start > 0 && range) });
		exchange.response.flushHeaders();
		const isAll = start + bytes >= content.length;
		write(exchange, content.subarray(start, start + bytes), () =>
			isAll ? exchange.response.end() : then(exchange),
		);
	};

export const cutAfter = (bytes: number) => partOfRange(bytes, ({ response }) => response.destroy());

export const stallAfter = (bytes: number) => partOfRange(bytes, (exchange) => exchange.stall());

/** So many bytes of the file, and then silence or a dropped connection. */
const partly =
	(bytes: number, headers: OutgoingHttpHeaders, then: (exchange: Exchange) => void): FileAnswer =>
	(content, exchange) => {
		send(exchange, 200, { 'content-length': content.length, etag: etagOf(content), ...headers });
		exchange.response.flushHeaders();
		write(exchange, content.subarray(0, bytes), () => then(exchange));
	};

export const cutAt = (bytes: number, headers: OutgoingHttpHeaders = {}) =>
	partly(bytes, headers, ({ response }) => response.destroy());

export const stallAt = (bytes: number, headers: OutgoingHttpHeaders = {}) =>
	partly(bytes, headers, (exchange) => exchange.stall());

/** No response. */
export const reset: FileAnswer = (_, { response }) => response.destroy();
export const silence: FileAnswer = (_, exchange) => exchange.stall();

export const refusal =
	(status: number, body = '', headers: OutgoingHttpHeaders = {}): FileAnswer =>
	(_, exchange) => {
		send(exchange, status, headers);
		exchange.response.end(body);
	};

/** Another content in place of the file. */
export const instead =
	(content: Buffer, answer: FileAnswer): FileAnswer =>
	(_, exchange) =>
		answer(content, exchange);

export const ID = '664314e1-ee60-48eb-a36a-5f38f4c524f1';
export const SIGNATURE = 'X-Amz-Signature=a-signature-that-must-not-leak';

/**
 * A completed job and its files, on a real server, as a mock of HTTP cannot drop or stall a connection in the
 * middle of a body. The emulator's faults are drawn by kind; here, a test scripts each response byte by byte.
 */
export class FileStore {
	readonly requests: FileRequest[] = [];

	/** How often the job was requested. */
	looks = 0;

	/** The files as the job lists them. */
	links: StoredFile[] | null = [];

	/** Responds instead of the job; gives whether it did. */
	answerLook: ((looks: number, response: ServerResponse) => boolean) | undefined;

	/** Whether a client is kept waiting, which the clock of a run leaps over. */
	isSilent = false;

	private readonly contents = new Map<string, Buffer>();

	private answers: FileAnswer[] = [];

	private readonly server = createServer((request, response) => this.serve(request, response));

	async open() {
		// An idle connection stays open, as with the emulator.
		this.server.keepAliveTimeout = 0;
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
	}

	close() {
		this.server.closeAllConnections();
		this.server.close();
	}

	get origin() {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	reset() {
		this.requests.length = 0;
		this.looks = 0;
		this.links = [];
		this.answerLook = undefined;
		this.isSilent = false;
		this.bytesTaken = 0;
		this.answers = [];
		this.contents.clear();
	}

	/** Adds a file of the job; text is compressed. Each request for the job gives a new link. */
	add(filename: string, content: Buffer | string): Buffer {
		const bytes = typeof content === 'string' ? gzipSync(content) : content;
		this.contents.set(filename, bytes);
		this.links!.push({ filename, url: `${this.origin}/files/${encodeURIComponent(filename)}` });
		return bytes;
	}

	/** Scripts the responses to requests for files, in turn; later ones get the requested range. */
	answer(...answers: FileAnswer[]) {
		this.answers.push(...answers);
	}

	/** Open connections, once everything that is under way has had its turn. */
	async connections(): Promise<number> {
		for (let turns = 0; turns < 200; turns++) await new Promise(setImmediate);
		return await new Promise((resolve) => this.server.getConnections((_, count) => resolve(count)));
	}

	/** Bytes that were sent, headers included; without those that a client has left unread. */
	bytesTaken = 0;

	/** Bytes of bodies that were written. */
	get bytes() {
		return this.requests.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	private serve(request: IncomingMessage, response: ServerResponse) {
		// The client has sent another request, so it no longer waits for the previous response.
		this.isSilent = false;
		const url = new URL(request.url!, this.origin);
		if (url.pathname.startsWith(JOBS)) return this.serveJob(response);
		const filename = decodeURIComponent(url.pathname.slice('/files/'.length));
		const { searchParams: query } = url;
		const entry = { filename, query, headers: request.headers, status: 0, bytes: 0 };
		this.requests.push(entry);
		const { socket } = request;
		const before = socket.bytesWritten - socket.writableLength;
		response.on('close', () => {
			this.bytesTaken += socket.bytesWritten - socket.writableLength - before;
		});
		const stall = () => {
			this.isSilent = true;
			response.on('close', () => {
				if (entry === this.requests.at(-1)) this.isSilent = false;
			});
		};
		const answer = this.answers.shift() ?? ranged();
		answer(this.contents.get(filename) ?? Buffer.alloc(0), { request, response, entry, stall });
	}

	private serveJob(response: ServerResponse) {
		this.looks++;
		if (this.answerLook?.(this.looks, response)) return;
		const signed = `?X-Amz-Expires=172800&look=${this.looks}&${SIGNATURE}`;
		const presigned_urls = this.links?.map(({ filename, url }) => ({
			filename,
			url: url?.startsWith(this.origin) ? url + signed : url,
		}));
		response.end(
			JSON.stringify({ job_id: ID, status: 'completed', progress: '1 out of 1', presigned_urls }),
		);
	}
}

/** Sets up a test file: every test has the store to itself. */
export function useFileStore(): FileStore {
	const store = new FileStore();
	beforeAll(async () => await store.open());
	beforeEach(() => store.reset());
	afterAll(() => store.close());
	return store;
}
