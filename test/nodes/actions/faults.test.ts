import { inspect } from 'node:util';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import nock from 'nock';

import type { MockAnswer } from '../../support/api';
import { useMockApi } from '../../support/api';
import { onFastClock } from '../../support/clock';
import { API_KEY, BASE_URL, FixedCredentials, UNSENDABLE_KEYS } from '../../support/credentials';
import { runNode } from '../../support/engine';
import { fixture } from '../../support/fixture';
import { JOBS, jobPath, lookupPath } from '../../support/paths';

const NOW = '2024-10-06T10:44:50Z';
const getMany: INodeParameters = { resource: 'job', operation: 'getAll' };
const errors = (message: string, details: unknown = null) => ({
	errors: [{ details, error: 'x', error_code: '0', message }],
});

describe('errors of the API', () => {
	const api = useMockApi();

	const failing = async (answer: MockAnswer, times = 1, parameters = getMany, path = JOBS) => {
		api().get(path, ...Array.from({ length: times }, () => answer));
		const { result, elapsedMs } = await onFastClock(NOW, () => runNode(parameters));
		const { error } = result;
		expect(error).toBeDefined();
		// Nothing that a person or a log sees of it holds the key.
		expect(JSON.stringify(result)).not.toContain(API_KEY);
		// n8n takes such an error for an execution that a person has stopped.
		expect(error!.message).not.toMatch(/cancell?ed/i);
		return { ...error!, message: error!.message, description: error!.description, elapsedMs };
	};

	it('a failure of n8n itself is told from one of the server', async () => {
		// So n8n 2.41 answers once it has taken away what the credential's expressions run in.
		const words = 'No bridge acquired for this context. Call acquire() first.';
		const failing = jest.spyOn(FixedCredentials.prototype, 'authenticate');
		failing.mockRejectedValue(new Error(words));
		try {
			const { result } = await onFastClock(NOW, () => runNode(getMany));
			expect(result.error!.message).toBe(
				`Could not list the export jobs: n8n could not send the request ("${words}")`,
			);
			expect(result.error!.description).toMatch(/n8n's log/);
		} finally {
			failing.mockRestore();
		}
	});

	it.each<[string, MockAnswer, string, RegExp]>([
		[
			'a wrong key',
			{ status: 401, body: errors('You are not authorized', 'Invalid token') },
			'Userpilot did not accept the API key (401): You are not authorized Invalid token',
			/Environment page/,
		],
		[
			'a plan without the export, as 401',
			{ status: 401, body: fixture('guide.create-export.401') },
			'Your Userpilot plan does not include the Analytics Export API (401): ',
			/Enterprise, or an add-on to Growth/,
		],
		[
			'a plan without the export, as 403',
			{ status: 403, body: fixture('guide.create-export.401') },
			'Your Userpilot plan does not include the Analytics Export API (403): ',
			/Enterprise, or an add-on to Growth/,
		],
		[
			'a gateway that refuses',
			{ status: 403, body: '<html><title>Blocked</title></html>' },
			'Userpilot, or a gateway in front of it, rejected the API key or the plan (403): an HTML page ("Blocked")',
			/API key again .* 'Base URL' in the credential must be https:\/\/appex\.userpilot\.io/,
		],
		[
			'another server',
			{ status: 404, body: '<html><title>Not Found</title></html>' },
			'No Userpilot export API was found at https://appex.userpilot.io (404): an HTML page ("Not Found")',
			/Base URL/,
		],
		[
			'a request it does not take',
			{ status: 422, body: errors('Unprocessable', 'from is too long ago') },
			'Userpilot did not accept the request to list the export jobs (422): Unprocessable from is too long ago',
			/Nothing you entered is part of this request/,
		],
		[
			'a bad request in other words',
			{ status: 400, body: { message: 'no', error: 'ignored' } },
			'Userpilot did not accept the request to list the export jobs (400): no',
			/Nothing you entered is part of this request/,
		],
		[
			'a server error',
			{ status: 500, body: '' },
			"Could not list the export jobs: Userpilot's server failed (500): an empty response",
			/not with your settings/,
		],
		[
			'a redirect to another host',
			{ status: 302, headers: { location: 'https://elsewhere.example.com/' } },
			'Could not list the export jobs: https://appex.userpilot.io redirects to https://elsewhere.example.com (302)',
			/keep the API key from other servers/,
		],
		[
			'an HTML page with 200',
			{ body: '<!DOCTYPE html><html><head><title>Sign in</title></head></html>' },
			'Could not list the export jobs: Userpilot returned an HTML page ("Sign in") instead of JSON',
			/Base URL/,
		],
		[
			'an empty answer with 200',
			{ body: '' },
			'Could not list the export jobs: Userpilot returned an empty response instead of JSON',
			/Base URL/,
		],
		[
			'text with 200',
			{ body: 'OK' },
			'Userpilot returned plain text ("OK") instead of JSON',
			/Base URL/,
		],
		[
			'JSON of another shape with 200',
			{ body: { jobs: [] } },
			'Userpilot returned unexpected JSON ({"jobs":[]})',
			/Base URL/,
		],
		[
			'an untrusted certificate',
			{ failure: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
			'Could not list the export jobs: the server at https://appex.userpilot.io has a TLS certificate that is not trusted',
			/DEPTH_ZERO_SELF_SIGNED_CERT/,
		],
	])('%s is named after one request', async (_, answer, message, description) => {
		const error = await failing(answer);
		expect(error.message).toContain(message);
		expect(error.description).toMatch(description);
		expect(error.context).toMatchObject({ itemIndex: 0 });
		if (answer.status) expect(error.httpCode).toBe(String(answer.status));
	});

	it.each<[string, MockAnswer, RegExp]>([
		['429', { status: 429, body: errors('Slow down') }, /too many requests \(429\): Slow down/],
		[
			'502',
			{ status: 502, body: '<html><title>502 Bad Gateway</title></html>' },
			/server failed \(502\): an HTML page \("502 Bad Gateway"\)/,
		],
		['503', { status: 503, body: '' }, /server failed \(503\): an empty response/],
		[
			'504',
			{ status: 504, body: errors('Timeout upstream') },
			/server failed \(504\): Timeout upstream/,
		],
		['a refused connection', { failure: 'ECONNREFUSED' }, /refused the connection/],
		['a reset connection', { failure: 'ECONNRESET' }, /dropped the connection before it responded/],
		['a name that is not found', { failure: 'ENOTFOUND' }, /has a host name that cannot be found/],
		['no answer in time', { failure: 'ETIMEDOUT' }, /did not respond in time/],
		['a failure nobody has heard of', { failure: 'EWEIRD' }, /could not be reached/],
	])('%s is named after 4 tries within 7 s', async (_, answer, message) => {
		const error = await failing(answer, 4);
		expect(error.message).toMatch(message);
		expect(error.elapsedMs).toBeGreaterThanOrEqual(7_000);
		expect(error.elapsedMs).toBeLessThan(8_000);
	});

	it.each([
		['seconds', '17', 17_000],
		['a date', 'Sun, 06 Oct 2024 10:45:20 GMT', 30_000],
	])('Retry-After in %s is respected', async (_, retryAfter, ms) => {
		api().get(JOBS, { status: 429, headers: { 'retry-after': retryAfter } }, { body: [] });
		const { result, elapsedMs } = await onFastClock(NOW, () => runNode(getMany));
		expect(result.error).toBeUndefined();
		expect(elapsedMs).toBeGreaterThanOrEqual(ms);
		expect(elapsedMs).toBeLessThan(ms + 1_500);
	});

	it('a Retry-After of an hour is an error at once', async () => {
		const error = await failing({ status: 429, headers: { 'retry-after': '3600' } });
		expect(error.description).toContain('in 60 minutes');
		expect(error.elapsedMs).toBeLessThan(1_000);
	});

	it('a temporary overload is retried without an error', async () => {
		api().get(JOBS, { status: 503 }, { failure: 'ECONNRESET' }, { body: [{ job_id: 'a' }] });
		const { result } = await onFastClock(NOW, () => runNode(getMany));
		expect(result.items).toHaveLength(1);
	});

	it('a message with the key, a signed link or "canceled" is redacted', async () => {
		const words = `Token ${API_KEY} was canceled at https://files.example.com/a.gz?X-Amz-Signature=abc#x`;
		const error = await failing({ status: 400, body: errors(words) });
		expect(error.message).toContain('Token *** was called off at https://files.example.com/a.gz?…');
	});

	it.each(['export_canceled', 'job_canceled by api', 'canceledBy: system'])(
		'the word %s does not pass for a person who stops the execution',
		async (word) => {
			api().get(JOBS, { status: 400, body: errors(word) });
			expect((await runNode(getMany)).status).toBe('error');
		},
	);

	it.each([
		['without a host', '/csvexports/a.gz?X-Amz-Credential=abc&X-Amz-Signature=abc'],
		['in escaped JSON', 'https:\\/\\/files.example.com\\/a.gz?X-Amz-Signature=abc'],
		['encoded', 'https%3A%2F%2Ffiles.example.com%2Fa.gz%3FX-Amz-Signature%3Dabc%26x%3Dabc'],
		['of Google', 'https://storage.example.com/a.gz?GoogleAccessId=x&X-Goog-Signature=abc'],
		['of Azure', '/a.gz?sv=1&sig=abc&se=2'],
	])('a signed link %s is redacted', async (_, link) => {
		const error = await failing({ status: 400, body: errors(`No: ${link}`) });
		expect(`${error.message} ${error.description}`).not.toContain('abc');
		const shown = await failing({ body: `No: ${link}` });
		expect(`${shown.message} ${shown.description}`).not.toContain('abc');
	});

	it('a key at the end of a cut excerpt leaves no part behind', async () => {
		const apiKey = 'k'.repeat(60);
		api().get(JOBS, { body: `Upstream refused the header Authorization: Token ${apiKey}` });
		const { error } = await runNode(getMany, { credentials: { apiKey } });
		expect(error!.message).toContain('Token ***');
		expect(error!.message).not.toContain('kkk');
	});

	it('a long response is cut', async () => {
		const error = await failing({ status: 400, body: errors('x'.repeat(5_000)) });
		expect(error.message).toHaveLength(600);
		expect(error.message).toMatch(/x…$/);
	});

	it.each<[string, INodeParameters, string, string]>([
		[
			'get',
			{ resource: 'job', operation: 'get', jobId: { __rl: true, mode: 'id', value: 'j' } },
			jobPath('j'),
			'get job "j"',
		],
		['a lookup', { resource: 'lookup' }, lookupPath('segments'), 'get the segments'],
	])('%s says what failed', async (_, parameters, path, purpose) => {
		const error = await failing({ status: 500, body: '' }, 1, parameters, path);
		expect(error.message).toContain(`Could not ${purpose}: `);
	});

	it('a job that is gone is told from a wrong address', async () => {
		const parameters = {
			resource: 'job',
			operation: 'get',
			jobId: { __rl: true, mode: 'id', value: 'j' },
		};
		const error = await failing(
			{ status: 404, body: '<html></html>' },
			1,
			parameters,
			jobPath('j'),
		);
		expect(error.message).toMatch(/^No Userpilot export API was found/);
	});
});

describe('the credential at the first call', () => {
	const api = useMockApi();

	const KEY = /Environment page/;
	const ADDRESS =
		/^'Base URL' in the credential must be https:\/\/appex\.userpilot\.io, unless Userpilot gave you/;
	const CONTAINS = 'The API key in the Userpilot credential contains a';

	it.each<[string, IDataObject, string, RegExp]>([
		['an empty key', { apiKey: ' ' }, 'The Userpilot credential has no API key', KEY],
		['only the prefix', { apiKey: 'Token ' }, 'The Userpilot credential has no API key', KEY],
		...UNSENDABLE_KEYS.map(([what, apiKey]): [string, IDataObject, string, RegExp] => [
			`a key with ${what}`,
			{ apiKey },
			/[\r\n]/.test(apiKey) ? `${CONTAINS} line break` : `${CONTAINS}n invalid character`,
			KEY,
		]),
		[
			'the real-time API',
			{ baseUrl: 'https://analytex.userpilot.io' },
			"This is Userpilot's real-time API. The export API is at https://appex.userpilot.io",
			ADDRESS,
		],
		[
			'plain http',
			{ baseUrl: 'http://appex.userpilot.io' },
			'does not start with https://',
			ADDRESS,
		],
		['no address', { baseUrl: 'userpilot' }, 'is not a URL', ADDRESS],
	])('%s is rejected before any request', async (_, credentials, message, advice) => {
		const { error } = await runNode(getMany, { credentials: credentials as never });
		expect(error!.message).toContain(message);
		expect(error!.description).toMatch(advice);
		expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(API_KEY.slice(0, 9));
		expect(api().calls).toEqual([]);
	});

	it('an empty Base URL is that of the export API', async () => {
		api().get(JOBS, { body: [] });
		expect((await runNode(getMany, { credentials: { baseUrl: ' ' } })).error).toBeUndefined();
	});

	it.each([
		['the key in place of it', API_KEY],
		['a password in something that is no address', `https//me:${API_KEY}@appex.userpilot.io`],
		['a password and plain http', `http://me:${API_KEY}@appex.userpilot.io/${API_KEY}`],
	])('%s as Base URL is not shown', async (_, baseUrl) => {
		const run = await runNode(getMany, { credentials: { baseUrl } });
		expect(run.error!.message).toContain('https://');
		expect(JSON.stringify([run, run.error!.message])).not.toContain(API_KEY);
		expect(api().calls).toEqual([]);
	});

	it('a key that the server sends back encoded is not shown', async () => {
		const apiKey = `${API_KEY}+/"&`;
		const base64 = Buffer.from(`Token ${apiKey}`).toString('base64');
		const message = `${encodeURIComponent(apiKey)} ${JSON.stringify(apiKey)} ${base64}`;
		api().get(JOBS, { status: 401, body: errors(message) });
		const { error } = await runNode(getMany, { credentials: { apiKey } });
		expect(error!.message).toBe(
			'Userpilot did not accept the API key (401): *** "***" VG9rZW4g***',
		);
	});

	it.each([
		['spaces', `  ${API_KEY}\n`],
		['a pasted prefix', `Token ${API_KEY}`],
		['a prefix in another case', `token   ${API_KEY} `],
	])('%s around the key are tolerated', async (_, apiKey) => {
		api().get(JOBS, { body: [] });
		const baseUrl = 'https://appex.userpilot.io/api/v1/';
		expect((await runNode(getMany, { credentials: { apiKey, baseUrl } })).error).toBeUndefined();
		expect(api().calls[0]!.headers).toMatchObject({ authorization: `Token ${API_KEY}` });
	});
});

describe('a stopped execution', () => {
	const api = useMockApi();

	it('ends a pause between tries within a second, without another request', async () => {
		api().get(JOBS, { status: 429, headers: { 'retry-after': '50' } });
		const { result, elapsedMs } = await onFastClock(NOW, () =>
			runNode(getMany, { onStart: (cancel) => setTimeout(cancel, 5_000) }),
		);
		expect(result.status).toBe('canceled');
		expect(elapsedMs).toBeLessThan(6_000);
		expect(api().calls).toHaveLength(1);
	});

	it('in the middle of a request closes the connection', async () => {
		nock(BASE_URL).get(JOBS).delay(30_000).reply(200, '[]');
		const run = await runNode(getMany, { onStart: (cancel) => setTimeout(cancel, 300) });
		nock.cleanAll();
		expect(run.status).toBe('canceled');
		// n8n writes down what an error holds, and older versions all of its cause.
		expect(inspect(run, { depth: 20, showHidden: true })).not.toContain(API_KEY);
	});

	it('is not taken for a failure of one item', async () => {
		api().get(JOBS, { status: 503 });
		const { result } = await onFastClock(NOW, () =>
			runNode(getMany, {
				input: [{}, {}],
				node: { onError: 'continueRegularOutput' },
				onStart: (cancel) => setTimeout(cancel, 300),
			}),
		);
		expect(result.status).toBe('canceled');
		// The items are n8n's own, not ours of an error.
		expect(JSON.stringify(result.items)).not.toContain('details');
		expect(api().calls).toHaveLength(1);
	});
});
