import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	IDisplayOptions,
	INode,
	INodeProperties,
} from 'n8n-workflow';
import { getCredentialAllowedDomains } from 'n8n-workflow';

import { DEFAULT_BASE_URL, REAL_TIME_API_MESSAGE } from '../nodes/Userpilot/api/baseUrl';

/** What leads nowhere: axios answers it by itself with 405 to any method but GET, without a connection. */
const NOWHERE = 'data:,';

const IS_REAL_TIME_API =
	'/^analytex/i.test($credentials.baseUrl.trim().replace(/^https?:\\/\\//i, "").replace(/^[^\\/?#\\\\]*@/, ""))';

/**
 * The base URL as the calls use it: the default where it is left empty, without a trailing slash and
 * without a pasted `/api/v1...`. A plain http address beyond this machine becomes one that cannot be
 * called, so that the test never sends the key unencrypted; the notice in the form says what to do.
 */
const BASE_URL_EXPRESSION =
	`={{ $credentials.baseUrl.trim() === "" ? "${DEFAULT_BASE_URL}" : ${IS_REAL_TIME_API} ? "${NOWHERE}"` +
	' : /^(https:|http:\\/\\/(localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)?([\\/?#]|$))/i.test($credentials.baseUrl.trim())' +
	' ? $credentials.baseUrl.trim().replace(/[?#].*$/, "").replace(/^(https?:\\/\\/)[^\\\\/]*@/i, "$1").replace(/\\/api\\/v1(\\/.*)?$/i, "").replace(/\\/+$/, "")' +
	' : "https://the-base-url-must-start-with-https.invalid" }}';

/** A test shows a sentence of ours for a status only, so this one gets a status of its own. */
const METHOD_EXPRESSION = `={{ ${IS_REAL_TIME_API} ? "HEAD" : "GET" }}` as 'GET';

/** A key that no header can carry is not sent, in whole or in part: Userpilot refuses the request without one. */
const AUTHORIZATION_EXPRESSION =
	'=Token {{ ((key) => /^[ -~]*$/.test(key) ? key : "")($credentials.apiKey.trim().replace(/^token(\\s+|$)/i, "")) }}';

/**
 * Whether this n8n lets a credential that HTTP Request may not use still be tested. Since n8n 2.37
 * it does; before that, "None" made the credential's own test fail.
 */
function isTestedWithoutDomains(): boolean {
	try {
		// "Specific Domains" without any: those n8n allow the host that the test itself names.
		const allowed = getCredentialAllowedDomains({
			node: {} as INode,
			credentialData: { allowedHttpRequestDomains: 'domains' },
			credentialOwnedSurface: true,
			nodeEndpointUrl: DEFAULT_BASE_URL,
		});
		return allowed !== undefined;
	} catch {
		return false;
	}
}

/** n8n adds these fields to a credential that lacks them, and lets HTTP Request send the key to any host. */
const domainFields: INodeProperties[] = [
	{
		displayName: 'Allowed HTTP Request Domains',
		name: 'allowedHttpRequestDomains',
		type: 'options',
		options: [
			{ name: 'All', value: 'all', description: 'HTTP Request may send the key to any host' },
			{ name: 'Specific Domains', value: 'domains', description: 'Only to the hosts named below' },
			{ name: 'None', value: 'none', description: 'Only the Userpilot nodes may use the key' },
		],
		default: 'none',
		description: 'Where HTTP Request and GraphQL nodes may send the API key',
	},
	{
		displayName: 'Allowed Domains',
		name: 'allowedDomains',
		type: 'string',
		default: '',
		placeholder: 'e.g. appex.userpilot.io',
		description: 'The hosts, separated by commas; * stands for any subdomain',
		displayOptions: { show: { allowedHttpRequestDomains: ['domains'] } },
	},
];

const LOCAL = ['http://localhost', 'http://127.0.0.1', 'http://[::1]'];

/**
 * What the form takes for encrypted or for this machine. Beginnings, and no pattern: n8n evaluates
 * this at each call, and a pattern that takes longer than 250 ms, as on a busy machine, fails the call.
 */
const ENCRYPTED_OR_LOCAL: NonNullable<IDisplayOptions['hide']>[string] = [
	'',
	...LOCAL,
	...[
		...['https://', ' https://', 'HTTPS://'],
		...LOCAL.flatMap((origin) => [':', '/', '?', '#'].map((next) => origin + next)),
	].map((startsWith) => ({ _cnd: { startsWith } })),
];

const RIGHT_BASE_URL = `Set Base URL to ${DEFAULT_BASE_URL}, unless Userpilot has given you a host of your own.`;

const REDIRECT_MESSAGE = `This address only redirects to another one. ${RIGHT_BASE_URL}`;

const NOT_FOUND_MESSAGE = `No Userpilot export API answers at this address. ${RIGHT_BASE_URL}`;

const SERVER_ERROR_MESSAGE =
	'Userpilot has a problem at the moment (its server answered with an error). Nothing is wrong with the key; try again in a few minutes.';

const RESPONSE_CODE_MESSAGES: Record<number, string> = {
	301: REDIRECT_MESSAGE,
	302: REDIRECT_MESSAGE,
	307: REDIRECT_MESSAGE,
	308: REDIRECT_MESSAGE,
	401: 'Userpilot refused the API key, or your plan has no Analytics Export API. Copy the key again, in one line, from the Environment page of your Userpilot account; if it is right, ask Userpilot whether your plan (Enterprise, or Growth with the add-on) includes the export.',
	403: 'Userpilot refused this key: most likely your plan has no Analytics Export API. It comes with the Enterprise plan or as an add-on to Growth: ask Userpilot to enable it.',
	400: NOT_FOUND_MESSAGE,
	404: NOT_FOUND_MESSAGE,
	405: `${REAL_TIME_API_MESSAGE}.`,
	429: 'Userpilot is receiving too many requests with this key. Wait a minute and test again.',
	500: SERVER_ERROR_MESSAGE,
	502: SERVER_ERROR_MESSAGE,
	503: SERVER_ERROR_MESSAGE,
	504: SERVER_ERROR_MESSAGE,
};

export class UserpilotApi implements ICredentialType {
	name = 'userpilotApi';

	displayName = 'Userpilot API';

	icon: Icon = {
		light: 'file:../nodes/Userpilot/userpilot.svg',
		dark: 'file:../nodes/Userpilot/userpilot.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-userpilot/n8n-nodes-userpilot/blob/main/docs/credential.md';

	properties: INodeProperties[] = [
		{
			displayName:
				"The Analytics Export API comes with Userpilot's Enterprise plan, or as an add-on to Growth. Without it, Userpilot refuses every call, also with a right key.",
			name: 'planNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'The API key on the Environment page of your Userpilot account',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: DEFAULT_BASE_URL,
			placeholder: `e.g. ${DEFAULT_BASE_URL}`,
			description:
				'Most people leave this as it is. Enterprise customers may be given a host of their own by Userpilot. The endpoint on the Environment page is that of another API.',
		},
		{
			displayName:
				'The Base URL must start with https://, or the API key would travel unencrypted. Plain http works for this machine only (localhost).',
			name: 'httpsNotice',
			type: 'notice',
			default: '',
			displayOptions: { hide: { baseUrl: ENCRYPTED_OR_LOCAL } },
		},
		...(isTestedWithoutDomains() ? domainFields : []),
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			headers: {
				Authorization: AUTHORIZATION_EXPRESSION,
			},
		},
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: BASE_URL_EXPRESSION,
			method: METHOD_EXPRESSION,
			url: '/api/v1/analytics/exports/jobs/',
			disableFollowRedirect: true,
		},
		rules: Object.entries(RESPONSE_CODE_MESSAGES).map(([status, message]) => ({
			type: 'responseCode' as const,
			properties: { value: Number(status), message },
		})),
	};
}
