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

/** What the file store needs to know. */
export interface FileServerContext {
	jobs: JobStore;
	files: FileStore;
	now: () => number;
	settings: () => Settings;
}

const REFUSALS: Record<Exclude<LinkVerdict, 'valid'>, [code: string, message: string]> = {
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

/** One range, as a file store reads it; undefined for anything else, which it ignores. */
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

/** Whether the range a client asks for still belongs to the file it knows. */
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
	const wanted = settings.ranges && rangeApplies(request, file) ? request.headers.range : undefined;
	const range = parseRange(wanted, length);
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

/** Answers a request to the file store. It takes signed links only, and refuses a second way to authenticate. */
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
	if (verdict !== 'valid') return xmlErrorReply(403, ...REFUSALS[verdict]);
	const file = findFile(context, url.pathname);
	if (!file) return xmlErrorReply(404, 'NoSuchKey', 'The specified key does not exist.');
	return contentReply(file, request, context.settings());
}
