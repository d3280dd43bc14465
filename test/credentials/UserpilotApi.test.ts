import type { INode, IWorkflowBase } from 'n8n-workflow';
import { NodeHelpers, Workflow } from 'n8n-workflow';

import { UserpilotApi } from '../../credentials/UserpilotApi.credentials';
import { normalizeBaseUrl } from '../../nodes/Userpilot/api/baseUrl';

const credential = new UserpilotApi();
const node = { name: 'Temp', type: 't', typeVersion: 1, parameters: {} } as unknown as INode;
const nodeTypes = {
	getByName: () => ({ description: { properties: [] } }),
	getByNameAndVersion: () => ({ description: { properties: [] } }),
	getKnownTypes: () => ({}),
};

/** Resolves an expression of the credential type with what a person typed, as n8n does. */
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
];
const INVALID = [
	'',
	'appex.userpilot.io',
	'http://appex.userpilot.io',
	'http://localhost.example.com',
	'http://127.0.0.1.example.com',
	'ftp://appex.userpilot.io',
	'http://localhost:x@appex.userpilot.io',
	'http://localhost:80@appex.userpilot.io',
	'http://127.0.0.1@appex.userpilot.io',
];

describe('the credential', () => {
	it.each(['key', ' key\n', 'Token key', 'token  key '])('sends %j as Token key', (apiKey) => {
		const { Authorization } = credential.authenticate.properties.headers!;
		expect(resolve(Authorization, { apiKey })).toBe('Token key');
	});

	it.each(VALID)('tests %j at the address that the node calls', (baseUrl) => {
		const tested = resolve(credential.test.request.baseURL, { baseUrl }) as string;
		const called = normalizeBaseUrl(baseUrl) as { url: string };
		expect(tested.toLowerCase()).toBe(called.url);
	});

	it.each(INVALID)('sends no key anywhere for %j', (baseUrl) => {
		expect(normalizeBaseUrl(baseUrl)).toHaveProperty('problem');
		const tested = resolve(credential.test.request.baseURL, { baseUrl }) as string;
		expect(new URL(tested).hostname).toMatch(/\.invalid$/);
	});

	// A courtesy: what it does not see, such as a trick with @, the node refuses all the same.
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

	// n8n evaluates what shows a field at each call, and a pattern of it within 250 ms or with an error:
	// on a busy machine an export ended in "Regular expression execution timed out".
	it('shows its fields by no pattern', () => {
		expect(JSON.stringify(credential.properties)).not.toMatch(/regex/i);
	});

	it.each([400, 401, 403, 404, 429, 500, 502, 503, 504, 302])('has a sentence for %i', (status) => {
		const rule = credential.test.rules!.find(
			({ type, properties }) => type === 'responseCode' && properties.value === status,
		);
		expect((rule!.properties as { message: string }).message).toMatch(/^[A-Z].{40,}\.$/);
	});

	it('lists the jobs to test, which needs the same right as an export, and follows no redirect', () => {
		expect(credential.test.request).toMatchObject({
			url: '/api/v1/analytics/exports/jobs/',
			disableFollowRedirect: true,
		});
	});
});
