/** For a failure without a code, which is n8n's own and not one of the network. */
export const NO_CODE = 'UNKNOWN';

/** A response that is larger than any of the API's. */
export const TOO_LARGE = 'RESPONSE_TOO_LARGE';
export const MAX_RESPONSE_MB = 64;

/** n8n's protection against requests to internal hosts gives its errors no code. */
const SSRF_BLOCKED = 'SSRF_BLOCKED';
const SSRF_ERROR = /^SsrfBlocked/;

/** The code of a network failure, such as `ECONNRESET`. */
export function failureCode(error: unknown): string {
	let cause = error;
	for (let depth = 0; typeof cause === 'object' && cause !== null && depth < 5; depth++) {
		const { name, code, cause: deeper } = cause as Partial<Record<string, unknown>>;
		if (SSRF_ERROR.test(String(name))) return SSRF_BLOCKED;
		if (typeof code === 'string' && code !== '') return code;
		cause = deeper;
	}
	return NO_CODE;
}

/** Whether a failure with that code left the server without the request. */
export const neverConnected = (code: string): boolean =>
	/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|CERT|SELF_SIGNED|UNABLE_TO|SSRF/.test(code);

/** Whether the same request fails again however often it is sent. */
export const isPermanent = (code: string): boolean =>
	/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|INVALID|SSRF|TOO_LARGE/.test(code);

/** The code of a connection that ended in the middle of a body, whatever the stream calls it. */
export const codeInBody = (code: string): string =>
	/ECONNRESET|EPIPE|ERR_STREAM/.test(code) || code === NO_CODE ? 'ERR_BAD_RESPONSE' : code;

/** A call that got no answer. */
interface Unanswered {
	/** What the server did, as in "the server …". */
	what: string;
	/** What is likely behind it, as a sentence. */
	cause: string;
	/** What may help: another address, time, or only what the cause says. */
	remedy: Remedy;
}

type Remedy = 'address' | 'time' | 'none';

const FAILURES: Array<[RegExp, ...[what: string, cause: string, remedy: Remedy]]> = [
	[
		/ECONNREFUSED/,
		'refused the connection',
		'Nothing takes calls at that address, or a firewall forbids them.',
		'address',
	],
	[
		/ENOTFOUND|EAI_AGAIN/,
		'has a host name that cannot be found',
		'The name is misspelt, or the name server (DNS) of this n8n does not know it.',
		'address',
	],
	[
		/ETIMEDOUT|ECONNABORTED|ESOCKETTIMEDOUT/,
		'did not answer in time',
		'It is overloaded, or a firewall swallows the call.',
		'time',
	],
	[
		/ECONNRESET|EPIPE|ERR_STREAM/,
		'closed the connection before it had answered',
		'It, or a proxy in between, broke off. That mostly passes.',
		'time',
	],
	[
		/ERR_BAD_RESPONSE/,
		'broke the connection in the middle of its answer',
		'It, or a proxy in between, broke off. That mostly passes.',
		'time',
	],
	[
		/^Z_/,
		'sent a response that cannot be decompressed',
		'The server or a proxy damaged it. This is usually temporary.',
		'time',
	],
	[
		new RegExp(TOO_LARGE),
		`sent a response of more than ${MAX_RESPONSE_MB} MB`,
		'No response of the export API is known to be so large. Check Base URL in the credential, and any proxy. If both are right, contact Userpilot support.',
		'none',
	],
	[
		new RegExp(SSRF_BLOCKED),
		'is blocked by the SSRF protection of this n8n',
		'Nothing was sent. Ask your n8n administrator to allow this host (N8N_SSRF_ALLOWED_HOSTNAMES or N8N_SSRF_ALLOWED_IP_RANGES).',
		'none',
	],
	[
		/TOO_MANY_REDIRECTS/,
		'redirects in a circle',
		'It, or a proxy in between, is set up wrongly, or asks for a sign-in.',
		'time',
	],
	[
		/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/,
		'has a TLS certificate that is not trusted',
		'Nothing was sent. A proxy that looks into encrypted traffic shows a certificate of its own, which whoever runs this n8n can make known to it with NODE_EXTRA_CA_CERTS.',
		'address',
	],
];

export function failureOf(code: string): Unanswered {
	const [, what, cause, remedy] = FAILURES.find(([pattern]) => pattern.test(code)) ?? [
		/./,
		'could not be reached',
		'The network, a proxy or a firewall stands in between.',
		'time' as const,
	];
	return { what, cause, remedy };
}
