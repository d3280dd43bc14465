import { get, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Fault } from '../../playground/emulator/faults.ts';
import { createEmulator, type Emulator } from '../../playground/emulator/server.ts';

const KEY = 'a-key';
const headers = { authorization: `Token ${KEY}` };

let emulator: Emulator;

beforeAll(async () => {
	emulator = await createEmulator({ apiKeys: [KEY], jobSeconds: 100, rowsPerDay: 20 });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.control.reset());

const url = (path: string) => `${emulator.apiUrl}/api/v1/analytics/exports${path}`;
const list = () => fetch(url('/jobs/'), { headers });
const lookup = () => fetch(url('/lookups/segments'), { headers });
const post = () =>
	fetch(url(''), {
		method: 'POST',
		headers: { ...headers, 'content-type': 'application/json' },
		body: JSON.stringify({ from: '2024-07-29', to: '2024-08-04' }),
	});

const setFault = (fault: Fault) => emulator.control.setFaults([fault]);
const jobs = () => emulator.control.ledger().jobs;

async function fileUrl(): Promise<string> {
	const [id = ''] = emulator.control.seedJobs();
	const response = await fetch(url(`/jobs/${id}`), { headers });
	const { presigned_urls: files } = (await response.json()) as {
		presigned_urls: { url: string }[];
	};
	return files[0]?.url ?? '';
}

/** The bytes that arrive of a body, and how it ended. Waits at most `pause` ms. */
function receive(
	target: string,
	pause = 30,
): Promise<{ bytes: Buffer; end: 'complete' | 'cut' | 'stalled' }> {
	return new Promise((resolve, reject) => {
		const request = get(target, { headers: target.startsWith(emulator.apiUrl) ? headers : {} });
		request.on('error', reject);
		request.on('response', (response: IncomingMessage) => {
			const chunks: Buffer[] = [];
			const settle = (end: 'complete' | 'cut' | 'stalled') => {
				clearTimeout(timer);
				resolve({ bytes: Buffer.concat(chunks), end });
				request.destroy();
			};
			const timer = setTimeout(() => settle('stalled'), pause);
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('error', () => settle('cut'));
			response.on('end', () => settle('complete'));
		});
	});
}

describe('in place of a response', () => {
	it.each([429, 503])('sends status %i with the error shape and Retry-After', async (status) => {
		setFault({ kind: 'status', status, retryAfter: 7 });
		const response = await list();
		expect(response.status).toBe(status);
		expect(response.headers.get('retry-after')).toBe('7');
		expect(await response.json()).toMatchObject({ errors: [{ error_code: String(status) }] });
	});

	it.each([200, 502])('sends an HTML page with status %i', async (status) => {
		setFault({ kind: 'html', status });
		const response = await list();
		expect(response.status).toBe(status);
		expect(response.headers.get('content-type')).toBe('text/html');
		expect(await response.text()).toMatch(/^<html>/);
	});

	it('sends an empty body', async () => {
		setFault({ kind: 'empty' });
		const response = await list();
		expect([response.status, await response.text()]).toEqual([200, '']);
	});

	it.each([
		['a text', { text: '{"no":"job"}' }],
		['bytes', { base64: Buffer.from('{"no":"job"}').toString('base64') }],
	])('sends %s', async (_, content) => {
		setFault({ kind: 'body', ...content });
		const response = await list();
		expect([response.status, await response.text()]).toEqual([200, '{"no":"job"}']);
	});

	it('sends nothing until the client disconnects', async () => {
		setFault({ kind: 'silence' });
		const statusOf = () => emulator.control.ledger().requests[0]?.status;
		const disconnect = new AbortController();
		const pending = fetch(url('/jobs/'), { headers, signal: disconnect.signal });
		while (statusOf() === undefined) await new Promise(setImmediate);
		expect(statusOf()).toBe(null);
		disconnect.abort();
		await expect(pending).rejects.toThrow('aborted');
		while (statusOf() === null) await new Promise(setImmediate);
		expect(statusOf()).toBe(499);
	});

	it('links to another file store', async () => {
		emulator.control.set({ filesUrl: 'https://files.invalid' });
		expect(await fileUrl()).toMatch(/^https:\/\/files\.invalid\/csvexports\//);
	});

	it('redirects the client to another origin', async () => {
		setFault({ kind: 'redirect', operation: 'listJobs' });
		const response = await fetch(url('/jobs/'), { headers, redirect: 'manual' });
		expect(response.status).toBe(302);
		expect(response.headers.get('location')).toMatch(new RegExp(`^${emulator.filesUrl}/api/v1/`));
	});

	it('closes the connection before a POST is processed: no job', async () => {
		setFault({ kind: 'reset' });
		await expect(post()).rejects.toThrow('fetch failed');
		expect(jobs()).toEqual([]);
	});

	it('closes the connection after a POST was processed: a job that the client misses', async () => {
		setFault({ kind: 'reset-after', operation: 'createExport', times: 1 });
		await expect(post()).rejects.toThrow('fetch failed');
		expect(jobs()).toMatchObject([{ status: 'in_progress', key: KEY }]);
		expect((await post()).status).toBe(409);
	});
});

describe('in the middle of a response', () => {
	it.each(['api', 'file'])('truncates a body of the %s', async (server) => {
		const target = server === 'file' ? await fileUrl() : url('/lookups/segments');
		setFault({ kind: 'truncate', bytes: 500 });
		const { bytes, end } = await receive(target);
		expect([bytes.length, end]).toEqual([500, 'cut']);
	});

	it('truncates a chunked body', async () => {
		const target = await fileUrl();
		emulator.control.set({ contentLength: false });
		setFault({ kind: 'truncate' });
		const { bytes, end } = await receive(target);
		expect([bytes.length, end]).toEqual([1024, 'cut']);
	});

	it('stalls halfway', async () => {
		const target = await fileUrl();
		const { bytes: whole } = await receive(target);
		setFault({ kind: 'stall-body', operation: 'file' });
		const { bytes, end } = await receive(target);
		expect(end).toBe('stalled');
		expect(bytes).toEqual(whole.subarray(0, Math.floor(whole.length / 2)));
	});

	it('changes a byte', async () => {
		const target = await fileUrl();
		const { bytes: whole } = await receive(target);
		setFault({ kind: 'corrupt' });
		const { bytes, end } = await receive(target);
		expect([bytes.length, end]).toEqual([whole.length, 'complete']);
		expect(gunzipSync(whole).length).toBeGreaterThan(0);
		expect(() => gunzipSync(bytes)).toThrow();
	});

	it('waits first when slow, then responds', async () => {
		setFault({ kind: 'slow', delayMs: 15 });
		const begun = performance.now();
		const response = await list();
		expect(response.status).toBe(200);
		expect(performance.now() - begun).toBeGreaterThanOrEqual(14);
	});
});

describe('requests that are hit', () => {
	const statuses = async (count: number, ask: () => Promise<Response> = list) => {
		const found: number[] = [];
		for (let index = 0; index < count; index += 1) found.push((await ask()).status);
		return found;
	};

	it('those of the operation', async () => {
		setFault({ kind: 'status', operation: 'getSegments' });
		expect([(await list()).status, (await lookup()).status]).toEqual([200, 503]);
	});

	it('some, after some', async () => {
		setFault({ kind: 'status', skip: 1, times: 2 });
		expect(await statuses(5)).toEqual([200, 503, 503, 200, 200]);
		expect(emulator.control.faults()).toMatchObject([{ hits: 2 }]);
	});

	it('a share of them, the same under the same seed', async () => {
		setFault({ kind: 'status', rate: 0.5 });
		const first = await statuses(40);
		setFault({ kind: 'status', rate: 0.5 });
		expect(await statuses(40)).toEqual(first);
		const hits = first.filter((status) => status === 503).length;
		expect(hits).toBeGreaterThan(8);
		expect(hits).toBeLessThan(32);
	});

	it('by the first fault that matches', async () => {
		emulator.control.setFaults([
			{ kind: 'slow', delayMs: 1 },
			{ kind: 'status', status: 429, times: 1 },
			{ kind: 'status', status: 502 },
		]);
		expect(await statuses(2)).toEqual([429, 502]);
		const kinds = emulator.control.ledger().requests.map(({ fault }) => fault);
		expect(kinds).toEqual(['status', 'status']);
	});

	it.each<[problem: RegExp, fault: unknown]>([
		[/kind must be one of/, { kind: 'explode' }],
		[/text must be a text/, { kind: 'body', text: 1 }],
		[/operation must be \* or one of/, { kind: 'reset', operation: 'getJobs' }],
		[/Unknown field "delay"/, { kind: 'slow', delay: 5 }],
		[/rate must be a number/, { kind: 'reset', rate: 'often' }],
	])('none if a fault is invalid: %s', (problem, fault) => {
		expect(() => emulator.control.setFaults([fault as Fault])).toThrow(problem);
		expect(emulator.control.faults()).toEqual([]);
	});
});

it('survives invalid paths and job ids', async () => {
	for (const base of [emulator.apiUrl, emulator.filesUrl]) {
		expect((await fetch(`${base}//`)).status).toBeGreaterThanOrEqual(400);
		expect((await fetch(`${base}/%E0%A4%A`)).status).toBeGreaterThanOrEqual(400);
	}
	expect((await fetch(url('/jobs/%E0%A4%A'), { headers })).status).toBe(404);
	expect((await list()).status).toBe(200);
});
