import type { IHttpRequestOptions, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { z } from 'zod/v3';

import { isNestedTooDeep, MOST_LEVELS } from '../nesting';
import type { Answer, Headed } from './answer';
import { isSuccess, isTransient, parseJson, retryAfterMs } from './answer';
import { normalizeBaseUrl } from './baseUrl';
import type { ApiCall, ApiContext, Connection, ReadCall } from './context';
import { cancelSignal } from './context';
import { ENVIRONMENT_PAGE, errorOf, unexpectedBodyError } from './errors';
import { failureCode } from './failures';
import { pause } from './pause';

const CREDENTIAL = 'userpilotApi';
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_TRIES = 4;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/**
 * Reads the credential.
 *
 * @param budgetMs how long all calls together may take
 * @throws {NodeOperationError} when the key is empty or the base URL is not allowed
 */
export async function connect(
	context: ApiContext,
	{ itemIndex, budgetMs = Infinity }: { itemIndex?: number; budgetMs?: number } = {},
): Promise<Connection> {
	// Started before the credential is read, which may take its own time.
	const deadline = Date.now() + budgetMs;
	const { apiKey, baseUrl } = await context.getCredentials<{ apiKey?: string; baseUrl?: string }>(
		CREDENTIAL,
		itemIndex,
	);
	const key = (apiKey ?? '').trim().replace(/^token(\s+|$)/i, '');
	const wrong = (message: string) =>
		new NodeOperationError(context.getNode(), message, {
			description: `Open the Userpilot API credential and copy the API key and the API endpoint from ${ENVIRONMENT_PAGE}.`,
			itemIndex,
		});
	if (key === '') throw wrong('The Userpilot credential has no API key');
	const base = normalizeBaseUrl(baseUrl ?? '');
	if ('problem' in base) throw wrong(base.problem);
	return { context, baseUrl: base.url, secrets: [key], itemIndex, deadline };
}

/** Rejects when the signal fires. n8n's own time limit leaves out a body that trickles, or a connection in the making. */
async function rejectOn(signal: AbortSignal): Promise<never> {
	return await new Promise((_, reject) => {
		signal.addEventListener('abort', () => reject(new Error('time is up')), { once: true });
	});
}

/**
 * One call, sent once, whatever comes of it. A body is read as text, so that HTML, an empty answer
 * and JSON can be told apart.
 *
 * @throws only when the execution was stopped
 */
export async function exchange(connection: Connection, call: ApiCall): Promise<Answer> {
	const { context, baseUrl, deadline } = connection;
	// AbortSignal.timeout() throws for a fraction of a millisecond.
	const timeout = Math.max(1, Math.ceil(Math.min(REQUEST_TIMEOUT_MS, deadline - Date.now())));
	const timeLimit = AbortSignal.timeout(timeout);
	const options: IHttpRequestOptions = {
		method: call.method,
		url: baseUrl + call.path,
		qs: call.query,
		body: call.body,
		headers: { Accept: 'application/json' },
		encoding: 'text',
		timeout,
		// In an execution n8n puts its own signal here, the one that a person's stop fires.
		abortSignal: timeLimit,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		// A redirect is answered with an error: followed, it could carry the key to another host.
		disableFollowRedirect: true,
	};
	try {
		const response = (await Promise.race([
			context.helpers.httpRequestWithAuthentication.call(context, CREDENTIAL, options),
			rejectOn(timeLimit),
		])) as { statusCode: number; headers: Record<string, string>; body?: unknown };
		const { statusCode, headers, body } = response;
		const text = typeof body === 'string' ? body : body == null ? '' : JSON.stringify(body);
		return { kind: 'response', status: statusCode, headers, text };
	} catch (error) {
		if (cancelSignal(context)?.aborted) {
			throw new NodeApiError(context.getNode(), error as JsonObject);
		}
		const code = timeLimit.aborted ? 'ETIMEDOUT' : failureCode(error);
		return { kind: 'failure', code, words: (error as Error).message };
	}
}

/**
 * How long to wait before the same call is tried again: what `Retry-After` asks for, or 1, 2, 4 … s.
 * Undefined when it must not be tried again: too many tries, or longer than the connection's time.
 */
export function backoffMs(
	answer: Headed,
	tries: number,
	{ deadline }: Pick<Connection, 'deadline'>,
): number | undefined {
	if (tries >= MAX_TRIES) return undefined;
	const delay = retryAfterMs(answer) ?? FIRST_DELAY_MS * 2 ** (tries - 1);
	return delay > LONGEST_DELAY_MS || Date.now() + delay >= deadline ? undefined : delay;
}

/** The same for a call to the API, which is tried again only after what may pass. */
export function retryDelayMs(
	answer: Answer,
	tries: number,
	connection: Pick<Connection, 'deadline'>,
): number | undefined {
	return isTransient(answer) ? backoffMs(answer, tries, connection) : undefined;
}

/**
 * Reads from the API, whatever it answers. Overload, gateway errors and network failures are tried
 * again, up to 4 times in all; a stopped execution ends it at once.
 */
export async function read(connection: Connection, request: ReadCall): Promise<Answer> {
	for (let tries = 1; ; tries++) {
		const answer = await exchange(connection, { ...request, method: 'GET' });
		const delay = retryDelayMs(answer, tries, connection);
		if (delay === undefined || connection.isTriedOnce) return answer;
		await pause(connection.context, delay);
		// A poll's deadline can be moved up meanwhile.
		if (Date.now() >= connection.deadline) return answer;
	}
}

/**
 * The body of an answer, checked.
 *
 * @throws {NodeApiError} in the user's words, with the API's own message
 */
export function bodyOf<Schema extends z.ZodTypeAny>(
	connection: Connection,
	call: ReadCall,
	answer: Answer,
	schema: Schema,
): z.output<Schema> {
	if (!isSuccess(answer)) throw errorOf(answer, connection, call);
	const json = parseJson(answer.text);
	if (isNestedTooDeep(json, answer.text)) {
		throw unexpectedBodyError(answer, connection, call, `JSON of at most ${MOST_LEVELS} levels`);
	}
	const result = schema.safeParse(json);
	if (result.success) return result.data as z.output<Schema>;
	const field = result.error.issues[0]?.path.join('.');
	throw unexpectedBodyError(
		answer,
		connection,
		call,
		json !== undefined && field ? `JSON with "${field}"` : undefined,
	);
}
