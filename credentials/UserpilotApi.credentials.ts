import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	IDisplayOptions,
	INodeProperties,
} from 'n8n-workflow';

/**
 * The base URL as the calls use it: without a trailing slash and without a pasted `/api/v1...`.
 * A plain http address beyond this machine becomes one that cannot be called, so that the test
 * never sends the key unencrypted; the notice in the form says what to do.
 */
const BASE_URL_EXPRESSION =
	'={{ /^(https:|http:\\/\\/(localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)?([\\/?#]|$))/i.test($credentials.baseUrl.trim())' +
	' ? $credentials.baseUrl.trim().replace(/[?#].*$/, "").replace(/^(https?:\\/\\/)[^\\\\/]*@/i, "$1").replace(/\\/api\\/v1(\\/.*)?$/i, "").replace(/\\/+$/, "")' +
	' : "https://the-base-url-must-start-with-https.invalid" }}';

const LOCAL = ['http://localhost', 'http://127.0.0.1', 'http://[::1]'];

/**
 * What the form takes for encrypted or for this machine. Beginnings, and no pattern: n8n evaluates
 * this at each call, and a pattern that takes longer than 250 ms, as on a busy machine, fails the call.
 */
const ENCRYPTED_OR_LOCAL: NonNullable<IDisplayOptions['hide']>[string] = [
	...LOCAL,
	...[
		...['https://', ' https://', 'HTTPS://'],
		...LOCAL.flatMap((origin) => [':', '/', '?', '#'].map((next) => origin + next)),
	].map((startsWith) => ({ _cnd: { startsWith } })),
];

const REDIRECT_MESSAGE =
	'This address only redirects to another one. Copy the API endpoint from the Environment page of your Userpilot account into Base URL.';

const NOT_FOUND_MESSAGE =
	'No Userpilot export API answers at this address. Copy the API endpoint from the Environment page of your Userpilot account into Base URL.';

const SERVER_ERROR_MESSAGE =
	'Userpilot has a problem at the moment (its server answered with an error). Nothing is wrong with the key; try again in a few minutes.';

const RESPONSE_CODE_MESSAGES: Record<number, string> = {
	301: REDIRECT_MESSAGE,
	302: REDIRECT_MESSAGE,
	307: REDIRECT_MESSAGE,
	308: REDIRECT_MESSAGE,
	401: 'Userpilot refused the API key, or your plan has no Analytics Export API. Copy the key again from the Environment page of your Userpilot account; if it is right, ask Userpilot whether your plan (Enterprise, or Growth with the add-on) includes the export.',
	403: 'Userpilot refused this key: most likely your plan has no Analytics Export API. It comes with the Enterprise plan or as an add-on to Growth: ask Userpilot to enable it.',
	400: NOT_FOUND_MESSAGE,
	404: NOT_FOUND_MESSAGE,
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

	documentationUrl = 'https://github.com/n8n-nodes-userpilot/n8n-nodes-userpilot#the-credential';

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
			default: 'https://appex.userpilot.io',
			placeholder: 'e.g. https://appex.userpilot.io',
			description:
				'The API endpoint on the Environment page of your Userpilot account. Enterprise and EU accounts have one of their own.',
		},
		{
			displayName:
				'The Base URL must start with https://, or the API key would travel unencrypted. Plain http works for this machine only (localhost).',
			name: 'httpsNotice',
			type: 'notice',
			default: '',
			displayOptions: { hide: { baseUrl: ENCRYPTED_OR_LOCAL } },
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			headers: {
				Authorization: '=Token {{ $credentials.apiKey.trim().replace(/^token(\\s+|$)/i, "") }}',
			},
		},
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: BASE_URL_EXPRESSION,
			url: '/api/v1/analytics/exports/jobs/',
			disableFollowRedirect: true,
		},
		rules: Object.entries(RESPONSE_CODE_MESSAGES).map(([status, message]) => ({
			type: 'responseCode' as const,
			properties: { value: Number(status), message },
		})),
	};
}
