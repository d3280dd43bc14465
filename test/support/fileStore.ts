import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { JOBS } from './paths';

/** What the file store was asked for, and what it gave. */
export interface FileRequest {
	filename: string;
	query: URLSearchParams;
	headers: IncomingMessage['headers'];
	status: number;
	/** Bytes of body that it wrote. */
	bytes: number;
}

/** How the file store answers a request for a file, whose whole content it is given. */
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

/** The file, or the rest of it that is asked for. */
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

/** So many bytes of what is asked for, and then, unless that was all, silence or the end of the connection. */
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

/** So many bytes of the file, and then silence or the end of the connection. */
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

/** No answer at all. */
export const reset: FileAnswer = (_, { response }) => response.destroy();
export const silence: FileAnswer = (_, exchange) => exchange.stall();

export const refusal =
	(status: number, body = '', headers: OutgoingHttpHeaders = {}): FileAnswer =>
	(_, exchange) => {
		send(exchange, status, headers);
		exchange.response.end(body);
	};

/** Answers of another content, or of any shape. */
export const instead =
	(content: Buffer, answer: FileAnswer): FileAnswer =>
	(_, exchange) =>
		answer(content, exchange);

export const ID = '664314e1-ee60-48eb-a36a-5f38f4c524f1';
export const SIGNATURE = 'X-Amz-Signature=a-signature-that-must-not-leak';

/**
 * A completed job, and the store of its files, on a real server: what breaks or stalls in the middle
 * of a body cannot be told by a mock of HTTP.
 */
export class FileStore {
	readonly requests: FileRequest[] = [];

	/** How often the job was asked for. */
	looks = 0;

	/** The files as the job lists them. */
	links: StoredFile[] | null = [];

	/** Instead of the job. */
	answerLook: ((looks: number, response: ServerResponse) => boolean) | undefined;

	/** The clock of a run leaps over this. */
	isSilent = false;

	private readonly contents = new Map<string, Buffer>();

	private answers: FileAnswer[] = [];

	private readonly server = createServer((request, response) => this.serve(request, response));

	async open() {
		// A connection that rests stays open, as that of the emulator.
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

	/** Adds a file of the job; text is packed. Its link is a new one at every look. */
	add(filename: string, content: Buffer | string): Buffer {
		const bytes = typeof content === 'string' ? gzipSync(content) : content;
		this.contents.set(filename, bytes);
		this.links!.push({ filename, url: `${this.origin}/files/${encodeURIComponent(filename)}` });
		return bytes;
	}

	/** How requests for files are answered, one after the other; those that follow, whole or in part. */
	answer(...answers: FileAnswer[]) {
		this.answers.push(...answers);
	}

	/** The connections that are left once what is under way has had its turn. */
	async connections(): Promise<number> {
		for (let turns = 0; turns < 200; turns++) await new Promise(setImmediate);
		return await new Promise((resolve) => this.server.getConnections((_, count) => resolve(count)));
	}

	/** Bytes that left it, headers and all; a client that goes away leaves the others behind. */
	bytesTaken = 0;

	/** Bytes of bodies that it wrote. */
	get bytes() {
		return this.requests.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	private serve(request: IncomingMessage, response: ServerResponse) {
		// The client asks again: the answer before this one keeps nobody waiting any more.
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

/** Sets a test file up: every test has the store for itself. */
export function useFileStore(): FileStore {
	const store = new FileStore();
	beforeAll(async () => await store.open());
	beforeEach(() => store.reset());
	afterAll(() => store.close());
	return store;
}
