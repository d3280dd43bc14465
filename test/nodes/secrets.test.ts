import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INodeParameters } from 'n8n-workflow';

import { resources } from '../../nodes/Userpilot/actions/resources';
import { API_KEY } from '../support/credentials';
import { ActiveTrigger, runNode } from '../support/engine';
import { ID, refusal, SIGNATURE, useFileStore } from '../support/fileStore';
import { EXPORTS, JOBS } from '../support/paths';

/** Every operation. Each sends at least one request. */
const operations: Array<[string, INodeParameters]> = resources.flatMap(
	({ value: resource, operations: own }) =>
		own.map(({ value: operation }): [string, INodeParameters] => [
			`${resource} ${operation}`,
			{ resource, operation, jobId: { __rl: true, mode: 'id', value: ID } },
		]),
);

interface Seen {
	host: string | undefined;
	url: string | undefined;
	authorization: string | undefined;
}

/** Two hosts. The first redirects to the second. */
describe('a redirect of the API', () => {
	const seen: Seen[] = [];
	let status = 302;
	let location = '';
	const server = () =>
		createServer((request, response) => {
			const { host, authorization } = request.headers;
			seen.push({ host, url: request.url, authorization });
			const isRefused = request.method === 'GET' && request.url === JOBS && status === 307;
			// Without the list of jobs, there is no POST.
			if (isRefused) return void response.end('[]');
			response.writeHead(status, { location: location + request.url });
			response.end();
		});
	const [api, other] = [server(), server()];
	const originOf = (at: typeof api) => `http://127.0.0.1:${(at.address() as AddressInfo).port}`;

	beforeAll(async () => {
		for (const one of [api, other]) {
			await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
		}
	});
	beforeEach(() => void seen.splice(0));
	afterAll(() => {
		for (const one of [api, other]) {
			one.closeAllConnections();
			one.close();
		}
	});

	const targets: Array<[string, () => string]> = [
		['another port', () => originOf(other)],
		['another name of the host', () => originOf(api).replace('127.0.0.1', 'localhost')],
		['itself', () => `${originOf(api)}/again`],
		['plain http', () => 'http://userpilot.invalid'],
		['no host', () => '/again'],
	];

	describe.each(targets)('to %s', (_, target) => {
		it.each(operations)('is not followed by %s', async (_name, parameters) => {
			status = 302;
			location = target();
			const { error } = await runNode(parameters, { credentials: { baseUrl: originOf(api) } });
			expect(error!.message).toMatch(/redirects to \S+ \(302\)/);
			expect(JSON.stringify([error, error!.message])).not.toContain(API_KEY);
			expect(seen).toHaveLength(1);
			expect(seen[0]).toMatchObject({ host: new URL(originOf(api)).host });
		});

		it('is not followed by the trigger', async () => {
			status = 301;
			location = target();
			const credentials = { baseUrl: originOf(api) };
			await expect(new ActiveTrigger().poll({ credentials })).rejects.toThrow(
				/redirects to \S+ \(301\)/,
			);
			expect(seen).toHaveLength(1);
		});
	});

	it('is not followed by the POST that starts an export', async () => {
		status = 307;
		location = originOf(other);
		const parameters = { resource: 'export', operation: 'create' };
		const { error } = await runNode(parameters, { credentials: { baseUrl: originOf(api) } });
		expect(error!.message).toMatch(/redirects to \S+ \(307\)/);
		expect(seen.map(({ url }) => url)).toEqual([JOBS, EXPORTS]);
		expect(new Set(seen.map(({ host }) => host))).toEqual(new Set([new URL(originOf(api)).host]));
	});
});

describe('the file store', () => {
	const store = useFileStore();
	const download = async (output: string) =>
		await runNode(
			{
				resource: 'job',
				operation: 'download',
				jobId: { __rl: true, mode: 'id', value: ID },
				output,
			},
			{ credentials: { baseUrl: store.origin } },
		);

	it.each(['rows', 'files'])(
		'gets no key for %s, though it is the host of the API, and along no redirect',
		async (output) => {
			store.add('a.json.gz', '{"a":1}\n');
			store.answer(refusal(302, '', { location: '/files/a.json.gz' }));
			const run = await download(output);
			expect(run.error).toBeUndefined();
			expect(store.requests).toHaveLength(2);
			for (const { headers } of store.requests) {
				expect(headers.authorization).toBeUndefined();
				expect(JSON.stringify(headers)).not.toContain(API_KEY);
			}
			expect(JSON.stringify(run)).not.toContain(SIGNATURE);
		},
	);

	it.each([
		'data:application/json,%7B%22a%22:1%7D',
		'file:///etc/hostname',
		'ftp://files.example.com/a',
		'//files.example.com/a',
		'javascript:1',
	])('is never requested at the address %s', async (url) => {
		store.add('a.json.gz', '');
		store.links![0]!.url = url;
		const { error } = await download('rows');
		expect(error!.message).toBe(`Userpilot sent no link to file "a.json.gz" of job "${ID}"`);
	});

	it.each([
		['a path', '/var/../../etc/passwd', 'passwd'],
		['a path of Windows', '..\\..\\autoexec.bat', 'autoexec.bat'],
		['dots', '...', 'export'],
		['a device', 'con.json', '_con.json'],
		['a device without extension', 'LPT1', '_LPT1'],
		['control characters', 'a\0b\r\nc\u202e.json', 'a_b__c_.json'],
		['a stream of Windows', 'a.json:hidden', 'a.json_hidden'],
		['dots and spaces at the end', 'a.json . .', 'a.json'],
		['very many letters', `${'é'.repeat(5_000)}.json`, `${'é'.repeat(97)}.json`],
		['half a character', 'a\ud800.json', 'a_.json'],
		['a signed link', `https://files.example.com/x/a.json?X=a/b&${SIGNATURE}`, 'a.json'],
	])('can name a file %s, which is stored under a plain name', async (_, called, name) => {
		store.add('a.json', '{}\n');
		store.links![0]!.filename = called;
		const run = await download('files');
		expect(run.items[0]!.json.filename).toBe(name);
		expect(run.items[0]!.binary!.data).toMatchObject({ fileName: name });
		expect(JSON.stringify(run)).not.toContain(SIGNATURE);
	});

	it('can name a file with a folder: File Filter matches with and without it', async () => {
		const parameters = { resource: 'job', operation: 'download', output: 'rows' };
		for (const fileFilter of ['a.json', 'x/a.json', '*/a.*']) {
			store.reset();
			store.add('a.json', '{"a":1}\n');
			store.links![0]!.filename = 'x/a.json';
			const { items } = await runNode(
				{ ...parameters, jobId: { __rl: true, mode: 'id', value: ID }, options: { fileFilter } },
				{ credentials: { baseUrl: store.origin } },
			);
			expect(items).toHaveLength(1);
		}
	});
});
