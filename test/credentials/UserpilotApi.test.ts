import type { ICredentialDataDecryptedObject, INode, IWorkflowBase } from 'n8n-workflow';
import { getCredentialAllowedDomains, NodeHelpers, Workflow } from 'n8n-workflow';
import nock from 'nock';

import { UserpilotApi } from '../../credentials/UserpilotApi.credentials';
import { normalizeBaseUrl } from '../../nodes/Userpilot/api/baseUrl';
import { useMockApi } from '../support/api';
import { API_KEY, BASE_URL, UNSENDABLE_KEYS } from '../support/credentials';
import { testCredential } from '../support/credentialTest';
import { JOBS } from '../support/paths';

const REAL_TIME_SENTENCE =
	"This is Userpilot's real-time API. The export API is at https://appex.userpilot.io";

const credential = new UserpilotApi();
const node = { name: 'Temp', type: 't', typeVersion: 1, parameters: {} } as unknown as INode;
const nodeTypes = {
	getByName: () => ({ description: { properties: [] } }),
	getByNameAndVersion: () => ({ description: { properties: [] } }),
	getKnownTypes: () => ({}),
};

/** Resolves an expression of the credential, as n8n does. */
function resolve(expression: unknown, $credentials: Record<string, string>) {
	const workflow = new Workflow({
		...({ nodes: [node], connections: {} } as unknown as IWorkflowBase),
		active: false,
		nodeTypes: nodeTypes as never,
	});
	return workflow.expression.getSimpleParameterValue(node, expression as string, 'internal', {
		$credentials,
	});
}

const VALID = [
	'https://appex.userpilot.io',
	' https://appex.userpilot.io/ ',
	'https://appex-eu.userpilot.io/api/v1/analytics/exports/',
	'https://proxy.example.com/userpilot/api/v1',
	'http://localhost:5680/',
	'http://127.0.0.1:5680',
	'http://[::1]:5680',
	'HTTPS://appex.userpilot.io',
	'https://appex.userpilot.io?x=1',
	'https://appex.userpilot.io/api/v10',
	'http://localhost?x',
	'https://me:secret@appex.userpilot.io',
	'https://me:secret@other@appex.userpilot.io/#me:secret@x',
	'https://appex.userpilot.io/me@secret',
	'https://appex.userpilot.io#x',
	'',
	'https://analytex@appex.userpilot.io',
	'https://appex.userpilot.io/analytex',
];
const INVALID = [
	'appex.userpilot.io',
	'http://appex.userpilot.io',
	'http://localhost.example.com',
	'http://127.0.0.1.example.com',
	'ftp://appex.userpilot.io',
	'http://localhost:x@appex.userpilot.io',
	'http://localhost:80@appex.userpilot.io',
	'http://127.0.0.1@appex.userpilot.io',
];

const REAL_TIME = [
	'https://analytex.userpilot.io',
	'https://analytex-eu.userpilot.io/v1/track',
	' HTTPS://Analytex.userpilot.io/ ',
	'http://analytex.userpilot.io',
	'analytex.userpilot.io',
	'https://me:secret@analytex-staging.example.com',
];

describe('the credential', () => {
	it.each(['key', ' key\n', 'Token key', 'token  key '])('sends %j as Token key', (apiKey) => {
		const { Authorization } = credential.authenticate.properties.headers!;
		expect(resolve(Authorization, { apiKey })).toBe('Token key');
	});

	it.each(UNSENDABLE_KEYS)('does not send the key %j', (_, apiKey) => {
		const { Authorization } = credential.authenticate.properties.headers!;
		expect(resolve(Authorization, { apiKey })).toBe('Token ');
	});

	it.each(VALID)('tests %j at the address that the nodes use', (baseUrl) => {
		const tested = resolve(credential.test.request.baseURL, { baseUrl }) as string;
		const called = normalizeBaseUrl(baseUrl) as { url: string };
		expect(tested.toLowerCase()).toBe(called.url);
	});

	it.each(INVALID)('sends no key for %j', (baseUrl) => {
		expect(normalizeBaseUrl(baseUrl)).toHaveProperty('problem');
		const tested = resolve(credential.test.request.baseURL, { baseUrl }) as string;
		expect(new URL(tested).hostname).toMatch(/\.invalid$/);
	});

	// The notice does not cover everything, such as tricks with @. The nodes reject those, too.
	it.each([
		...VALID.map((baseUrl) => [baseUrl, false] as const),
		...INVALID.filter((baseUrl) => !/:.*@/.test(baseUrl.slice(5))).map(
			(baseUrl) => [baseUrl, true] as const,
		),
	])('for %j the form shows the https notice: %s', (baseUrl, shown) => {
		const notice = credential.properties.find(({ name }) => name === 'httpsNotice')!;
		const isShown = NodeHelpers.displayParameter({ baseUrl, apiKey: '' }, notice, null, null);
		expect(isShown).toBe(shown);
	});

	// n8n evaluates these conditions for each request. A pattern that takes longer than 250 ms fails it:
	// on a busy machine an export ended in "Regular expression execution timed out".
	it('shows its fields without a pattern', () => {
		expect(JSON.stringify(credential.properties)).not.toMatch(/regex/i);
	});

	it.each([400, 401, 403, 404, 405, 429, 500, 502, 503, 504, 302])(
		'has a message for %i',
		(status) => {
			const rule = credential.test.rules!.find(
				({ type, properties }) => type === 'responseCode' && properties.value === status,
			);
			expect((rule!.properties as { message: string }).message).toMatch(/^[A-Z].{40,}\.$/);
		},
	);

	it('keeps the key from HTTP Request nodes, unless a person allows it', () => {
		const find = (wanted: string) => credential.properties.find(({ name }) => name === wanted)!;
		expect(find('allowedHttpRequestDomains')).toMatchObject({ type: 'options', default: 'none' });
		const typed = { apiKey: API_KEY, baseUrl: BASE_URL };
		const data = NodeHelpers.getNodeParameters(
			credential.properties,
			typed,
			...([true, false, null, null] as const),
		) as ICredentialDataDecryptedObject;
		const ask = () => getCredentialAllowedDomains({ node, credentialData: data });
		expect(ask).toThrow('configured to prevent use within an HTTP Request node');
		const opened = { ...data, allowedHttpRequestDomains: 'domains', allowedDomains: 'a.example' };
		expect(getCredentialAllowedDomains({ node, credentialData: opened })).toBe('a.example');
	});

	// There, "None" would fail the credential's own test.
	it.each([
		['knows no such fields', undefined],
		[
			'asks them of the test too',
			() => {
				throw new Error('prevent use');
			},
		],
		['asks them of the test in another way', () => undefined],
	])('omits these fields in an older n8n that %s', (_, older) => {
		jest.isolateModules(() => {
			jest.doMock('n8n-workflow', () => ({
				...jest.requireActual<object>('n8n-workflow'),
				getCredentialAllowedDomains: older,
			}));
			const { UserpilotApi: Type } = jest.requireActual<{ UserpilotApi: typeof UserpilotApi }>(
				'../../credentials/UserpilotApi.credentials',
			);
			const names = new Type().properties.map(({ name }) => name);
			expect(names).not.toContain('allowedHttpRequestDomains');
			expect(names).toContain('baseUrl');
		});
		jest.dontMock('n8n-workflow');
	});

	it('lists the jobs to test, which needs the same right as an export, and follows no redirect', () => {
		expect(credential.test.request).toMatchObject({
			url: '/api/v1/analytics/exports/jobs/',
			disableFollowRedirect: true,
		});
	});
});

/** Through n8n's own RoutingNode, as when the credential is saved. */
describe("the credential's test", () => {
	const api = useMockApi();

	it.each([[BASE_URL], ['']])(
		'lists the jobs at the export API for Base URL %j',
		async (baseUrl) => {
			api().get(JOBS, { body: [{ job_id: 'j' }] });
			expect(await testCredential({ apiKey: API_KEY, baseUrl })).toBe('Connection successful!');
			expect(api().calls[0]!.headers).toMatchObject({ authorization: `Token ${API_KEY}` });
		},
	);

	it.each(REAL_TIME)('reports %j as the real-time API, and sends nothing', async (baseUrl) => {
		expect(normalizeBaseUrl(baseUrl)).toEqual({ problem: REAL_TIME_SENTENCE });
		expect(await testCredential({ apiKey: API_KEY, baseUrl })).toBe(`${REAL_TIME_SENTENCE}.`);
		expect(api().calls).toEqual([]);
	});

	it.each(UNSENDABLE_KEYS)('asks for the key again after %s, and sends none', async (_, apiKey) => {
		const sent: unknown[] = [];
		// Not through the contract, which rejects requests without a key.
		nock(BASE_URL)
			.get(JOBS)
			// n8n retries after 401.
			.twice()
			.reply(function () {
				sent.push(this.req.headers.authorization);
				return [401, { errors: [{ message: 'no key' }] }];
			});
		expect(await testCredential({ apiKey, baseUrl: BASE_URL })).toMatch(
			/^Userpilot rejected the API key.* Copy the key again, in one line/,
		);
		expect(sent).toEqual(['Token', 'Token']);
	});
});
