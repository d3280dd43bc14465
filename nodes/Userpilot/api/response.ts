import { isPermanent, MAX_RESPONSE_MB, TOO_LARGE } from './networkErrors';

/**
 * What came back from a call. A `failure` is a call that got no answer at all; whether the server
 * has acted on it is unknown.
 */
export type Answer =
	| { kind: 'response'; status: number; headers: Record<string, string>; text: string }
	| { kind: 'failure'; code: string; words: string };

/** What tells how long to wait: an answer of whatever server, its body aside. */
export type Headed =
	| { kind: 'response'; headers: Record<string, string | undefined> }
	| { kind: 'failure' };

export type Response = Extract<Answer, { kind: 'response' }>;
export type Failure = Extract<Answer, { kind: 'failure' }>;

/** Statuses of overload and of gateways: the same call may succeed in a moment. */
const TRANSIENT_STATUSES = [408, 429, 502, 503, 504];

export function isTransient(answer: Answer): boolean {
	return answer.kind === 'failure'
		? !isPermanent(answer.code)
		: TRANSIENT_STATUSES.includes(answer.status);
}

/** Whether a later look may get what this one did not: also a server that fails may recover. */
export const mayRecover = (answer: Answer) =>
	isTransient(answer) || (answer.kind === 'response' && answer.status >= 500);

export function isSuccess(answer: Answer): answer is Response {
	return answer.kind === 'response' && answer.status >= 200 && answer.status < 300;
}

/** Milliseconds that a `Retry-After` header (seconds, or an HTTP date) asks for; undefined without one. */
export function retryAfterMs(answer: Headed, now = Date.now()): number | undefined {
	const header = answer.kind === 'response' ? answer.headers['retry-after'] : undefined;
	if (!header) return undefined;
	const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
	return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** The JSON of a body, or undefined where there is none (an empty or an HTML answer). */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** So much of a body shows a person what it is. */
const TELLING_LENGTH = 4_096;

/** The title of a page. By hand: patterns take for ever on what only begins like one. */
function titleOf(page: string): string | undefined {
	const lower = page.toLowerCase();
	const start = page.indexOf('>', Math.max(0, lower.indexOf('<title'))) + 1;
	const end = lower.indexOf('</title', start);
	return lower.includes('<title') && start > 0 && end >= 0
		? page.slice(start, end).trim()
		: undefined;
}

/** Says in words what a body is that is not the JSON we expected. */
export function describeBody(text: string): string {
	const trimmed = text.trim();
	if (trimmed === '') return 'an empty answer';
	if (/^<(!doctype html|html|head|body)/i.test(trimmed)) {
		const title = titleOf(trimmed.slice(0, TELLING_LENGTH));
		return title ? `an HTML page ("${title}")` : 'an HTML page';
	}
	return parseJson(trimmed) === undefined
		? `text that is not JSON ("${trimmed.slice(0, 80)}")`
		: `JSON of another shape (${trimmed.slice(0, 80)})`;
}

const MOST_LEVELS_OF_WORDS = 10;

/**
 * The API's own words in an error body, which is `{errors: [{details, error, error_code, message}]}`;
 * gateways send other shapes. Undefined where the body holds no words.
 */
export function wordsOf(body: unknown, levels = MOST_LEVELS_OF_WORDS): string | undefined {
	if (typeof body === 'string') return body.trim() || undefined;
	if (typeof body !== 'object' || body === null || levels === 0) return undefined;
	const inside = (value: unknown) => wordsOf(value, levels - 1);
	if (Array.isArray(body)) {
		return [...new Set(body.map(inside).filter(Boolean))].join(' ') || undefined;
	}
	const { errors, message, details, error, detail } = body as Record<string, unknown>;
	return inside(errors) ?? inside([message, details]) ?? inside(error) ?? inside(detail);
}

const MAX_BYTES = MAX_RESPONSE_MB * 1024 * 1024;

/** A Node stream, whose module no community node may import. */
export interface ResponseStream extends AsyncIterable<Uint8Array> {
	destroy(): unknown;
}

/** What was asked for as a stream; whatever stands between n8n and us may have read it already. */
export type ResponseBody = ResponseStream | string;

/**
 * The text of a response. n8n sets no limit on a body and keeps all of it, and a few bytes of gzip can
 * unpack to gigabytes: so it is read as a stream, already unpacked, and only up to a limit.
 *
 * @throws an error with the code TOO_LARGE beyond the limit; whatever the stream throws
 */
export async function responseText(stream: ResponseBody): Promise<string> {
	if (typeof stream === 'string') return stream;
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	// To leave the loop destroys the stream, and with it the connection.
	for await (const chunk of stream) {
		bytes += chunk.length;
		if (bytes > MAX_BYTES) throw Object.assign(new Error('too large'), { code: TOO_LARGE });
		chunks.push(chunk);
	}
	return new TextDecoder().decode(Buffer.concat(chunks));
}
