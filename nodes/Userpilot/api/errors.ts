import type { Failure as SourceFailure } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import type { Answer, Failure, Response } from './response';
import { describeBody, mayRecover, parseJson, retryAfterMs, wordsOf } from './response';
import { DEFAULT_BASE_URL } from './baseUrl';
import type { Connection, ReadCall } from './connection';
import { failureOf, NO_CODE } from './networkErrors';
import { withoutKey } from './withoutKey';

interface Explanation {
	message: string;
	description: string;
}

export const KEY_ADVICE =
	'Copy the API key again from the Environment page of your Userpilot account into the credential.';
/** The host on the Environment page is that of another API: nobody may be sent there for it. */
export const BASE_URL_ADVICE = `Base URL in the credential must be ${DEFAULT_BASE_URL}, unless Userpilot has given you a host of your own.`;
const ISSUES_URL = 'https://github.com/n8n-nodes-userpilot/n8n-nodes-userpilot/issues';
/** For a call that holds nothing that a person could have entered wrongly. */
const ISSUE_ADVICE = `This call holds no value of yours that could be wrong. Run this again; if it stays so, Userpilot may have changed: update this package, or open an issue at ${ISSUES_URL}.`;
const LONGEST_TEXT = 600;
const LONGEST_UNCUT = 10 * LONGEST_TEXT;

/** n8n takes every error that says "canceled" for an execution that a person has stopped. */
export const withoutCanceled = (text: string) => text.replace(/cancell?ed/gi, 'called off');

/** What signs a link: its query, also where the link is cut or encoded; or a parameter by its name. */
const SIGNED: Array<[RegExp, string]> = [
	[/(https?:\/\/[^\s"'<>?]+)\?[^\s"'<>]*/gi, '$1?…'],
	[/(\?|%3F)(?=[^\s"'<>]*(?:=|%3D))[^\s"'<>]*/gi, '$1…'],
	[/\b((?:X-Amz|X-Goog)-[\w-]+|Signature|sig)(?:=|%3D)[^\s"'<>]*/gi, '$1=…'],
];

/** The words that reach a person: no key, no signed URL, and bounded. */
function presentable(text: string, secrets: readonly string[]): string {
	// What is cut off here could not be shown in any case.
	const start = withoutCanceled(withoutKey(text, secrets).slice(0, LONGEST_UNCUT));
	const shown = SIGNED.reduce((words, [pattern, mark]) => words.replace(pattern, mark), start);
	return shown.length > LONGEST_TEXT ? `${shown.slice(0, LONGEST_TEXT - 1)}…` : shown;
}

function explainFailure({ code, words }: Failure, baseUrl: string, purpose: string): Explanation {
	if (code === NO_CODE) {
		return {
			message: `Could not ${purpose}: n8n itself failed at the call, with "${words}"`,
			description:
				"Try again in a few minutes. If it stays so, look for these words in n8n's log, and open the credential to see whether it can still be read.",
		};
	}
	const { what, cause, remedy } = failureOf(code);
	const advice = {
		address: ` ${BASE_URL_ADVICE} If it is right, try again in a few minutes, or ask your n8n administrator whether n8n can reach that address (proxy, firewall).`,
		time: ` Try again in a few minutes. If it keeps happening, check the proxy and firewall of this n8n. ${BASE_URL_ADVICE}`,
		none: '',
	}[remedy];
	return {
		message: `Could not ${purpose}: the server at ${baseUrl} ${what}`,
		description: `${cause}${advice} (${code})`,
	};
}

/** The API gives both refusals the same status: the plan's one speaks of the plan. */
function explainRefusal(
	status: number,
	words: string | undefined,
	{ text }: Response,
): Explanation {
	if (words === undefined) {
		return {
			message: `Userpilot, or a gateway in front of it, refused the API key or the plan (${status}): ${describeBody(text)}`,
			description: `${KEY_ADVICE} ${BASE_URL_ADVICE} Check that your plan includes the Analytics Export API (Enterprise, or an add-on to Growth), and that no proxy or firewall answers in Userpilot's place.`,
		};
	}
	if (/\bplan\b|does not support|feature/i.test(words)) {
		return {
			message: `Your Userpilot plan does not include the Analytics Export API (${status}): ${words}`,
			description:
				'The API key itself was recognised. The export comes with the Enterprise plan, or as an add-on to Growth: ask Userpilot to enable it, then run this again.',
		};
	}
	return {
		message: `Userpilot did not accept the API key (${status}): ${words}`,
		description: `${KEY_ADVICE} If it is the right one, ask Userpilot whether your plan includes the Analytics Export API (Enterprise, or an add-on to Growth).`,
	};
}

function explainNotFound(jobId: string | undefined, baseUrl: string, words: string): Explanation {
	if (jobId === undefined) {
		return {
			message: `No Userpilot export API answers at ${baseUrl} (404): ${words}`,
			description: `Another server answers there. ${BASE_URL_ADVICE}`,
		};
	}
	return {
		message: `Userpilot has no job "${jobId}" (404): ${words}`,
		description:
			'A job can be asked about for 3 days after it was started, and only with the API key that started it. Pick a job from the list, or start the export again.',
	};
}

/** Where a redirect leads to: another host by its origin alone, because nothing more matters of it. */
function redirectTarget({ headers: { location = '' } }: Response, baseUrl: string): string {
	if (!URL.canParse(location, baseUrl)) return 'another address';
	const { origin, pathname } = new URL(location, baseUrl);
	return origin === new URL(baseUrl).origin ? origin + pathname : origin;
}

/** A pause that an answer asks for, as a person says it. */
function inWords(ms: number): string {
	const [count, unit] =
		ms <= 120_000 ? [Math.ceil(ms / 1000), 'second'] : [Math.ceil(ms / 60_000), 'minute'];
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Without the API's own words a 404 comes from another server, not from a job that is gone. */
const isJobGone = ({ status, text }: Response, { jobId }: Pick<ReadCall, 'jobId'>): boolean =>
	status === 404 && jobId !== undefined && wordsOf(parseJson(text)) !== undefined;

function explainStatus(
	response: Response,
	{ baseUrl }: Connection,
	{ purpose, jobId, remedy = ISSUE_ADVICE }: ReadCall,
): Explanation {
	const { status } = response;
	const ownWords = wordsOf(parseJson(response.text));
	const words = ownWords ?? describeBody(response.text);
	if (status === 401 || status === 403) return explainRefusal(status, ownWords, response);
	if (status === 404) {
		return explainNotFound(isJobGone(response, { jobId }) ? jobId : undefined, baseUrl, words);
	}
	if (status >= 300 && status < 400) {
		return {
			message: `Could not ${purpose}: ${baseUrl} redirects to ${redirectTarget(response, baseUrl)} (${status})`,
			description: `The node did not follow, so that the API key reaches no other server. ${BASE_URL_ADVICE} If it is right, a proxy in between redirects.`,
		};
	}
	if (status === 429) {
		const wish = retryAfterMs(response);
		return {
			message: `Could not ${purpose}: Userpilot is receiving too many requests (429): ${words}`,
			description: `All workflows with this API key count together. Run this again in ${wish ? `${inWords(wish)}, as Userpilot asks` : 'a few minutes'}; if it comes again, let them run less often, or not at the same time.`,
		};
	}
	if (status >= 500) {
		return {
			message: `Could not ${purpose}: Userpilot's server failed (${status}): ${words}`,
			description:
				"The fault is Userpilot's: nothing is wrong with your settings. Run this again in a few minutes; if it stays so, ask Userpilot.",
		};
	}
	return {
		message: `Userpilot did not accept the request to ${purpose} (${status}): ${words}`,
		description: remedy,
	};
}

/** An error for the user: of what happened, and of what to do now. */
export function nodeApiError(
	{ context, secrets, itemIndex, jobId }: Connection,
	{ message, description }: Explanation,
	httpCode?: number,
	failure?: SourceFailure,
): NodeApiError {
	const shown = presentable(message, secrets);
	// Built from a plain object: n8n hands an existing error back as it is, and ours would be lost.
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
	// n8n puts a sentence of its own in place of one that holds a code such as ECONNRESET.
	error.message = shown;
	if (jobId !== undefined) error.context.jobId = jobId;
	return error;
}

/** Before anything is cut out of it, an answer loses the key: half a key is a leak, too. */
const redacted = (response: Response, { secrets }: Connection): Response => ({
	...response,
	text: withoutKey(response.text, secrets),
});

/** Errors that say of a job that it has failed or is gone, so that no retry can get its files. */
const finalErrors = new WeakSet<object>();

export const markFinal = (error: NodeApiError): NodeApiError => {
	finalErrors.add(error);
	return error;
};

/** Whether an error says of a job that it has failed or is gone. */
export const isFinal = (error: unknown): boolean => finalErrors.has(Object(error) as object);

/**
 * What is temporarily wrong, for n8n, which backs off from a trigger by it: without it, a gateway's 403
 * counts as a key that is refused for good. Undefined for what is not known to be temporary.
 */
function sourceFailureOf(answer: Answer): SourceFailure | undefined {
	const isGateway =
		answer.kind === 'response' &&
		[401, 403].includes(answer.status) &&
		wordsOf(parseJson(answer.text)) === undefined;
	if (!isGateway && !mayRecover(answer)) return undefined;
	const isRateLimit = answer.kind === 'response' && answer.status === 429;
	return {
		cause: isRateLimit ? 'rate-limited' : 'temporarily-unavailable',
		retryAfterMs: retryAfterMs(answer),
	};
}

/** The error for an answer that is not a success. Its `httpCode` is the status, as text. */
export function errorOf(answer: Answer, connection: Connection, call: ReadCall): NodeApiError {
	const failure = sourceFailureOf(answer);
	if (answer.kind === 'failure') {
		const explanation = explainFailure(answer, connection.baseUrl, call.purpose);
		return nodeApiError(connection, explanation, undefined, failure);
	}
	const explanation = explainStatus(redacted(answer, connection), connection, call);
	const error = nodeApiError(connection, explanation, answer.status, failure);
	return isJobGone(answer, call) ? markFinal(error) : error;
}

/**
 * The error for a success whose body is not what the API promises.
 *
 * @param expected what that is
 * @param advice what to do first, as the beginning of a sentence that names what is behind it
 */
export function unexpectedBodyError(
	response: Response,
	connection: Connection,
	{ purpose }: ReadCall,
	expected = 'JSON',
	advice = 'Run this again. If it stays so',
): NodeApiError {
	const came = describeBody(redacted(response, connection).text);
	return nodeApiError(
		connection,
		{
			message: `Could not ${purpose}: Userpilot answered with ${came} where ${expected} was expected`,
			description: `${advice}, something else answers in Userpilot's place: check any proxy, and the Base URL (${connection.baseUrl}). ${BASE_URL_ADVICE} If both are right, please open an issue at ${ISSUES_URL}.`,
		},
		response.status,
	);
}
