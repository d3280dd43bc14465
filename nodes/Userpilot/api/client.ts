import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { IHttpRequestOptions, JsonObject } from 'n8n-workflow';
import type { z } from 'zod/v3';

import { normalizeBaseUrl } from './baseUrl';
import { cancelSignal, pause } from './connection';
import type { ApiContext, ApiRequest, Connection, GetRequest } from './connection';
import { apiError, unexpectedBodyError } from './errors';
import { isNestedTooDeep, MAX_LEVELS } from './nesting';
import { codeInBody, failureCode } from './networkErrors';
import {
	isRetryable,
	isSuccess,
	parseJson,
	responseText,
	retryAfterMs,
	retryAfterOf,
} from './response';
import type { ApiResult, ResponseBody } from './response';
import { BASE_URL_ADVICE, KEY_ADVICE } from './statusTexts';

const CREDENTIAL = 'userpilotApi';
/** Other characters would be dropped or encoded on the way, and change the key. */
const PRINTABLE_ASCII = /^[ -~]*$/;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_TRIES = 4;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;

/**
 * Reads the credential.
 *
 * @param budgetMs how long all requests together may take
 * @throws {NodeOperationError} when the key is empty or cannot be sent, or the base URL is not allowed
 */
export async function connect<Context extends ApiContext>(
	context: Context,
	{ itemIndex, budgetMs = Infinity }: { itemIndex?: number; budgetMs?: number } = {},
): Promise<Connection<Context>> {
	// Starts before the credential is read, which takes time, too.
	const deadline = Date.now() + budgetMs;
	const { apiKey, baseUrl } = await context.getCredentials<{ apiKey?: string; baseUrl?: string }>(
		CREDENTIAL,
		itemIndex,
	);
	const invalid = (message: string, description: string) =>
		new NodeOperationError(context.getNode(), message, { description, itemIndex });
	const key = String(apiKey ?? '')
		.trim()
		.replace(/^token(\s+|$)/i, '');
	if (key === '') throw invalid('The Userpilot credential has no API key', KEY_ADVICE);
	if (!PRINTABLE_ASCII.test(key)) {
		const what = /[\r\n]/.test(key) ? 'a line break' : 'an invalid character';
		throw invalid(
			`The API key in the Userpilot credential contains ${what}`,
			`${KEY_ADVICE} It was not sent.`,
		);
	}
	const base = normalizeBaseUrl(String(baseUrl ?? ''));
	if ('problem' in base) throw invalid(base.problem, BASE_URL_ADVICE);
	return { context, baseUrl: base.url, secrets: [key], itemIndex, deadline };
}

/**
 * The outcome of a promise, or an error when the signal fires first: n8n's own timeout does not cover
 * a slow body, or a connection still being opened. The signal does not keep the promise in memory.
 */
async function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
	return await new Promise((resolve, reject) => {
		const onAbort = () => reject(new Error('timeout'));
		signal.addEventListener('abort', onAbort);
		void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
	});
}

/**
 * Sends a request once. The body is read as text, to tell JSON, HTML and an empty body apart.
 *
 * @throws only when the execution was stopped
 */
export async function send(connection: Connection, request: ApiRequest): Promise<ApiResult> {
	const { context, baseUrl, deadline } = connection;
	// AbortSignal.timeout() throws for a fraction of a millisecond.
	const timeout = Math.max(1, Math.ceil(Math.min(REQUEST_TIMEOUT_MS, deadline - Date.now())));
	const timeLimit = AbortSignal.timeout(timeout);
	const options: IHttpRequestOptions = {
		method: request.method,
		url: baseUrl + request.path,
		qs: request.query,
		body: request.body,
		headers: { Accept: 'application/json' },
		encoding: 'stream',
		timeout,
		// In an execution n8n replaces it by the signal of a stop.
		abortSignal: timeLimit,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		// A redirect could carry the key to another host.
		disableFollowRedirect: true,
	};
	const sent = context.helpers.httpRequestWithAuthentication.call(
		context,
		CREDENTIAL,
		options,
	) as Promise<{ statusCode: number; headers: Record<string, string>; body: ResponseBody }>;
	let hasResponded = false;
	const result = sent.then(async ({ statusCode, headers, body }): Promise<ApiResult> => {
		hasResponded = true;
		return { kind: 'response', status: statusCode, headers, text: await responseText(body) };
	});
	try {
		return await untilAborted(timeLimit, result);
	} catch (error) {
		// A body that still arrives would keep its connection open.
		void sent.then(
			({ body }) => (typeof body === 'string' ? undefined : body.destroy()),
			() => {},
		);
		if (cancelSignal(context)?.aborted) {
			throw new NodeApiError(context.getNode(), error as JsonObject);
		}
		const code = timeLimit.aborted ? 'ETIMEDOUT' : failureCode(error);
		return {
			kind: 'failure',
			code: hasResponded ? codeInBody(code) : code,
			message: (error as Error).message,
		};
	}
}

/**
 * How long to wait before a retry, in ms: what the `Retry-After` header asks for, or 1, 2, 4 … s.
 * Undefined after too many tries, or when the wait would be too long.
 */
export function backoffMs(
	retryAfter: string | undefined,
	tries: number,
	{ deadline }: Pick<Connection, 'deadline'>,
): number | undefined {
	if (tries >= MAX_TRIES) return undefined;
	const delay = retryAfterMs(retryAfter) ?? FIRST_DELAY_MS * 2 ** (tries - 1);
	return delay > MAX_DELAY_MS || Date.now() + delay >= deadline ? undefined : delay;
}

/** The same for a result of the API; undefined also when a retry cannot help. */
export const retryDelayMs = (
	result: ApiResult,
	tries: number,
	connection: Pick<Connection, 'deadline'>,
): number | undefined =>
	isRetryable(result) ? backoffMs(retryAfterOf(result), tries, connection) : undefined;

/**
 * Sends a GET request. Rate limits, gateway errors and network errors are retried, up to 4 tries in all.
 *
 * @throws only when the execution was stopped
 */
export async function get(connection: Connection, request: GetRequest): Promise<ApiResult> {
	for (let tries = 1; ; tries++) {
		const result = await send(connection, { ...request, method: 'GET' });
		const delay = retryDelayMs(result, tries, connection);
		if (delay === undefined || connection.isTriedOnce) return result;
		await pause(connection.context, delay);
		// The deadline of a poll may have been moved up meanwhile.
		if (Date.now() >= connection.deadline) return result;
	}
}

/**
 * The JSON of a result, checked.
 *
 * @throws {NodeApiError} when it is not a success, or not what the schema says
 */
export function parseResult<Schema extends z.ZodTypeAny>(
	connection: Connection,
	request: GetRequest,
	result: ApiResult,
	schema: Schema,
): z.output<Schema> {
	if (!isSuccess(result)) throw apiError(result, connection, request);
	const unexpected = (expected?: string) =>
		unexpectedBodyError(result, connection, request, expected);
	const json = parseJson(result.text);
	if (json === undefined) throw unexpected('JSON');
	if (isNestedTooDeep(json, result.text)) {
		throw unexpected(`JSON of at most ${MAX_LEVELS} levels`);
	}
	const parsed = schema.safeParse(json);
	if (parsed.success) return parsed.data as z.output<Schema>;
	const field = parsed.error.issues[0]?.path.join('.');
	throw unexpected(field ? `JSON with "${field}"` : undefined);
}
