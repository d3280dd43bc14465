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

const BASE_URL = '$credentials.baseUrl.trim()';

const IS_REAL_TIME_API = `/^analytex/i.test(${BASE_URL}.replace(/^https?:\\/\\//i, "").replace(/^[^\\/?#\\\\]*@/, ""))`;

const IS_ENCRYPTED_OR_LOCAL = `/^(https:|http:\\/\\/(localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)?([\\/?#]|$))/i.test(${BASE_URL})`;

/** Without the query, fragment, user name and password, a pasted `/api/v1...` and trailing slashes. */
const NORMALIZED = `${BASE_URL}.replace(/[?#].*$/, "").replace(/^(https?:\\/\\/)[^\\\\/]*@/i, "$1").replace(/\\/api\\/v1(\\/.*)?$/i, "").replace(/\\/+$/, "")`;

/** Reaches no server: axios itself responds with 405 to any method but GET. */
const NO_SERVER = 'data:,';

/**
 * The base URL as the nodes use it. An unencrypted one becomes a host that does not exist, so that the test
 * never sends the key; the notice in the form says what to do.
 */
const BASE_URL_EXPRESSION = `={{ ${BASE_URL} === "" ? "${DEFAULT_BASE_URL}" : ${IS_REAL_TIME_API} ? "${NO_SERVER}" : ${IS_ENCRYPTED_OR_LOCAL} ? ${NORMALIZED} : "https://the-base-url-must-start-with-https.invalid" }}`;

/** A test shows our message only for a status, so the real-time API gets 405, which nothing else does. */
const METHOD_EXPRESSION = `={{ ${IS_REAL_TIME_API} ? "HEAD" : "GET" }}` as 'GET';

/** A key that no header can hold is not sent, not even a part of it. Userpilot rejects the request. */
const AUTHORIZATION_EXPRESSION =
	'=Token {{ ((key) => /^[ -~]*$/.test(key) ? key : "")($credentials.apiKey.trim().replace(/^token(\\s+|$)/i, "")) }}';

/** Whether "None" below leaves the credential's own test working, as it does since n8n 2.37. */
function isTestedWithoutDomains(): boolean {
	try {
		// With "Specific Domains" and no domain, such n8n still allow the host of the test.
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

/** If a credential lacks these fields, n8n adds them, with "All" as the default. */
const domainFields: INodeProperties[] = [
	{
		displayName: 'Allowed HTTP Request Domains',
		name: 'allowedHttpRequestDomains',
		type: 'options',
		options: [
			{ name: 'All', value: 'all', description: 'HTTP Request may send the key to any host' },
			{
				name: 'Specific Domains',
				value: 'domains',
				description: 'HTTP Request may send the key only to the hosts below',
			},
			{ name: 'None', value: 'none', description: 'Only the Userpilot nodes may use the key' },
		],
		default: 'none',
		description: 'Hosts that HTTP Request and GraphQL nodes may send the API key to',
	},
	{
		displayName: 'Allowed Domains',
		name: 'allowedDomains',
		type: 'string',
		default: '',
		placeholder: 'e.g. appex.userpilot.io',
		description: 'Hosts, separated by commas. Use * for any subdomain.',
		displayOptions: { show: { allowedHttpRequestDomains: ['domains'] } },
	},
];

const LOCAL = ['http://localhost', 'http://127.0.0.1', 'http://[::1]'];

/**
 * Base URLs without the https notice. Not a pattern: n8n evaluates this for each request, which fails when a
 * pattern takes longer than 250 ms, as on a busy machine.
 */
const WITHOUT_NOTICE: NonNullable<IDisplayOptions['hide']>[string] = [
	'',
	...LOCAL,
	...[
		...['https://', ' https://', 'HTTPS://'],
		...LOCAL.flatMap((origin) => [':', '/', '?', '#'].map((next) => origin + next)),
	].map((startsWith) => ({ _cnd: { startsWith } })),
];

const BASE_URL_ADVICE = `Set 'Base URL' to ${DEFAULT_BASE_URL}, unless Userpilot gave you your own host.`;

const MESSAGES: Array<[statuses: number[], message: string]> = [
	[[301, 302, 307, 308], `This address redirects to another one. ${BASE_URL_ADVICE}`],
	[[400, 404], `No Userpilot export API was found at this address. ${BASE_URL_ADVICE}`],
	[
		[401],
		'Userpilot rejected the API key, or your plan does not include the Analytics Export API. Copy the key again, in one line, from the Environment page of your Userpilot account. If it is right, contact Userpilot support to check that your plan includes the export (Enterprise, or an add-on to Growth).',
	],
	[
		[403],
		'Userpilot rejected the request. Most likely your plan does not include the Analytics Export API (Enterprise, or an add-on to Growth). Contact Userpilot support to enable it.',
	],
	[[405], `${REAL_TIME_API_MESSAGE}.`],
	[
		[429],
		'Userpilot is receiving too many requests with this key. Wait a minute, then test again.',
	],
	[
		[500, 502, 503, 504],
		"This is a problem on Userpilot's side, not with your API key. Try again in a few minutes.",
	],
];

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
				"The Analytics Export API is part of Userpilot's Enterprise plan, or an add-on to Growth. Without it, every request is rejected, even with a valid key.",
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
			description: 'The API key from the Environment page of your Userpilot account',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: DEFAULT_BASE_URL,
			placeholder: `e.g. ${DEFAULT_BASE_URL}`,
			description:
				'Keep the default, unless Userpilot gave you your own host (Enterprise). The endpoint on the Environment page belongs to another API.',
		},
		{
			displayName:
				"'Base URL' must start with https://, otherwise the API key would be sent unencrypted. Plain http works only for localhost.",
			name: 'httpsNotice',
			type: 'notice',
			default: '',
			displayOptions: { hide: { baseUrl: WITHOUT_NOTICE } },
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
		rules: MESSAGES.flatMap(([statuses, message]) =>
			statuses.map((value) => ({ type: 'responseCode' as const, properties: { value, message } })),
		),
	};
}
