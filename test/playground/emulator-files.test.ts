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
	it('refuse an Authorization header', async () => {
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

	it.each<[name: string, change: (url: URL) => void, status: number, code: string]>([
		[
			'a changed signature',
			(url) => url.searchParams.set('X-Amz-Signature', 'ab'),
			403,
			'SignatureDoesNotMatch',
		],
		[
			'a longer life',
			(url) => url.searchParams.set('X-Amz-Expires', '999999'),
			403,
			'SignatureDoesNotMatch',
		],
		[
			'an added parameter',
			(url) => url.searchParams.set('limit', '50'),
			403,
			'SignatureDoesNotMatch',
		],
		[
			'another file',
			(url) => (url.pathname = url.pathname.replace('07-29', '08-05')),
			403,
			'SignatureDoesNotMatch',
		],
		['no query', (url) => (url.search = ''), 403, 'AccessDenied'],
	])('refuse %s', async (_name, change, status, code) => {
		const url = new URL((await exportFile()).url);
		change(url);
		const response = await fetch(url);
		expect(response.status).toBe(status);
		expect(await response.text()).toContain(`<Code>${code}</Code>`);
	});

	it('lead nowhere once the job is gone', async () => {
		const { url } = await exportFile();
		emulator.control.reset();
		const response = await fetch(url);
		expect(response.status).toBe(404);
		expect(await response.text()).toContain('<Code>NoSuchKey</Code>');
	});

	it('are for GET only', async () => {
		const { url } = await exportFile();
		expect((await fetch(url, { method: 'POST' })).status).toBe(405);
	});
});

describe('ranges', () => {
	it.each([
		['bytes=100-199', 100, 200],
		['bytes=100-', 100, undefined],
		['bytes=-50', -50, undefined],
		['bytes=0-999999999', 0, undefined],
	])('%s gives that part', async (range, start, end) => {
		const { url } = await exportFile();
		const whole = await bytesOf(url);
		const response = await fetch(url, { headers: { range } });
		const part = Buffer.from(await response.arrayBuffer());
		expect(response.status).toBe(206);
		expect(part).toEqual(whole.subarray(start, end));
		expect(response.headers.get('content-range')).toMatch(new RegExp(`/${whole.length}$`));
	});

	it('answer 416 behind the end', async () => {
		const { url } = await exportFile();
		const { status } = await fetch(url, { headers: { range: 'bytes=999999999-' } });
		expect(status).toBe(416);
	});

	it('hold only for the file that If-Range names', async () => {
		const { url } = await exportFile();
		const etag = (await fetch(url)).headers.get('etag') ?? '';
		const ask = (condition: string) =>
			fetch(url, { headers: { range: 'bytes=0-9', 'if-range': condition } });
		expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
		expect((await ask(etag)).status).toBe(206);
		expect((await ask('"other"')).status).toBe(200);
	});

	it('can be switched off', async () => {
		emulator.control.set({ ranges: false });
		const response = await fetch((await exportFile()).url, { headers: { range: 'bytes=0-9' } });
		expect(response.status).toBe(200);
		expect(response.headers.has('accept-ranges')).toBe(false);
	});
});

describe('transfer', () => {
	it('names its length, or is chunked', async () => {
		const { url } = await exportFile();
		const known = await fetch(url);
		const bytes = (await known.arrayBuffer()).byteLength;
		expect(Number(known.headers.get('content-length'))).toBe(bytes);
		emulator.control.set({ contentLength: false });
		const chunked = await fetch(url);
		expect(chunked.headers.get('transfer-encoding')).toBe('chunked');
		expect((await chunked.arrayBuffer()).byteLength).toBe(bytes);
	});

	it('is decompressed by HTTP when it carries Content-Encoding', async () => {
		emulator.control.set({ contentEncoding: true });
		const response = await fetch((await exportFile()).url);
		expect((await response.text()).split('\n')).toHaveLength(7 * ROWS_PER_DAY + 1);
	});

	it('generates no more than the reader takes', async () => {
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
