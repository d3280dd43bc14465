import { createEmulator, type Emulator } from '../../playground/emulator/server.ts';
import { createCheckedClient, type CheckedClient } from '../contract/checked-client.ts';

interface Job {
	job_id: string;
	status: string;
	progress: string;
	start_time: string;
	end_time: string | null;
	completed_chunks: string[];
	current_chunk: string;
	presigned_urls: { filename: string; url: string }[];
}

interface Errors {
	errors: { details: string | null; error_code: string }[];
}

const KEY = 'a-key';
const RANGE = { from: '2024-05-02', to: '2024-09-30' };
const START = Date.parse('2024-10-06T10:44:50.999Z');
const HOUR_MS = 3_600_000;

let clock = START;
let emulator: Emulator;
let client: CheckedClient;

beforeAll(async () => {
	emulator = await createEmulator({
		apiKeys: [KEY, 'other-key'],
		planlessKeys: ['poor-key'],
		jobSeconds: 100,
		now: () => clock,
	});
	client = createCheckedClient(emulator.apiUrl, KEY);
});
afterAll(() => emulator.close());
beforeEach(() => {
	clock = START;
	emulator.control.reset();
});

const start = async (body: Record<string, unknown> = RANGE, key = KEY) =>
	client.call<Job>('', { method: 'POST', body, key });
const list = async (key = KEY) => (await client.call<Job[]>('/jobs/', { key })).body;
const details = async (id: string) => (await client.call<Job>(`/jobs/${id}`)).body;

describe('a job', () => {
	it('goes through its months and ends with links', async () => {
		const { body } = await start();
		const seen: [string, string, string][] = [];
		for (const seconds of [0, 39, 40, 99, 100]) {
			clock = START + seconds * 1000;
			const job = await details(body.job_id);
			seen.push([job.progress, job.current_chunk, job.status]);
			expect(job.completed_chunks).toHaveLength(Number.parseInt(job.progress, 10));
			expect(job.presigned_urls.length > 0).toBe(job.status === 'completed');
			expect(job.end_time === null).toBe(job.status === 'in_progress');
		}
		expect(seen).toEqual([
			['0 out of 5 partitions', '2024-05-01', 'in_progress'],
			['1 out of 5 partitions', '2024-06-01', 'in_progress'],
			['2 out of 5 partitions', '2024-07-01', 'in_progress'],
			['4 out of 5 partitions', '2024-09-01', 'in_progress'],
			['5 out of 5 partitions', '2024-09-01', 'completed'],
		]);
	});

	it('names one file a week by its Monday, and writes a zone in the details only', async () => {
		const { body } = await start({ from: '2024-07-31', to: '2024-08-12', format: 'csv' });
		clock += 100_000;
		const job = await details(body.job_id);
		expect(job.presigned_urls.map(({ filename }) => filename)).toEqual([
			'2024-07-29.csv.gz',
			'2024-08-05.csv.gz',
			'2024-08-12.csv.gz',
		]);
		expect(job.presigned_urls.every(({ url }) => url.startsWith(emulator.filesUrl))).toBe(true);
		expect(job.start_time).toBe(`${body.start_time}Z`);
		expect((await list())[0]?.start_time).toBe(body.start_time);
	});

	it('shows odd progress when set', async () => {
		emulator.control.set({ oddProgress: true });
		const { body } = await start();
		clock += 100_000;
		const job = await details(body.job_id);
		expect([job.status, job.progress]).toEqual(['completed', '2 out of 5 partitions']);
		expect((await list())[0]?.progress).toBe('5 out of 5 partitions');
	});

	it('fails at the rate set, without links', async () => {
		emulator.control.set({ failureRate: 1 });
		const { body } = await start();
		clock += 100_000;
		expect(await details(body.job_id)).toMatchObject({ status: 'failed', presigned_urls: [] });
	});

	it('can be requested for 3 days', async () => {
		const { body } = await start();
		clock = START + 72 * HOUR_MS - 1;
		expect(await list()).toHaveLength(1);
		clock = START + 72 * HOUR_MS;
		expect(await list()).toHaveLength(0);
		expect((await client.call(`/jobs/${body.job_id}`)).status).toBe(404);
	});

	it('appears in the list after the delay that is set', async () => {
		emulator.control.set({ listLagSeconds: 5 });
		const { body } = await start();
		expect(await list()).toEqual([]);
		expect((await details(body.job_id)).status).toBe('in_progress');
		clock += 5_000;
		expect(await list()).toHaveLength(1);
	});
});

describe('keys', () => {
	it('see their own jobs only, newest first, and run one export at a time', async () => {
		const first = (await start()).body.job_id;
		expect((await client.call('', { method: 'POST', body: RANGE })).status).toBe(409);
		const other = (await start(RANGE, 'other-key')).body.job_id;
		clock += 100_000;
		const second = (await start()).body.job_id;
		expect((await list()).map((job) => job.job_id)).toEqual([second, first]);
		expect((await list('other-key')).map((job) => job.job_id)).toEqual([other]);
		expect((await client.call(`/jobs/${other}`)).status).toBe(404);
	});

	it.each([
		['no key', null, 401],
		['an unknown key', 'wrong', 401],
		['a key without the plan', 'poor-key', 403],
	])('are rejected on every kind of request: %s', async (_case, key, status) => {
		const responses = [
			await client.call<Errors>('', { method: 'POST', body: RANGE, key, wrong: true }),
			await client.call<Errors>('/jobs/', { key, wrong: true }),
			await client.call<Errors>('/lookups/segments', { key, wrong: true }),
		];
		for (const response of responses) {
			expect(response.status).toBe(status);
			expect(response.body.errors[0]?.error_code).toBe('401');
		}
	});
});

describe('requests', () => {
	it.each<[problem: RegExp, body: unknown]>([
		[/^from is required/, { to: '2024-05-02' }],
		[/^from must not be after to/, { from: '2024-05-03', to: '2024-05-02' }],
		[/^to is not a calendar day/, { from: '2024-05-03', to: '2024-06-31' }],
		[/^userId is unknown/, { ...RANGE, userId: ['1'] }],
		[/^event_type must be a list/, { ...RANGE, event_type: 'track' }],
		[/^the body must be an object/, []],
	])('with an invalid body get 422: %s', async (problem, body) => {
		const response = await client.call<Errors>('', { method: 'POST', body, wrong: true });
		expect(response.status).toBe(422);
		expect(response.body.errors[0]?.details).toMatch(problem);
		expect(await list()).toEqual([]);
	});

	it.each<[method: string, path: string, status: number]>([
		['POST', '/api/v1/analytics/exports/', 400],
		['GET', '/api/v1/analytics/exports/jobs', 200],
		['GET', '/api/v1/analytics/exports/lookups/flows/', 404],
		['GET', '/api/v1/analytics/exports', 404],
		['DELETE', '/api/v1/analytics/exports/jobs/', 404],
	])('%s %s gets %i', async (method, path, status) => {
		const headers = { authorization: `Token ${KEY}` };
		const body = method === 'POST' ? 'from=2024-05-02' : undefined;
		const response = await fetch(emulator.apiUrl + path, { method, headers, body });
		expect(response.status).toBe(status);
	});
});

describe('lookups', () => {
	interface Page {
		data: { id: number; status: string; is_hidden: boolean }[];
		metadata: { cursor: { after: string | null }; total_count: number };
	}

	const page = async (query = '', name = 'segments') =>
		await client.call<Page>(`/lookups/${name}?${query}`);

	async function pages(query = ''): Promise<Page[]> {
		const all = [(await page(query)).body];
		for (let after = all[0]?.metadata.cursor.after; after; ) {
			const { body } = await page(`${query}&after_cursor=${encodeURIComponent(after)}`);
			all.push(body);
			after = body.metadata.cursor.after;
		}
		return all;
	}

	it.each([
		[0, [0]],
		[50, [50]],
		[120, [50, 50, 20]],
	])('have %i segments when set, in pages of 50', async (count, sizes) => {
		emulator.control.set({ counts: { segments: count } });
		const all = await pages();
		expect(all.map(({ data }) => data.length)).toEqual(sizes);
		expect(all.every(({ metadata }) => metadata.total_count === count)).toBe(true);
		expect(new Set(all.flatMap(({ data }) => data.map(({ id }) => id))).size).toBe(count);
	});

	it('have 53 segments by default, some hidden and some unpublished', async () => {
		const [{ data } = { data: [] }] = await pages('limit=100');
		expect(data).toHaveLength(53);
		expect(new Set(data.map(({ status }) => status)).size).toBe(3);
		expect(data.some((segment) => segment.is_hidden)).toBe(true);
	});

	it('reject or clamp a limit above the maximum', async () => {
		emulator.control.set({ maxLimit: 40, defaultLimit: 30 });
		expect((await page()).body.data).toHaveLength(30);
		expect((await page('limit=41')).status).toBe(422);
		emulator.control.set({ overLimit: 'clamp' });
		expect((await page('limit=41')).body.data).toHaveLength(40);
	});

	it('reject a cursor that is not encoded or belongs to another lookup', async () => {
		const after = (await page()).body.metadata.cursor.after ?? '';
		expect(after).toContain('+');
		expect((await page(`after_cursor=${after}`)).status).toBe(422);
		const encoded = `after_cursor=${encodeURIComponent(after)}`;
		expect((await page(encoded, 'events_properties')).status).toBe(422);
		expect((await page(encoded)).status).toBe(200);
	});
});
