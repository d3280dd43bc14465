import type { IncomingMessage } from 'node:http';
import { fileSize, fileStream, sliceBytes } from './file-content.ts';
import {
	etagOf,
	jobFiles,
	splitPath,
	type FileStore,
	type JobFile,
	type LinkVerdict,
} from './files.ts';
import { jobState, type JobStore } from './jobs.ts';
import { xmlErrorReply, type Reply } from './reply.ts';
import type { Settings } from './settings.ts';

/** State that the file store reads. */
export interface FileServerContext {
	jobs: JobStore;
	files: FileStore;
	now: () => number;
	settings: () => Settings;
}

const REJECTIONS: Record<Exclude<LinkVerdict, 'valid'>, [code: string, message: string]> = {
	unsigned: ['AccessDenied', 'Access Denied'],
	'wrong-signature': [
		'SignatureDoesNotMatch',
		'The request signature we calculated does not match the signature you provided.',
	],
	expired: ['AccessDenied', 'Request has expired'],
};

function findFile(context: FileServerContext, path: string): JobFile | undefined {
	const parts = splitPath(path);
	const job = parts && context.jobs.byId(parts.jobId);
	if (!job || jobState(job, context.now()).status !== 'completed') return undefined;
	return jobFiles(job).find((file) => file.name === parts.name);
}

type Range = { start: number; end: number };

/** The one range of a Range header; undefined for any other header, which a file store ignores. */
function parseRange(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
	const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
	if (!match || (match[1] === '' && match[2] === '')) return undefined;
	const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
	const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
	return start >= size || start > end ? 'unsatisfiable' : { start, end };
}

function headersOf(file: JobFile, settings: Settings): Record<string, string> {
	return {
		'content-type': 'application/x-gzip',
		etag: etagOf(file),
		'last-modified': new Date(file.job.endMs).toUTCString(),
		...(settings.ranges && settings.contentLength ? { 'accept-ranges': 'bytes' } : {}),
		...(settings.contentEncoding ? { 'content-encoding': 'gzip' } : {}),
	};
}

/** Whether If-Range allows a partial response: the file is still the one that the client knows. */
function rangeApplies(request: IncomingMessage, file: JobFile): boolean {
	const condition = request.headers['if-range'];
	return condition === undefined || condition === etagOf(file);
}

async function contentReply(
	file: JobFile,
	request: IncomingMessage,
	settings: Settings,
): Promise<Reply> {
	const headers = headersOf(file, settings);
	if (!settings.contentLength) return { status: 200, headers, body: fileStream(file) };
	const length = await fileSize(file);
	const requested =
		settings.ranges && rangeApplies(request, file) ? request.headers.range : undefined;
	const range = parseRange(requested, length);
	if (range === undefined) return { status: 200, headers, body: fileStream(file), length };
	if (range === 'unsatisfiable') {
		const reply = xmlErrorReply(416, 'InvalidRange', 'The requested range is not satisfiable');
		return { ...reply, headers: { ...reply.headers, 'content-range': `bytes */${length}` } };
	}
	const { start, end } = range;
	return {
		status: 206,
		headers: { ...headers, 'content-range': `bytes ${start}-${end}/${length}` },
		body: sliceBytes(fileStream(file), start, end),
		length: end - start + 1,
	};
}

/** The response of the file store. It accepts signed links only, and rejects an Authorization header beside them. */
export async function fileReply(
	context: FileServerContext,
	request: IncomingMessage,
	url: URL,
): Promise<Reply> {
	if (request.method !== 'GET') {
		return xmlErrorReply(405, 'MethodNotAllowed', 'The method is not allowed on this resource.');
	}
	if (request.headers.authorization !== undefined) {
		return xmlErrorReply(
			400,
			'InvalidArgument',
			'Only one auth mechanism allowed; use either the query parameters or the Authorization header',
		);
	}
	const verdict = context.files.check(url, context.now());
	if (verdict !== 'valid') return xmlErrorReply(403, ...REJECTIONS[verdict]);
	const file = findFile(context, url.pathname);
	if (!file) return xmlErrorReply(404, 'NoSuchKey', 'The specified key does not exist.');
	return contentReply(file, request, context.settings());
}
