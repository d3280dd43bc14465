import { request as httpRequest } from 'node:http';
import { createEmulator, type Emulator } from '../../playground/emulator/server.ts';
import { bytesOf, createCheckedClient } from '../contract/checked-client.ts';

const KEY = 'a-key';
const HOUR_MS = 3_600_000;
const START = Date.parse('2024-10-06T10:44:50Z');
const ROWS_PER_DAY = 60;

let clock = START;
let emulator: Emulator;

beforeAll(async () => {
	emulator = await createEmulator({
		apiKeys: [KEY],
		jobSeconds: 0,
		rowsPerDay: ROWS_PER_DAY,
		now: () => clock,
	});
});
afterAll(() => emulator.close());
beforeEach(() => {
	clock = START;
	emulator.control.reset();
});

const client = () => createCheckedClient(emulator.apiUrl, KEY);

const exportFile = async (body?: Record<string, unknown>) => await client().exportFile(body);

describe('links', () => {
	it('are rejected with an Authorization header', async () => {
		const { url } = await exportFile();
		const response = await fetch(url, { headers: { authorization: `Token ${KEY}` } });
		expect(response.status).toBe(400);
		expect(response.headers.get('content-type')).toBe('application/xml');
		expect(await response.text()).toContain('<Code>InvalidArgument</Code>');
	});

	it('work for 2 days from the end of the job', async () => {
		const { url } = await exportFile();
		clock = START + 48 * HOUR_MS - 1;
		expect((await fetch(url)).status).toBe(200);
		clock = START + 48 * HOUR_MS;
		const late = await fetch(url);
		expect(late.status).toBe(403);
		expect(await late.text()).toMatch(/<Code>AccessDenied<\/Code><Message>Request has expired/);
	});

	it.each<[name: string, change: (url: URL) => void, code: string]>([
		[
			'a longer life',
			(url) => url.searchParams.set('X-Amz-Expires', '999999'),
			'SignatureDoesNotMatch',
		],
		[
			'another file',
			(url) => (url.pathname = url.pathname.replace('07-29', '08-05')),
			'SignatureDoesNotMatch',
		],
		['no query', (url) => (url.search = ''), 'AccessDenied'],
	])('are rejected with %s', async (_name, change, code) => {
		const url = new URL((await exportFile()).url);
		change(url);
		const response = await fetch(url);
		expect(response.status).toBe(403);
		expect(await response.text()).toContain(`<Code>${code}</Code>`);
	});

	it('are 404 once the job is gone', async () => {
		const { url } = await exportFile();
		emulator.control.reset();
		const response = await fetch(url);
		expect(response.status).toBe(404);
		expect(await response.text()).toContain('<Code>NoSuchKey</Code>');
	});
});

describe('ranges', () => {
	it.each([
		['bytes=100-199', 100, 200],
		['bytes=100-', 100, undefined],
		['bytes=-50', -50, undefined],
	])('%s returns that part', async (range, start, end) => {
		const { url } = await exportFile();
		const whole = await bytesOf(url);
		const response = await fetch(url, { headers: { range } });
		const part = Buffer.from(await response.arrayBuffer());
		expect(response.status).toBe(206);
		expect(part).toEqual(whole.subarray(start, end));
		expect(response.headers.get('content-range')).toMatch(new RegExp(`/${whole.length}$`));
	});

	it('past the end get 416', async () => {
		const { url } = await exportFile();
		expect((await fetch(url, { headers: { range: 'bytes=999999999-' } })).status).toBe(416);
	});

	it('apply only to the file that If-Range names', async () => {
		const { url } = await exportFile();
		const etag = (await fetch(url)).headers.get('etag') ?? '';
		const ask = (condition: string) =>
			fetch(url, { headers: { range: 'bytes=0-9', 'if-range': condition } });
		expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
		expect((await ask(etag)).status).toBe(206);
		expect((await ask('"other"')).status).toBe(200);
	});

	it('can be turned off', async () => {
		emulator.control.set({ ranges: false });
		const response = await fetch((await exportFile()).url, { headers: { range: 'bytes=0-9' } });
		expect(response.status).toBe(200);
		expect(response.headers.has('accept-ranges')).toBe(false);
	});
});

describe('files', () => {
	it('have a length, or are chunked', async () => {
		const { url } = await exportFile();
		const known = await fetch(url);
		const bytes = (await known.arrayBuffer()).byteLength;
		expect(Number(known.headers.get('content-length'))).toBe(bytes);
		emulator.control.set({ contentLength: false });
		const chunked = await fetch(url);
		expect(chunked.headers.get('transfer-encoding')).toBe('chunked');
		expect((await chunked.arrayBuffer()).byteLength).toBe(bytes);
	});

	it('are decompressed by HTTP with Content-Encoding', async () => {
		emulator.control.set({ contentEncoding: true });
		const response = await fetch((await exportFile()).url);
		expect((await response.text()).split('\n')).toHaveLength(7 * ROWS_PER_DAY + 1);
	});

	it('are generated only as far as they are read', async () => {
		emulator.control.set({ rowsPerDay: 2_000_000, contentLength: false });
		const { url } = await exportFile();
		const before = process.memoryUsage().rss;
		await new Promise<void>((resolve, reject) => {
			const request = httpRequest(url, (response) => {
				response.once('data', () => {
					response.destroy();
					resolve();
				});
			});
			request.on('error', reject);
			request.end();
		});
		expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
		const { requests } = emulator.control.ledger();
		expect(requests.at(-1)?.operation).toBe('file');
		expect(requests.at(-1)?.bytes).toBeLessThan(10_000_000);
	});
});
