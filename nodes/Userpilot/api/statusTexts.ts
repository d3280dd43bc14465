import { DEFAULT_BASE_URL } from './baseUrl';
import type { GetRequest } from './connection';
import { describeBody, retryAfterMs } from './response';
import type { ApiResponse } from './response';

/** What failed, and what to do. */
export interface ErrorTexts {
	message: string;
	description: string;
}

export const KEY_ADVICE =
	'Copy the API key again from the Environment page of your Userpilot account into the credential.';
/** It does not point to the Environment page, which shows the host of another API. */
export const BASE_URL_ADVICE = `'Base URL' in the credential must be ${DEFAULT_BASE_URL}, unless Userpilot gave you your own host.`;
export const ISSUES_URL = 'https://github.com/n8n-nodes-userpilot/n8n-nodes-userpilot/issues';
/** For a request that holds nothing that a person has entered. */
const ISSUE_ADVICE = `Nothing you entered is part of this request, so your settings are not the cause. Try again. If it keeps happening, Userpilot's API may have changed: update this package, or open an issue at ${ISSUES_URL}.`;
const PLANS = '(Enterprise, or an add-on to Growth)';

/** An error response, and what its texts are made of. */
interface ErrorResponse extends GetRequest, ApiResponse {
	baseUrl: string;
	/** The API's own message, if any. */
	apiMessage?: string;
}

const isRejected = ({ status }: ErrorResponse) => status === 401 || status === 403;

/** The API has no message without a cause of its own, so this comes from a gateway. */
export const isRejectedByGateway = (error: ErrorResponse) =>
	isRejected(error) && error.apiMessage === undefined;

/** The API uses the same status for the key and the plan. Only its message mentions the plan. */
const isPlanRejected = (error: ErrorResponse) =>
	isRejected(error) && /\bplan\b|does not support|feature/i.test(error.apiMessage ?? '');

/** A 404 without a message of the API comes from another server, not from a job that is gone. */
export const isJobGone = ({ status, jobId, apiMessage }: ErrorResponse): boolean =>
	status === 404 && jobId !== undefined && apiMessage !== undefined;

const isRedirect = ({ status }: ErrorResponse) => status >= 300 && status < 400;

/** Where a redirect leads to; of another host only its origin, because the rest may be secret. */
function redirectTarget({ headers: { location = '' }, baseUrl }: ErrorResponse): string {
	if (!URL.canParse(location, baseUrl)) return 'another address';
	const { origin, pathname } = new URL(location, baseUrl);
	return origin === new URL(baseUrl).origin ? origin + pathname : origin;
}

/** `90 seconds`, `60 minutes` */
function duration(ms: number): string {
	const [count, unit] =
		ms <= 120_000 ? [Math.ceil(ms / 1000), 'second'] : [Math.ceil(ms / 60_000), 'minute'];
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function rateLimitAdvice({ headers }: ErrorResponse): string {
	const ms = retryAfterMs(headers['retry-after']);
	return `The rate limit is shared by all workflows with this API key. Try again in ${ms ? `${duration(ms)}, as Userpilot requests` : 'a few minutes'}. If it keeps happening, run them less often, or at different times.`;
}

type Text = string | ((error: ErrorResponse) => string);

/** The texts by status. The first row that matches counts. */
const TEXTS: Array<[matches: (error: ErrorResponse) => boolean, whatFailed: Text, whatToDo: Text]> =
	[
		[
			isRejectedByGateway,
			'Userpilot, or a gateway in front of it, rejected the API key or the plan',
			`${KEY_ADVICE} ${BASE_URL_ADVICE} Check that your plan includes the Analytics Export API ${PLANS}, and that no proxy or firewall responds instead of Userpilot.`,
		],
		[
			isPlanRejected,
			'Your Userpilot plan does not include the Analytics Export API',
			`The API key is valid, but the plan does not include exports ${PLANS}. Contact Userpilot support to enable them, then try again.`,
		],
		[
			isRejected,
			'Userpilot did not accept the API key',
			`${KEY_ADVICE} If it is the right key, contact Userpilot support to check that your plan includes the Analytics Export API ${PLANS}.`,
		],
		[
			isJobGone,
			({ jobId }) => `Userpilot has no job "${jobId}"`,
			'A job is available for 3 days after it was started, and only with the API key that started it. Pick a job from the list, or start the export again.',
		],
		[
			({ status }) => status === 404,
			({ baseUrl }) => `No Userpilot export API was found at ${baseUrl}`,
			`Another server responds at this address. ${BASE_URL_ADVICE}`,
		],
		[
			isRedirect,
			(error) =>
				`Could not ${error.purpose}: ${error.baseUrl} redirects to ${redirectTarget(error)}`,
			`The redirect was not followed, to keep the API key from other servers. ${BASE_URL_ADVICE} If it is right, a proxy redirects the request.`,
		],
		[
			({ status }) => status === 429,
			({ purpose }) => `Could not ${purpose}: Userpilot is receiving too many requests`,
			rateLimitAdvice,
		],
		[
			({ status }) => status >= 500,
			({ purpose }) => `Could not ${purpose}: Userpilot's server failed`,
			"This is a problem on Userpilot's side, not with your settings. Try again in a few minutes. If it keeps happening, contact Userpilot support.",
		],
		[
			() => true,
			({ purpose }) => `Userpilot did not accept the request to ${purpose}`,
			({ remedy = ISSUE_ADVICE }) => remedy,
		],
	];

/** The texts for a response that is not a success. */
export function textsOf(error: ErrorResponse): ErrorTexts {
	const [, ...texts] = TEXTS.find(([matches]) => matches(error))!;
	const [whatFailed, whatToDo] = texts.map((text) =>
		typeof text === 'string' ? text : text(error),
	);
	const reason = isRedirect(error) ? '' : `: ${error.apiMessage ?? describeBody(error.text)}`;
	return { message: `${whatFailed} (${error.status})${reason}`, description: whatToDo! };
}
