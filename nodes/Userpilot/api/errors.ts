import type { Failure as SourceFailure } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import type { Connection, GetRequest } from './connection';
import { NO_CODE, unreachable } from './networkErrors';
import {
	apiMessageOf,
	describeBody,
	isTemporary,
	parseJson,
	retryAfterMs,
	retryAfterOf,
} from './response';
import type { ApiFailure, ApiResponse, ApiResult } from './response';
import {
	BASE_URL_ADVICE,
	ISSUES_URL,
	isJobGone,
	isRejectedByGateway,
	textsOf,
} from './statusTexts';
import type { ErrorTexts } from './statusTexts';
import { withoutKey } from './withoutKey';

const MAX_TEXT_LENGTH = 600;
const MAX_LENGTH_SEARCHED = 10 * MAX_TEXT_LENGTH;

/** n8n takes every error that says "canceled" for an execution that a person has stopped. */
export const withoutCanceled = (text: string) => text.replace(/cancell?ed/gi, 'called off');

/** What signs a link: its query, even where the link is cut or encoded; or a parameter by its name. */
const SIGNATURES: Array<[RegExp, string]> = [
	[/(https?:\/\/[^\s"'<>?]+)\?[^\s"'<>]*/gi, '$1?…'],
	[/(\?|%3F)(?=[^\s"'<>]*(?:=|%3D))[^\s"'<>]*/gi, '$1…'],
	[/\b((?:X-Amz|X-Goog)-[\w-]+|Signature|sig)(?:=|%3D)[^\s"'<>]*/gi, '$1=…'],
];

/** A text that may be shown: without the key and signed URLs, and not too long. */
function presentable(text: string, secrets: readonly string[]): string {
	// The rest is not searched, because it would be cut off in any case.
	const start = withoutCanceled(withoutKey(text, secrets).slice(0, MAX_LENGTH_SEARCHED));
	const shown = SIGNATURES.reduce((safe, [pattern, mark]) => safe.replace(pattern, mark), start);
	return shown.length > MAX_TEXT_LENGTH ? `${shown.slice(0, MAX_TEXT_LENGTH - 1)}…` : shown;
}

/**
 * An error for the user, without secrets.
 *
 * @param failure tells n8n how to back off from a trigger
 */
export function nodeApiError(
	{ context, secrets, itemIndex, jobId }: Connection,
	{ message, description }: ErrorTexts,
	httpCode?: number,
	failure?: SourceFailure,
): NodeApiError {
	const shown = presentable(message, secrets);
	// Built from a plain object: n8n returns an existing error as it is, without our texts.
	const error = new NodeApiError(
		context.getNode(),
		{ message: shown },
		{
			message: shown,
			description: presentable(description, secrets),
			...(httpCode !== undefined && { httpCode: String(httpCode) }),
			...(itemIndex !== undefined && { itemIndex }),
			failure,
		},
	);
	// n8n replaces a message that holds a code such as ECONNRESET.
	error.message = shown;
	if (jobId !== undefined) error.context.jobId = jobId;
	return error;
}

/** Errors after which no retry can get the files of a job: it has failed, or is gone. */
const finalErrors = new WeakSet<object>();

export const markFinal = (error: NodeApiError): NodeApiError => {
	finalErrors.add(error);
	return error;
};

/** Whether an error says that a job has failed or is gone. */
export const isFinal = (error: unknown): boolean => finalErrors.has(Object(error) as object);

/** Tells n8n, which backs off from a trigger by it, that an error is temporary. */
const temporaryFailure = (result: ApiResult): SourceFailure => ({
	cause:
		result.kind === 'response' && result.status === 429
			? 'rate-limited'
			: 'temporarily-unavailable',
	retryAfterMs: retryAfterMs(retryAfterOf(result)),
});

function failureTexts({ code, message }: ApiFailure, address: string, purpose: string): ErrorTexts {
	if (code !== NO_CODE) {
		return unreachable(code, { purpose, server: 'server', address, advice: BASE_URL_ADVICE });
	}
	return {
		message: `Could not ${purpose}: n8n could not send the request ("${message}")`,
		description:
			"Try again in a few minutes. If it keeps happening, search n8n's log for this message, and open the credential to check that it can still be read.",
	};
}

/** The error for a result that is not a success. Its `httpCode` is the status, as text. */
export function apiError(
	result: ApiResult,
	connection: Connection,
	request: GetRequest,
): NodeApiError {
	const { baseUrl, secrets } = connection;
	const failure = isTemporary(result) ? temporaryFailure(result) : undefined;
	if (result.kind === 'failure') {
		const texts = failureTexts(result, baseUrl, request.purpose);
		return nodeApiError(connection, texts, undefined, failure);
	}
	// The key goes before anything is cut out of the text: half a key is a leak, too.
	const text = withoutKey(result.text, secrets);
	const response = {
		...request,
		...result,
		text,
		baseUrl,
		apiMessage: apiMessageOf(parseJson(text)),
	};
	const error = nodeApiError(
		connection,
		textsOf(response),
		result.status,
		// Without it, n8n would take a gateway's rejection for a key that is invalid for good.
		isRejectedByGateway(response) ? temporaryFailure(result) : failure,
	);
	return isJobGone(response) ? markFinal(error) : error;
}

/**
 * The error for a success with an unexpected body.
 *
 * @param expected what the API documents
 * @param advice what to do first
 */
export function unexpectedBodyError(
	{ status, text }: ApiResponse,
	connection: Connection,
	{ purpose }: GetRequest,
	expected: string | undefined,
	advice = 'Try again.',
): NodeApiError {
	const body = describeBody(withoutKey(text, connection.secrets));
	return nodeApiError(
		connection,
		{
			message: `Could not ${purpose}: Userpilot returned ${body}${expected ? ` instead of ${expected}` : ''}`,
			description: `${advice} If it keeps happening, another server responds at ${connection.baseUrl}: check any proxy. ${BASE_URL_ADVICE} If both are right, open an issue at ${ISSUES_URL}.`,
		},
		status,
	);
}
