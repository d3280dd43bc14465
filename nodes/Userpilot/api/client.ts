import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { IHttpRequestOptions, JsonObject } from 'n8n-workflow';
import type { z } from 'zod/v3';

import { normalizeBaseUrl } from './baseUrl';
import { cancelSignal, pause } from './connection';
import type { ApiCall, ApiContext, Connection, ReadCall } from './connection';
import { BASE_URL_ADVICE, errorOf, KEY_ADVICE, unexpectedBodyError } from './errors';
import { isNestedTooDeep, MOST_LEVELS } from './nesting';
import { codeInBody, failureCode } from './networkErrors';
import { isSuccess, isTransient, parseJson, responseText, retryAfterMs } from './response';
import type { Answer, Headed, ResponseBody } from './response';

const CREDENTIAL = 'userpilotApi';
/** Anything else would be left out or encoded on its way, which makes another key of it. */
const PRINTABLE_ASCII = /^[ -~]*$/;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_TRIES = 4;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/**
 * Reads the credential.
 *
 * @param budgetMs how long all calls together may take
 * @throws {NodeOperationError} when the key is empty or cannot be sent, or the base URL is not allowed
 */
export async function connect<Context extends ApiContext>(
	context: Context,
	{ itemIndex, budgetMs = Infinity }: { itemIndex?: number; budgetMs?: number } = {},
): Promise<Connection<Context>> {
	// Started before the credential is read, which may take its own time.
	const deadline = Date.now() + budgetMs;
	const { apiKey, baseUrl } = await context.getCredentials<{ apiKey?: string; baseUrl?: string }>(
		CREDENTIAL,
		itemIndex,
	);
	const wrong = (message: string, description: string) =>
		new NodeOperationError(context.getNode(), message, { description, itemIndex });
	const key = String(apiKey ?? '')
		.trim()
		.replace(/^token(\s+|$)/i, '');
	if (key === '') throw wrong('The Userpilot credential has no API key', KEY_ADVICE);
	if (!PRINTABLE_ASCII.test(key)) {
		const what = /[\r\n]/.test(key) ? 'a line break' : 'a character that no API key has';
		throw wrong(
			`The API key in the Userpilot credential holds ${what}`,
			`${KEY_ADVICE} It was not sent.`,
		);
	}
	const base = normalizeBaseUrl(String(baseUrl ?? ''));
	if ('problem' in base) throw wrong(base.problem, BASE_URL_ADVICE);
	return { context, baseUrl: base.url, secrets: [key], itemIndex, deadline };
}

/**
 * What comes first, the end of a task or the signal. n8n's own time limit leaves out a body that trickles,
 * or a connection in the making. The signal, which lives on, keeps nothing of the task.
 */
async function unlessLate<T>(signal: AbortSignal, task: Promise<T>): Promise<T> {
	return await new Promise((resolve, reject) => {
		const onAbort = () => reject(new Error('time is up'));
		signal.addEventListener('abort', onAbort);
		void task.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
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
		encoding: 'stream',
		timeout,
		// In an execution n8n puts its own signal here, the one that a person's stop fires.
		abortSignal: timeLimit,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		// A redirect is answered with an error: followed, it could carry the key to another host.
		disableFollowRedirect: true,
	};
	const sent = context.helpers.httpRequestWithAuthentication.call(
		context,
		CREDENTIAL,
		options,
	) as Promise<{ statusCode: number; headers: Record<string, string>; body: ResponseBody }>;
	let hasBegun = false;
	const whole = sent.then(async ({ statusCode, headers, body }): Promise<Answer> => {
		hasBegun = true;
		return { kind: 'response', status: statusCode, headers, text: await responseText(body) };
	});
	try {
		return await unlessLate(timeLimit, whole);
	} catch (error) {
		// What still comes, or has yet to begin, would keep its connection.
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
			code: hasBegun ? codeInBody(code) : code,
			words: (error as Error).message,
		};
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
