import { cancelSignal, throwIfStopped } from '../api/connection';
import type { Connection } from '../api/connection';
import { failureCode } from '../api/networkErrors';
import type { Body, BodyStream } from './body';
import { FileError } from './fileError';

const OPEN_TIMEOUT_MS = 60_000;

export type Headers = Record<string, string | undefined>;

export interface FileResponse {
	kind: 'response';
	status: number;
	headers: Headers;
	body: Body;
}

/** The outcome of a request; a `failure` got no response. */
export type FileOutcome = FileResponse | { kind: 'failure'; code: string; host: string };

/** Loopback, private and link-local addresses, as URL() writes them. */
const INTERNAL_HOST =
	/^(localhost|.*\.localhost|0(\.\d+){3}|127(\.\d+){3}|10(\.\d+){3}|169\.254(\.\d+){2}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|\[(::1?|f[cd][\da-f]{2}:.*|fe[89ab][\da-f]:.*|::ffff:.*)\])$/;

const REDIRECTS = [301, 302, 303, 307, 308];

/** Names a link by its origin alone: the rest of it is a secret. */
const unsafeLink = (problem: string) =>
	new FileError(
		`has a link that ${problem}`,
		'Links must use https, and may redirect once, to https only. Nothing was read. Check any proxy. If there is none, contact Userpilot support.',
	);

/**
 * Requests a file from the file store, once, and follows one redirect. Links must be https, so that
 * nobody on the way can send other rows, or lead n8n to a host in its own network. Only where Base URL
 * is this machine by plain http may they be http too.
 *
 * @throws {FileError} when the link must not be followed
 * @throws {NodeOperationError} when the execution was stopped
 */
export async function requestFile(
	connection: Connection,
	link: string,
	headers: Record<string, string>,
): Promise<FileOutcome> {
	const { protocol, origin } = new URL(link);
	const base = new URL(connection.baseUrl);
	if (protocol !== 'https:' && protocol !== base.protocol) {
		throw unsafeLink(`points to ${origin}, which is not encrypted`);
	}
	for (let url = link, redirects = 0; ; redirects++) {
		const outcome = await request(connection, url, headers);
		if (outcome.kind === 'failure' || !REDIRECTS.includes(outcome.status)) return outcome;
		const { location } = outcome.headers;
		if (!location || !URL.canParse(location, url)) return outcome;
		outcome.body.close();
		const next = new URL(location, url);
		const target = `${next.protocol}//${next.host}`;
		if (next.protocol !== protocol) throw unsafeLink(`redirects to ${target}`);
		if (redirects > 0) throw unsafeLink(`redirects more than once, the last time to ${target}`);
		if (INTERNAL_HOST.test(next.hostname) && !INTERNAL_HOST.test(base.hostname)) {
			throw unsafeLink(`redirects to ${next.host}, which is an address of an internal network`);
		}
		url = next.href;
	}
}

/** Sends no credential: a file store refuses a presigned URL that comes with another authorization. */
async function request(
	{ context }: Connection,
	url: string,
	headers: Record<string, string>,
): Promise<FileOutcome> {
	throwIfStopped(context);
	// n8n may return a stream of its own: only the signal closes the connection itself.
	const connection = new AbortController();
	const stopped = cancelSignal(context);
	let isOpen = false;
	AbortSignal.timeout(OPEN_TIMEOUT_MS).addEventListener('abort', () => {
		if (!isOpen) connection.abort();
	});
	try {
		const response = (await context.helpers.httpRequest({
			url,
			headers: { ...headers, 'Accept-Encoding': 'identity' },
			encoding: 'stream',
			abortSignal: AbortSignal.any([connection.signal, ...(stopped ? [stopped] : [])]),
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
		})) as { statusCode: number; headers: Headers; body: BodyStream };
		isOpen = true;
		const stream = response.body;
		const close = () => {
			// The stream first: on a complete one, the signal causes an error that nobody may listen to.
			stream.destroy();
			connection.abort();
		};
		const { statusCode: status, headers: received } = response;
		return { kind: 'response', status, headers: received, body: { stream, close } };
	} catch (error) {
		throwIfStopped(context);
		const code = connection.signal.aborted ? 'ETIMEDOUT' : failureCode(error);
		return { kind: 'failure', code, host: new URL(url).host };
	}
}

/** What tells one version of a file from another. */
export interface Version {
	etag?: string;
	lastModified?: string;
	length?: string;
}

/** The version of a complete file (200). */
export const versionOf = (headers: Headers): Version => ({
	etag: headers.etag,
	lastModified: headers['last-modified'],
	length: headers['content-length'],
});

/** The weak comparison (RFC 9110, 8.8.3.2): a proxy that compresses a body makes its ETag weak. */
const isSameTag = (one: string, other: string) =>
	one.replace(/^W\//, '') === other.replace(/^W\//, '');

/** Whether two versions agree on everything that both state. */
export const isSameVersion = (one: Version, other: Version) =>
	(['etag', 'lastModified', 'length'] as const).every(
		(key) => one[key] === undefined || other[key] === undefined || isSameTag(one[key], other[key]),
	);

/** The value for `If-Range` (RFC 9110, 13.1.5): a strong ETag, or a date. */
export const rangeValidator = ({ etag, lastModified }: Version): string | undefined =>
	etag !== undefined && !etag.startsWith('W/') ? etag : lastModified;

/** The offset at which a partial response (206) starts; undefined if it ends before the file does. */
export function partOf(headers: Headers): { version: Version; offset: number } | undefined {
	const [, start, end, length] =
		/^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
	if (length === undefined || Number(end) !== Number(length) - 1) return undefined;
	return { version: { ...versionOf(headers), length }, offset: Number(start) };
}
