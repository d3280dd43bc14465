import { isPermanent, MAX_RESPONSE_MB, TOO_LARGE } from './networkErrors';

/** What a request led to. After a `failure` there was no response, and it is not known what the server did. */
export type ApiResult =
	| { kind: 'response'; status: number; headers: Record<string, string>; text: string }
	| { kind: 'failure'; code: string; message: string };

export type ApiResponse = Extract<ApiResult, { kind: 'response' }>;
export type ApiFailure = Extract<ApiResult, { kind: 'failure' }>;

/** Timeouts, rate limits and gateway errors. */
const RETRIED_STATUSES = [408, 429, 502, 503, 504];

export const isSuccess = (result: ApiResult): result is ApiResponse =>
	result.kind === 'response' && result.status >= 200 && result.status < 300;

/** Whether a retry within seconds may succeed. */
export const isRetryable = (result: ApiResult): boolean =>
	result.kind === 'failure' ? !isPermanent(result.code) : RETRIED_STATUSES.includes(result.status);

/** Whether the same request may succeed minutes later: a server that fails may recover. */
export const isTemporary = (result: ApiResult): boolean =>
	isRetryable(result) || (result.kind === 'response' && result.status >= 500);

/** The `Retry-After` header of a result, if any. */
export const retryAfterOf = (result: ApiResult): string | undefined =>
	result.kind === 'response' ? result.headers['retry-after'] : undefined;

/** Milliseconds that a `Retry-After` header (seconds, or an HTTP date) asks for; undefined without one. */
export function retryAfterMs(header: string | undefined, now = Date.now()): number | undefined {
	if (!header) return undefined;
	const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
	return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

const MAX_BYTES = MAX_RESPONSE_MB * 1024 * 1024;

/** A Node stream. Community nodes may not import its module. */
export interface ResponseStream extends AsyncIterable<Uint8Array> {
	destroy(): unknown;
}

/** Requested as a stream; text where something between n8n and us has read it already. */
export type ResponseBody = ResponseStream | string;

/**
 * The text of a response, read only up to a limit: n8n sets none, and a few bytes of gzip can unpack to
 * gigabytes.
 *
 * @throws an error with the code TOO_LARGE above the limit; whatever the stream throws
 */
export async function responseText(body: ResponseBody): Promise<string> {
	if (typeof body === 'string') return body;
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	// Leaving the loop early destroys the stream, and closes the connection.
	for await (const chunk of body) {
		bytes += chunk.length;
		if (bytes > MAX_BYTES) throw Object.assign(new Error('too large'), { code: TOO_LARGE });
		chunks.push(chunk);
	}
	return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The JSON of a body, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

const MAX_DEPTH = 10;

/**
 * The API's own message in an error body, which is `{errors: [{details, error, error_code, message}]}`;
 * gateways send other shapes. Undefined when there is none.
 */
export function apiMessageOf(body: unknown, depth = MAX_DEPTH): string | undefined {
	if (typeof body === 'string') return body.trim() || undefined;
	if (typeof body !== 'object' || body === null || depth === 0) return undefined;
	const inner = (value: unknown) => apiMessageOf(value, depth - 1);
	if (Array.isArray(body)) {
		return [...new Set(body.map(inner).filter(Boolean))].join(' ') || undefined;
	}
	const { errors, message, details, error, detail } = body as Record<string, unknown>;
	return inner(errors) ?? inner([message, details]) ?? inner(error) ?? inner(detail);
}

/** The title of an HTML page. Without a pattern, which could take very long on a malformed page. */
function titleOf(page: string): string | undefined {
	const lower = page.toLowerCase();
	const start = page.indexOf('>', Math.max(0, lower.indexOf('<title'))) + 1;
	const end = lower.indexOf('</title', start);
	return lower.includes('<title') && start > 0 && end >= 0
		? page.slice(start, end).trim()
		: undefined;
}

/** The title of a page is expected within so many characters. */
const HEAD_LENGTH = 4_096;
const MAX_QUOTE_LENGTH = 80;

/** What a body is that is not the expected JSON, as in "Userpilot returned …". */
export function describeBody(text: string): string {
	const trimmed = text.trim();
	if (trimmed === '') return 'an empty response';
	if (/^<(!doctype html|html|head|body)/i.test(trimmed)) {
		const title = titleOf(trimmed.slice(0, HEAD_LENGTH));
		return title ? `an HTML page ("${title}")` : 'an HTML page';
	}
	const quote = trimmed.slice(0, MAX_QUOTE_LENGTH);
	return parseJson(trimmed) === undefined
		? `plain text ("${quote}")`
		: `unexpected JSON (${quote})`;
}
