/** For a failure without a code, which is n8n's own and not one of the network. */
export const NO_CODE = 'UNKNOWN';

/** The code of a network failure, such as `ECONNRESET`. */
export function failureCode(error: unknown): string {
	let cause = error;
	for (let depth = 0; typeof cause === 'object' && cause !== null && depth < 5; depth++) {
		const { code, cause: deeper } = cause as { code?: unknown; cause?: unknown };
		if (typeof code === 'string' && code !== '') return code;
		cause = deeper;
	}
	return NO_CODE;
}

/** Whether a failure with that code left the server without the request. */
export const neverConnected = (code: string): boolean =>
	/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|CERT|SELF_SIGNED|UNABLE_TO/.test(code);

/** A call that got no answer. */
interface Unanswered {
	/** What the server did, as in "the server …". */
	what: string;
	/** What is likely behind it, as a sentence. */
	cause: string;
	/** Whether to try the address that is wrong before the time that passes. */
	isOfAddress: boolean;
}

const FAILURES: Array<[RegExp, ...[what: string, cause: string, isOfAddress: boolean]]> = [
	[
		/ECONNREFUSED/,
		'refused the connection',
		'Nothing takes calls at that address, or a firewall forbids them.',
		true,
	],
	[
		/ENOTFOUND|EAI_AGAIN/,
		'has a host name that cannot be found',
		'The name is misspelt, or the name server (DNS) of this n8n does not know it.',
		true,
	],
	[
		/ETIMEDOUT|ECONNABORTED|ESOCKETTIMEDOUT/,
		'did not answer in time',
		'It is overloaded, or a firewall swallows the call.',
		false,
	],
	[
		/ECONNRESET|EPIPE|ERR_STREAM/,
		'closed the connection before it had answered',
		'It, or a proxy in between, broke off. That mostly passes.',
		false,
	],
	[
		/ERR_BAD_RESPONSE/,
		'broke the connection in the middle of its answer',
		'It, or a proxy in between, broke off. That mostly passes.',
		false,
	],
	[
		/TOO_MANY_REDIRECTS/,
		'redirects in a circle',
		'It, or a proxy in between, is set up wrongly, or asks for a sign-in.',
		false,
	],
	[
		/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/,
		'has a TLS certificate that is not trusted',
		'Nothing was sent. A proxy that looks into encrypted traffic shows a certificate of its own, which whoever runs this n8n can make known to it with NODE_EXTRA_CA_CERTS.',
		true,
	],
];

export function failureOf(code: string): Unanswered {
	const [, what, cause, isOfAddress] = FAILURES.find(([pattern]) => pattern.test(code)) ?? [
		/./,
		'could not be reached',
		'The network, a proxy or a firewall stands in between.',
		false,
	];
	return { what, cause, isOfAddress };
}
