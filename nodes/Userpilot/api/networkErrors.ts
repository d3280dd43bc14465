/** For an error without a code, which comes from n8n itself and not from the network. */
export const NO_CODE = 'UNKNOWN';

/** A response above this limit. The API sends none that is nearly as large. */
export const TOO_LARGE = 'RESPONSE_TOO_LARGE';
export const MAX_RESPONSE_MB = 64;

/** n8n's protection against requests to internal hosts gives its errors no code. */
const SSRF_BLOCKED = 'SSRF_BLOCKED';
const SSRF_ERROR = /^SsrfBlocked/;
const MAX_CAUSES = 5;

/** The code of a network error, such as `ECONNRESET`. */
export function failureCode(error: unknown): string {
	let cause = error;
	for (let depth = 0; typeof cause === 'object' && cause !== null && depth < MAX_CAUSES; depth++) {
		const { name, code, cause: inner } = cause as Partial<Record<string, unknown>>;
		if (SSRF_ERROR.test(String(name))) return SSRF_BLOCKED;
		if (typeof code === 'string' && code !== '') return code;
		cause = inner;
	}
	return NO_CODE;
}

/** Whether the request cannot have reached the server. */
export const neverConnected = (code: string): boolean =>
	/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|CERT|SELF_SIGNED|UNABLE_TO|SSRF/.test(code);

/** Whether a retry of the same request is bound to fail, too. */
export const isPermanent = (code: string): boolean =>
	/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|INVALID|SSRF|TOO_LARGE/.test(code);

/** The code of a connection that was dropped in the middle of a body, whatever the stream calls it. */
export const codeInBody = (code: string): string =>
	/ECONNRESET|EPIPE|ERR_STREAM/.test(code) || code === NO_CODE ? 'ERR_BAD_RESPONSE' : code;

const DROPPED = 'The server or a proxy dropped the connection. This is usually temporary.';

/** By code, the first match counts: what the server did, and the likely cause. */
const FAILURES: Array<[code: RegExp, what: string, cause: string]> = [
	[
		/ECONNREFUSED/,
		'refused the connection',
		'Nothing listens at this address, or a firewall is blocking the request.',
	],
	[
		/ENOTFOUND|EAI_AGAIN/,
		'has a host name that cannot be found',
		'The name is misspelled, or the DNS server of your n8n does not know it.',
	],
	[
		/ETIMEDOUT|ECONNABORTED|ESOCKETTIMEDOUT/,
		'did not respond in time',
		'The server is overloaded, or a firewall is blocking the request.',
	],
	[/ECONNRESET|EPIPE|ERR_STREAM/, 'dropped the connection before it responded', DROPPED],
	[/ERR_BAD_RESPONSE/, 'dropped the connection in the middle of a response', DROPPED],
	[
		/^Z_/,
		'sent a response that cannot be decompressed',
		'The server or a proxy damaged it. This is usually temporary.',
	],
	[
		new RegExp(TOO_LARGE),
		`sent a response of more than ${MAX_RESPONSE_MB} MB`,
		'No response of the export API is known to be so large. Check any proxy. If it is right, contact Userpilot support.',
	],
	[
		new RegExp(SSRF_BLOCKED),
		"is blocked by n8n's SSRF protection",
		'Nothing was sent. Ask your n8n administrator to allow this host (N8N_SSRF_ALLOWED_HOSTNAMES or N8N_SSRF_ALLOWED_IP_RANGES).',
	],
	[
		/TOO_MANY_REDIRECTS/,
		'redirects in a circle',
		'The server or a proxy is misconfigured, or requires a sign-in.',
	],
	[
		/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/,
		'has a TLS certificate that is not trusted',
		'Nothing was sent. A proxy that inspects encrypted traffic uses its own certificate. Your n8n administrator can make n8n trust it with NODE_EXTRA_CA_CERTS.',
	],
	[/./, 'could not be reached', 'The network, a proxy or a firewall is in the way.'],
];

/**
 * The texts for a request that got no response.
 *
 * @param code see `failureCode`
 * @param purpose what the request was for, as in "Could not …"
 * @param server whom it was sent to, as in "the … at … refused the connection"
 * @param advice more to check, as sentences
 */
export function unreachable(
	code: string,
	{ purpose, server, address, advice }: Record<'purpose' | 'server' | 'address' | 'advice', string>,
): { message: string; description: string } {
	const [, what, cause] = FAILURES.find(([pattern]) => pattern.test(code))!;
	const retry = `Try again in a few minutes. If it keeps happening, ask your n8n administrator whether n8n can reach ${address} (DNS, proxy, firewall).`;
	const steps = isPermanent(code) ? [advice] : [retry, advice];
	return {
		message: `Could not ${purpose}: the ${server} at ${address} ${what}`,
		description: [cause, ...steps, `(${code})`].join(' '),
	};
}
