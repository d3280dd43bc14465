import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULT_KINDS } from '../../playground/emulator/faults.ts';
import { createEmulator, type Emulator } from '../../playground/emulator/server.ts';
import { defaultSettings } from '../../playground/emulator/settings.ts';
import { createCheckedClient } from '../contract/checked-client.ts';

const KEY = 'a-key';
const NOW = Date.parse('2024-10-06T10:44:50.000Z');
const RANGE = { from: '2024-07-29', to: '2024-08-04' };

let emulator: Emulator;

beforeAll(async () => {
	emulator = await createEmulator({ apiKeys: [KEY], jobSeconds: 100, now: () => NOW });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.control.reset());

async function control(method: string, path: string, body?: unknown) {
	const response = await fetch(`${emulator.apiUrl}/__emulator/${path}`, {
		method,
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	const text = await response.text();
	return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as unknown };
}

const api = <Body>(path: string, body?: unknown) =>
	createCheckedClient(emulator.apiUrl, KEY).call<Body>(path, {
		method: body === undefined ? 'GET' : 'POST',
		body,
	});

const start = async () => (await api<{ job_id: string }>('', RANGE)).body.job_id;
const statusOf = async (id: string) => (await api<{ status: string }>(`/jobs/${id}`)).body.status;

it('keeps idle connections open, so that no request of a busy client is lost', async () => {
	const { headers } = await fetch(`${emulator.apiUrl}/__emulator/settings`);
	expect(headers.get('connection')).toBe('keep-alive');
	expect(headers.get('keep-alive')).toBeNull();
});

describe('over HTTP', () => {
	it('changes settings', async () => {
		const changed = await control('PATCH', 'settings', { rowsPerDay: 7, counts: { flows: 2 } });
		expect(changed).toMatchObject({
			status: 200,
			body: { rowsPerDay: 7, counts: { flows: 2, segments: 53 } },
		});
		expect((await control('GET', 'settings')).body).toEqual(changed.body);
		expect((await api<unknown[]>('/lookups/flows')).body).toHaveLength(2);
	});

	it.each([
		[{ rowPerDay: 7 }, 'Unknown setting "rowPerDay"'],
		[{ rowsPerDay: 'many' }, 'rowsPerDay must be a number'],
		[{ rowsPerDay: -1 }, 'rowsPerDay must be a number from 0'],
		[{ planStatus: 500 }, 'planStatus must be one of 401, 403'],
		[{ apiKeys: 'one' }, 'apiKeys must be a list of texts'],
		[{ counts: { flow: 1 } }, 'Unknown lookup "flow"'],
		[{ counts: { flows: 1.5 } }, 'counts.flows must be a whole number from 0'],
	])('rejects the settings %j', async (patch, error) => {
		const before = emulator.control.settings();
		expect(await control('PATCH', 'settings', patch)).toEqual({ status: 400, body: { error } });
		expect(emulator.control.settings()).toEqual(before);
	});

	it('sets and returns faults', async () => {
		const fault = { kind: 'status', status: 429, operation: 'listJobs', times: 1 };
		await control('PUT', 'faults', [fault]);
		expect((await api('/jobs/')).status).toBe(429);
		expect((await api('/jobs/')).status).toBe(200);
		expect((await control('GET', 'faults')).body).toEqual([{ ...fault, hits: 1 }]);
		expect((await control('PUT', 'faults', [{ kind: 'no' }])).status).toBe(400);
	});

	it('returns every job and request, and deletes the requests', async () => {
		const jobId = await start();
		await api('/lookups/segments?limit=5');
		const { body } = await control('GET', 'ledger');
		expect(body).toEqual({
			jobs: [
				{
					jobId,
					key: KEY,
					startedAt: '2024-10-06T10:44:50.000Z',
					endedAt: null,
					status: 'in_progress',
					request: { ...RANGE, format: 'json' },
				},
			],
			requests: [
				expect.objectContaining({
					operation: 'createExport',
					method: 'POST',
					status: 201,
					key: KEY,
				}) as object,
				expect.objectContaining({
					server: 'api',
					operation: 'getSegments',
					path: '/api/v1/analytics/exports/lookups/segments',
					query: { limit: '5' },
					status: 200,
				}) as object,
			],
		});
		expect((await control('DELETE', 'ledger')).status).toBe(204);
		expect((await control('GET', 'ledger')).body).toMatchObject({
			jobs: [{ jobId }],
			requests: [],
		});
	});

	it.each(['completed', 'failed'])('ends a running job as %s, once', async (status) => {
		const jobId = await start();
		expect((await control('POST', `jobs/${jobId}`, { status })).body).toMatchObject({ status });
		expect(await statusOf(jobId)).toBe(status);
		expect((await control('POST', `jobs/${jobId}`, { status })).status).toBe(400);
		expect((await control('POST', 'jobs/none')).status).toBe(400);
		await start();
	});

	it('seeds finished jobs', async () => {
		const endTimes = ['2024-10-05T00:00:00Z', '2024-10-06T00:00:00Z'];
		const { body } = await control('POST', 'jobs', { endTimes, status: 'failed', request: RANGE });
		const { jobIds } = body as { jobIds: string[] };
		const listed = await api<{ job_id: string; end_time: string; status: string }[]>('/jobs/');
		expect(listed.body.map((job) => job.job_id)).toEqual([...jobIds].reverse());
		expect(listed.body[1]?.end_time).toMatch(/^2024-10-05T00:00:00\.000\d{3}Z$/);
		expect(listed.body[1]?.status).toBe('failed');
		expect((await control('POST', 'jobs', { endTimes: ['soon'] })).status).toBe(400);
		expect((await control('POST', 'jobs', { request: { from: 'x' } })).status).toBe(400);
		expect(emulator.control.seedJobs({ count: 30 })).toHaveLength(30);
	});

	it('moves the clock forward', async () => {
		const jobId = await start();
		const moved = await control('POST', 'clock', { advanceSeconds: 100 });
		expect(moved.body).toEqual({ now: '2024-10-06T10:46:30.000Z' });
		expect(await statusOf(jobId)).toBe('completed');
		expect((await control('POST', 'clock', { advanceSeconds: -1 })).status).toBe(400);
		expect((await control('POST', 'clock', {})).status).toBe(400);
	});

	it('resets everything', async () => {
		await start();
		await control('PATCH', 'settings', { maxLimit: 7 });
		await control('PUT', 'faults', [{ kind: 'reset' }]);
		expect((await control('POST', 'reset')).status).toBe(204);
		expect(emulator.control.ledger()).toEqual({ jobs: [], requests: [] });
		expect(emulator.control.settings()).toMatchObject({ maxLimit: 100, apiKeys: [KEY] });
		expect(emulator.control.faults()).toEqual([]);
	});

	it('responds with 404 to an unknown path', async () => {
		expect((await control('GET', 'everything')).status).toBe(404);
		expect((await control('DELETE', 'settings')).status).toBe(404);
	});
});

describe('createEmulator', () => {
	it('rejects an unknown option', async () => {
		await expect(createEmulator({ jobSecond: 1 } as object)).rejects.toThrow('jobSecond');
	});

	it('rejects when a port is taken, and frees the other', async () => {
		const port = Number(new URL(emulator.apiUrl).port);
		await expect(createEmulator({ port })).rejects.toThrow('EADDRINUSE');
	});

	it('closes while a response is stalled', async () => {
		const other = await createEmulator({ faults: [{ kind: 'slow', delayMs: 60_000 }] });
		const pending = fetch(`${other.apiUrl}/`);
		const failed = expect(pending).rejects.toThrow('fetch failed');
		while (other.control.ledger().requests.length === 0) await new Promise(setImmediate);
		await other.close();
		await failed;
	});
});

it('has every setting and every kind of fault in its README', () => {
	const readme = readFileSync(join(__dirname, '../../playground/emulator/README.md'), 'utf8');
	const tables = readme.split(/^## /m).map((section) => ({
		title: section.split('\n')[0],
		names: [...section.matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, name]) => name),
	}));
	const namesIn = (title: string) => tables.find((table) => table.title === title)?.names;
	expect(namesIn('Options')).toEqual([
		...['port', 'filesPort', 'faults'],
		...Object.keys(defaultSettings()),
	]);
	expect(namesIn('Faults')).toEqual(expect.arrayContaining([...FAULT_KINDS]));
});

describe('the command', () => {
	const root = join(__dirname, '../..');
	// The playground needs Node 24, whatever version runs the tests.
	const node = join(root, 'node_modules/.bin/node');
	const run = (...flags: string[]) =>
		spawn(node, [join(root, 'playground/emulator/main.ts'), ...flags]);

	it('prints its URLs as one line of JSON and stops on SIGTERM', async () => {
		const flags =
			'--json-ready --api-key one --api-key two --rows-per-day 5 --count flows=3 --no-ranges';
		const child = run(...flags.split(' '));
		const exit = once(child, 'exit');
		const [line] = (await once(child.stdout, 'data')) as [Buffer];
		const { apiUrl, filesUrl } = JSON.parse(line.toString()) as Record<string, string>;
		expect(new URL(apiUrl ?? '').hostname).toBe('127.0.0.1');
		expect(new URL(filesUrl ?? '').origin).toBe(filesUrl);
		const settings = await (await fetch(`${apiUrl}/__emulator/settings`)).json();
		expect(settings).toMatchObject({
			apiKeys: ['one', 'two'],
			rowsPerDay: 5,
			counts: { flows: 3, segments: 53 },
			ranges: false,
			contentLength: true,
		});
		child.kill('SIGTERM');
		expect(await exit).toEqual([0, null]);
	});

	it.each([
		['--rows-per-dya', 'rows-per-dya'],
		['--rows-per-day=many', 'rowsPerDay must be a number'],
		['--fault={"kind":"no"}', 'kind must be one of'],
	])('prints one sentence for %s', async (flag, sentence) => {
		const child = run(flag);
		const exit = once(child, 'exit');
		let text = '';
		child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
		expect(await exit).toEqual([1, null]);
		expect(text).toContain(sentence);
		expect(text).not.toContain('    at ');
	});
});
