// The API and its file store for measurements: files of any size from a folder, served by a process of
// its own, so that its work is not counted with that of its client. The emulator makes its rows on request.
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { LOOKUP_NAMES, LOOKUPS } from '../../../../playground/emulator/lookup-records.ts';
import { defaultSettings } from '../../../../playground/emulator/settings.ts';

const HOST = '127.0.0.1';
/** A job's id may end in how slow its links are: `json-1000-1.20MBps-50ms`. */
const JOB_PATH = /^\/api\/v1\/analytics\/exports\/jobs\/([\w-]+)(?:\.(\d+)MBps-(\d+)ms)?$/;
const LOOKUP_PATH = /^\/api\/v1\/analytics\/exports\/lookups\/(\w+)$/;
const FILE_PATH = /^\/csvexports\/([\w-]+)\/([\w.-]+)$/;
const SENT_PATH = /^\/sent\/([\w-]+)$/;
const END_TIME = '2024-08-05T00:00:10.000000Z';

/** Of the records in each lookup. */
const COUNTS = defaultSettings().counts;

const folder = process.argv[2] ?? '';
let origin = '';

/** Bytes of bodies that have left this process, by job. */
const sent = new Map<string, number>();

function sendJson(response: ServerResponse, status: number, body: unknown): void {
	const text = JSON.stringify(body);
	const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
	response.writeHead(status, headers).end(text);
}

function sendJob(
	response: ServerResponse,
	[, jobId = '', megabytes, latencyMs = '0']: string[],
): void {
	const pace =
		megabytes === undefined ? '' : `&bytesPerSecond=${megabytes}000000&latencyMs=${latencyMs}`;
	const files = readdirSync(path.join(folder, jobId)).map((filename) => ({
		filename,
		url: `${origin}/csvexports/${jobId}/${filename}?X-Amz-Expires=172800&X-Amz-Signature=${'0'.repeat(64)}${pace}`,
	}));
	sendJson(response, 200, {
		job_id: jobId,
		status: 'completed',
		progress: '1 out of 1 partitions',
		start_time: '2024-08-05T00:00:00.000000Z',
		end_time: END_TIME,
		presigned_urls: files,
		type: 'export',
	});
}

/** The first byte that is requested. Only `bytes=n-` is read, by which a download resumes. */
function startOf(request: IncomingMessage, etag: string): number {
	const condition = request.headers['if-range'];
	if (condition !== undefined && condition !== etag) return 0;
	return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
}

/** Writes a chunk; gives false when the client has gone before it was sent. */
const write = async (response: ServerResponse, chunk: Buffer): Promise<boolean> =>
	await new Promise((resolve) => {
		const gone = () => resolve(false);
		response.once('close', gone);
		response.write(chunk, (error) => {
			response.off('close', gone);
			resolve(!error);
		});
	});

async function sendFile(
	request: IncomingMessage,
	response: ServerResponse,
	jobId: string,
	url: URL,
): Promise<void> {
	if (request.headers.authorization !== undefined) {
		response.writeHead(400).end('<Error><Code>InvalidArgument</Code></Error>');
		return;
	}
	const file = path.join(folder, jobId, path.basename(url.pathname));
	const { size, mtimeMs } = statSync(file);
	const etag = `"${createHash('md5').update(`${file} ${size} ${mtimeMs}`).digest('hex')}"`;
	const start = startOf(request, etag);
	response.writeHead(start > 0 ? 206 : 200, {
		'content-type': 'application/x-gzip',
		'content-length': size - start,
		'accept-ranges': 'bytes',
		...(start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {}),
		etag,
	});
	const pace = paceOf(url);
	await sleep(pace.latencyMs);
	const chunks: AsyncIterable<Buffer> = createReadStream(file, { start });
	for await (const chunk of chunks) {
		if (!(await write(response, chunk))) return;
		sent.set(jobId, (sent.get(jobId) ?? 0) + chunk.length);
		await pace.wait(chunk.length);
	}
	response.end();
}

/** How slow a link is, by its query. */
function paceOf(url: URL) {
	const latencyMs = Number(url.searchParams.get('latencyMs') ?? 0);
	const bytesPerSecond = Number(url.searchParams.get('bytesPerSecond') ?? Infinity);
	const startedAt = performance.now() + latencyMs;
	let bytes = 0;
	return {
		latencyMs,
		async wait(length: number) {
			bytes += length;
			const aheadMs = startedAt + (bytes / bytesPerSecond) * 1000 - performance.now();
			if (aheadMs > 1) await sleep(aheadMs);
		},
	};
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const url = new URL(request.url ?? '/', origin);
	const job = JOB_PATH.exec(url.pathname);
	if (job !== null) return sendJob(response, job);
	const file = FILE_PATH.exec(url.pathname)?.[1];
	if (file !== undefined) return await sendFile(request, response, file, url);
	// Lookups with pages are none of those that rows need.
	const lookup = LOOKUP_NAMES.find((name) => name === LOOKUP_PATH.exec(url.pathname)?.[1]);
	if (lookup !== undefined) {
		const { record } = LOOKUPS[lookup];
		const records = Array.from({ length: COUNTS[lookup] }, (_, index) => record(index));
		return sendJson(response, 200, records);
	}
	const counted = SENT_PATH.exec(url.pathname)?.[1];
	if (counted !== undefined) return sendJson(response, 200, sent.get(counted) ?? 0);
	sendJson(response, 404, { errors: [{ message: 'Not found' }] });
}

const server = createServer((request, response) => {
	respond(request, response).catch(() => response.destroy());
});
server.listen(0, HOST, () => {
	origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;
	console.log(JSON.stringify({ origin }));
});
