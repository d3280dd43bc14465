import { describeBody, parseJson, wordsOf } from '../api/answer';
import type { Connection } from '../api/context';
import { cancelSignal } from '../api/context';
import { failureCode } from '../api/failures';
import { throwIfStopped } from '../api/pause';
import type { Body, BodyStream } from './body';

const OPEN_TIMEOUT_MS = 60_000;

export type Headers = Record<string, string | undefined>;

/** An answer of the file store, its body unread; a `failure` is a call that got none. */
export type FileAnswer =
	| { kind: 'response'; status: number; headers: Headers; body: Body }
	| { kind: 'failure'; code: string };

/**
 * Asks the file store for a file, once. The request carries no credential: a file store refuses one
 * that brings another authorization than its presigned URL.
 *
 * @throws {NodeOperationError} only when the execution was stopped
 */
export async function requestFile(
	{ context }: Connection,
	url: string,
	headers: Record<string, string>,
): Promise<FileAnswer> {
	throwIfStopped(context);
	// n8n may put a stream of its own before the answer: only the signal reaches the connection itself.
	const connection = new AbortController();
	const stopped = cancelSignal(context);
	const signals = [connection.signal, ...(stopped ? [stopped] : [])];
	let isOpen = false;
	AbortSignal.timeout(OPEN_TIMEOUT_MS).addEventListener('abort', () => {
		if (!isOpen) connection.abort();
	});
	try {
		const answer = (await context.helpers.httpRequest({
			url,
			headers: { ...headers, 'Accept-Encoding': 'identity' },
			encoding: 'stream',
			abortSignal: AbortSignal.any(signals),
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
		})) as { statusCode: number; headers: Headers; body: BodyStream };
		isOpen = true;
		const body = { stream: answer.body, cut: () => cut(answer.body, connection) };
		return { kind: 'response', status: answer.statusCode, headers: answer.headers, body };
	} catch (error) {
		throwIfStopped(context);
		const isLate = connection.signal.aborted;
		return { kind: 'failure', code: isLate ? 'ETIMEDOUT' : failureCode(error) };
	}
}

/** The stream first: a signal makes an error of one that is whole, which nobody may listen to. */
function cut(stream: BodyStream, connection: AbortController): void {
	stream.destroy();
	connection.abort();
}

const XML_WORDS = /<(?:Code|Message)>([^<]*)<\/(?:Code|Message)>/g;

/** The code and the words of a file store, which answers errors in XML. */
export const xmlWords = (body: string): string =>
	[...body.matchAll(XML_WORDS)].map(([, words]) => words).join(': ');

/** What an error's body says, whoever has sent it. */
export const errorWords = (body: string): string =>
	xmlWords(body) ||
	wordsOf(parseJson(body)) ||
	(body.trim() === '' ? 'no reason given' : describeBody(body));

/** What tells one state of a file from another. */
export interface Version {
	etag?: string;
	lastModified?: string;
	length?: string;
}

/** The version that a whole file (200) came in. */
export const versionOf = (headers: Headers): Version => ({
	etag: headers.etag,
	lastModified: headers['last-modified'],
	length: headers['content-length'],
});

/** By the weak comparison (RFC 9110, 8.8.3.2): a proxy that repacks a body makes its ETag weak. */
const isSameTag = (one: string, other: string) =>
	one.replace(/^W\//, '') === other.replace(/^W\//, '');

/** Whether nothing that both of them tell speaks against it. */
export const isSameVersion = (one: Version, other: Version) =>
	(['etag', 'lastModified', 'length'] as const).every(
		(key) => one[key] === undefined || other[key] === undefined || isSameTag(one[key], other[key]),
	);

/** What `If-Range` takes (RFC 9110, 13.1.5): a strong ETag, or a date. */
export const rangeValidator = ({ etag, lastModified }: Version): string | undefined =>
	etag !== undefined && !etag.startsWith('W/') ? etag : lastModified;

/** The version that a partial answer (206) is of, and the offset at which it begins. */
interface Rest {
	version: Version;
	offset: number;
}

/** What a partial answer holds, if that is the rest of the file; a store may also give less. */
export function restOf(headers: Headers): Rest | undefined {
	const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
	const [, start, end, length] = range ?? [];
	if (length === undefined || Number(end) !== Number(length) - 1) return undefined;
	return { version: { ...versionOf(headers), length }, offset: Number(start) };
}
