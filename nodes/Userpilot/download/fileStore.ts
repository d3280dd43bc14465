import { cancelSignal, throwIfStopped } from '../api/connection';
import type { Connection } from '../api/connection';
import { failureCode } from '../api/networkErrors';
import { describeBody, parseJson, apiMessageOf } from '../api/response';
import type { Body, BodyStream } from './body';
import { FileProblem } from './fileError';

const OPEN_TIMEOUT_MS = 60_000;

export type Headers = Record<string, string | undefined>;

/** An answer of the file store, its body unread; a `failure` is a request that got none. */
export type FileAnswer =
	| { kind: 'response'; status: number; headers: Headers; body: Body }
	| { kind: 'failure'; code: string; host: string };

/** Loopback, private and link-local addresses, as URL() writes them. */
const INTERNAL_HOST =
	/^(localhost|.*\.localhost|0(\.\d+){3}|127(\.\d+){3}|10(\.\d+){3}|169\.254(\.\d+){2}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|\[(::1?|f[cd][\da-f]{2}:.*|fe[89ab][\da-f]:.*|::ffff:.*)\])$/;

const REDIRECTS = [301, 302, 303, 307, 308];

/** Named by its origin alone: the rest of a link is a secret. */
const unsafeLink = (what: string) =>
	new FileProblem(
		`has a link that ${what}`,
		'Links must use https, and may redirect once, to https only. Nothing was read. Check any proxy. If there is none, contact Userpilot support.',
	);

/**
 * Asks the file store for a file, once, and follows one redirect. Links are https, so that nobody on the
 * way can put other rows in their place, or lead n8n to a host of its own network; but where Base URL is
 * this machine by plain http, so may they be.
 *
 * @throws {FileProblem} when the link must not be followed
 * @throws {NodeOperationError} when the execution was stopped
 */
export async function requestFile(
	connection: Connection,
	link: string,
	headers: Record<string, string>,
): Promise<FileAnswer> {
	const { protocol, origin } = new URL(link);
	if (protocol !== 'https:' && protocol !== new URL(connection.baseUrl).protocol) {
		throw unsafeLink(`leads to ${origin}, which is not encrypted`);
	}
	for (let url = link, redirects = 0; ; redirects++) {
		const answer = await request(connection, url, headers);
		if (answer.kind === 'failure' || !REDIRECTS.includes(answer.status)) return answer;
		const { location } = answer.headers;
		if (!location || !URL.canParse(location, url)) return answer;
		answer.body.cut();
		const { href, host, hostname, protocol: next } = new URL(location, url);
		if (next !== protocol) throw unsafeLink(`redirects to ${next}//${host}`);
		if (redirects > 0)
			throw unsafeLink(`redirects more than once, the last time to ${next}//${host}`);
		if (INTERNAL_HOST.test(hostname) && !INTERNAL_HOST.test(new URL(connection.baseUrl).hostname)) {
			throw unsafeLink(`redirects to ${host}, which is an address of an internal network`);
		}
		url = href;
	}
}

/**
 * The request carries no credential: a file store refuses one that brings another authorization than
 * its presigned URL.
 */
async function request(
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
			disableFollowRedirect: true,
		})) as { statusCode: number; headers: Headers; body: BodyStream };
		isOpen = true;
		const body = { stream: answer.body, cut: () => cut(answer.body, connection) };
		return { kind: 'response', status: answer.statusCode, headers: answer.headers, body };
	} catch (error) {
		throwIfStopped(context);
		const isLate = connection.signal.aborted;
		const code = isLate ? 'ETIMEDOUT' : failureCode(error);
		return { kind: 'failure', code, host: new URL(url).host };
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
	apiMessageOf(parseJson(body)) ||
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

/** The beginning of what gateways and file stores say instead of a file. */
const PAGE = /^\s*<(!doctype|html|head|body|\?xml|error)\b/i;

/** What is wrong with a file that a gateway, or the file store, has answered with words of its own. */
export function pageProblem(start: string): FileProblem | undefined {
	if (!PAGE.test(start)) return undefined;
	const words = xmlWords(start);
	return new FileProblem(
		`holds ${words ? `an error of the file store ("${words}")` : describeBody(start)}`,
		'Run this again. If it stays so, a proxy or firewall answers in place of the file store: ask whoever runs this n8n.',
	);
}
