import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { LOOPBACK } from '../../../playground/ports.ts';
import { requireTool } from '../harness/tools.ts';

const YEAR_MS = 365 * 86_400_000;

/** A request to one of the stand-ins. */
export interface WebCall {
	/** Such as `POST slack.com/api/chat.postMessage`. */
	call: string;
	body: unknown;
}

/** What a stand-in sees of it besides. */
export interface WebRequest extends WebCall {
	headers: IncomingHttpHeaders;
	/** The body as it was sent. */
	bytes: Buffer;
}

/** A response that is more than JSON with status 200. */
export class WebReply {
	readonly status: number;
	readonly headers: Record<string, string>;
	readonly body: unknown;

	constructor(status: number, headers: Record<string, string> = {}, body?: unknown) {
		this.status = status;
		this.headers = headers;
		this.body = body;
	}
}

export type Respond = (request: WebRequest) => unknown;

/** A response that a stand-in throws. */
export class WebError extends Error {
	readonly reply: WebReply;

	constructor(status: number, body: unknown) {
		super(`Status ${status}`);
		this.reply = new WebReply(status, {}, body);
	}
}

/**
 * Stands in for web hosts: a proxy that n8n is told to use, with a certificate for these hosts that n8n is
 * told to trust. Nothing leaves this machine; other hosts are refused.
 */
export async function startWeb(folder: string, hosts: Record<string, Respond>) {
	const { key, certificate } = await certificateFor(Object.keys(hosts));
	const certificateFile = path.join(folder, 'certificate.pem');
	mkdirSync(folder, { recursive: true });
	writeFileSync(certificateFile, certificate);
	const calls: WebCall[] = [];
	const secure = createSecureServer({ key, cert: certificate }, (request, response) => {
		void respond(request, response, hosts, calls);
	});
	const proxy = createServer((_, response) => response.writeHead(405).end());
	proxy.on('connect', ({ url = '' }, socket) => {
		const [host = ''] = url.split(':');
		if (!(host in hosts)) return socket.end('HTTP/1.1 502 Not here\r\n\r\n');
		socket.write('HTTP/1.1 200 Connected\r\n\r\n');
		return secure.emit('connection', socket);
	});
	await new Promise<void>((resolve) => proxy.listen(0, LOOPBACK, resolve));
	const url = `http://${LOOPBACK}:${(proxy.address() as AddressInfo).port}`;
	return {
		calls,
		/** For n8n. */
		env: {
			HTTPS_PROXY: url,
			NO_PROXY: `${LOOPBACK},localhost`,
			NODE_EXTRA_CA_CERTS: certificateFile,
		},
		stop() {
			proxy.close();
			secure.closeAllConnections();
		},
	};
}

export type Web = Awaited<ReturnType<typeof startWeb>>;

async function respond(
	request: IncomingMessage,
	response: ServerResponse,
	hosts: Record<string, Respond>,
	calls: WebCall[],
): Promise<void> {
	const chunks: Buffer[] = [];
	for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
	const bytes = Buffer.concat(chunks);
	const text = isText(request.headers) ? bytes.toString() : '';
	const [host = ''] = (request.headers.host ?? '').split(':');
	const call = {
		call: `${request.method} ${host}${decodeURIComponent(request.url ?? '')}`,
		body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text,
	};
	calls.push(call);
	const { status, headers, body } = replyOf(() =>
		hosts[host]?.({ ...call, headers: request.headers, bytes }),
	);
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(body === undefined ? undefined : JSON.stringify(body));
}

function replyOf(respond: () => unknown): WebReply {
	try {
		const result = respond();
		if (result instanceof WebReply) return result;
		return new WebReply(result === undefined ? 404 : 200, {}, result ?? {});
	} catch (error) {
		if (error instanceof WebError) return error.reply;
		throw error;
	}
}

/** Files are not kept in the list of calls. */
const isText = ({ 'content-range': range }: IncomingHttpHeaders) => range === undefined;

async function certificateFor(hosts: string[]) {
	const forge = requireTool<Forge>('node-forge');
	const { privateKey, publicKey } = generateKeyPairSync('rsa', {
		modulusLength: 2048,
		publicKeyEncoding: { type: 'spki', format: 'pem' },
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
	});
	const certificate = forge.pki.createCertificate();
	certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
	certificate.serialNumber = '01';
	certificate.validity.notBefore = new Date(Date.now() - YEAR_MS);
	certificate.validity.notAfter = new Date(Date.now() + YEAR_MS);
	const names = [{ name: 'commonName', value: 'n8n-nodes-userpilot tests' }];
	certificate.setSubject(names);
	certificate.setIssuer(names);
	certificate.setExtensions([
		{ name: 'basicConstraints', cA: true },
		{ name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) },
	]);
	certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
	return { key: privateKey, certificate: forge.pki.certificateToPem(certificate) };
}

/** The part of it that is used here. */
interface Forge {
	md: { sha256: { create(): unknown } };
	pki: {
		createCertificate(): {
			publicKey: unknown;
			serialNumber: string;
			validity: { notBefore: Date; notAfter: Date };
			setSubject(names: unknown): void;
			setIssuer(names: unknown): void;
			setExtensions(extensions: unknown): void;
			sign(key: unknown, digest: unknown): void;
		};
		publicKeyFromPem(text: string): unknown;
		privateKeyFromPem(text: string): unknown;
		certificateToPem(certificate: unknown): string;
	};
}
