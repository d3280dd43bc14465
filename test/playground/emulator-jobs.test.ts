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
	all_chunks: string[];
	presigned_urls: { filename: string; url: string }[];
	elapsed_time_seconds: number;
}

interface Errors {
	errors: { details: string | null; message: string; error_code: string }[];
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
		const { status, body } = await start();
		expect(status).toBe(201);
		expect(body).toMatchObject({
			environment_name: 'production',
			links: `/api/v1/analytics/exports/jobs/${body.job_id}`,
			start_time: expect.stringMatching(/^2024-10-06T10:44:50\.999\d{3}$/) as string,
		});
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

	it('names one file a week by its Monday', async () => {
		const { body } = await start({ from: '2024-07-31', to: '2024-08-12', format: 'csv' });
		clock += 100_000;
		const { presigned_urls: urls } = await details(body.job_id);
		expect(urls.map(({ filename }) => filename)).toEqual([
			'2024-07-29.csv.gz',
			'2024-08-05.csv.gz',
			'2024-08-12.csv.gz',
		]);
		expect(urls.every(({ url }) => url.startsWith(`${emulator.filesUrl}/`))).toBe(true);
	});

	it('writes start_time with a zone in the details only', async () => {
		const { body } = await start();
		const [listed] = await list();
		const job = await details(body.job_id);
		expect(listed?.start_time).toBe(body.start_time);
		expect(job.start_time).toBe(`${body.start_time}Z`);
	});

	it('shows odd progress beside completed when set', async () => {
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
		const job = await details(body.job_id);
		expect(job).toMatchObject({ status: 'failed', presigned_urls: [] });
		expect(job.end_time).not.toBeNull();
	});

	it('can be asked about for 3 days', async () => {
		const { body } = await start();
		clock = START + 72 * HOUR_MS - 1;
		expect(await list()).toHaveLength(1);
		clock = START + 72 * HOUR_MS;
		expect(await list()).toHaveLength(0);
		const { status } = await client.call(`/jobs/${body.job_id}`);
		expect(status).toBe(404);
	});
});

describe('the list', () => {
	it('is newest first and holds only the jobs of its key', async () => {
		const ids: string[] = [];
		for (let index = 0; index < 3; index += 1) {
			ids.push((await start()).body.job_id);
			clock += 100_000;
		}
		await start(RANGE, 'other-key');
		expect((await list()).map((job) => job.job_id)).toEqual([...ids].reverse());
		expect(await list('other-key')).toHaveLength(1);
		expect((await list())[0]).toMatchObject({
			elapsed_time: '100 seconds',
			elapsed_time_seconds: 100,
		});
	});

	it('hides the jobs of another key', async () => {
		const { body } = await start(RANGE, 'other-key');
		const { status } = await client.call(`/jobs/${body.job_id}`);
		expect(status).toBe(404);
	});
});

describe('refusals', () => {
	it('lets one export run at a time for each key', async () => {
		await start();
		const second = await client.call<Errors>('', { method: 'POST', body: RANGE });
		expect(second.status).toBe(409);
		expect((await start(RANGE, 'other-key')).status).toBe(201);
		expect(await list()).toHaveLength(1);
		clock += 100_000;
		expect((await start()).status).toBe(201);
	});

	it.each<[problem: RegExp, body: unknown]>([
		[/^from is required/, { to: '2024-05-02' }],
		[/^to is required/, { from: '2024-05-02' }],
		[/^from must not be after to/, { from: '2024-05-03', to: '2024-05-02' }],
		[/^to is not a calendar day/, { from: '2024-05-03', to: '2024-06-31' }],
		[/^from must be YYYY-MM-DD/, { from: '2024-5-3', to: '2024-06-30' }],
		[/^userId is unknown/, { ...RANGE, userId: ['1'] }],
		[/^format must be one of/, { ...RANGE, format: 'xlsx' }],
		[/^exclusions must be/, { ...RANGE, exclusions: 'yes' }],
		[/^event_type must be a list/, { ...RANGE, event_type: 'track' }],
		[/^segment_id must be a text/, { ...RANGE, segment_id: 9 }],
		[/^the body must be an object/, []],
	])('answers 422 with %s', async (problem, body) => {
		const answer = await client.call<Errors>('', { method: 'POST', body, wrong: true });
		expect(answer.status).toBe(422);
		expect(answer.body.errors[0]?.details).toMatch(problem);
		expect(await list()).toEqual([]);
	});

	it('answers 400 to a body that is not JSON', async () => {
		const response = await fetch(`${emulator.apiUrl}/api/v1/analytics/exports`, {
			method: 'POST',
			headers: { authorization: `Token ${KEY}` },
			body: 'from=2024-05-02',
		});
		expect(response.status).toBe(400);
	});

	it.each([
		['no key', null, 401],
		['an unknown key', 'wrong', 401],
		['a key without the plan', 'poor-key', 403],
	])('refuses %s on every kind of call', async (_case, key, status) => {
		const answers = [
			await client.call<Errors>('', { method: 'POST', body: RANGE, key, wrong: true }),
			await client.call<Errors>('/jobs/', { key, wrong: true }),
			await client.call<Errors>('/lookups/segments', { key, wrong: true }),
		];
		for (const answer of answers) {
			expect(answer.status).toBe(status);
			expect(answer.body.errors[0]?.error_code).toBe('401');
		}
	});

	it('gives the refusal by plan the status that is set', async () => {
		emulator.control.set({ planStatus: 401 });
		const { status, body } = await client.call<Errors>('/jobs/', { key: 'poor-key' });
		expect(status).toBe(401);
		expect(body.errors[0]?.details).toMatch(/current plan for application NX-\w{8} does not/);
	});

	it.each(['Bearer a-key', 'a-key', 'token a-key', 'Token  a-key'])(
		'takes no header like "%s"',
		async (authorization) => {
			const url = `${emulator.apiUrl}/api/v1/analytics/exports/jobs/`;
			const response = await fetch(url, { headers: { authorization } });
			expect(response.status).toBe(401);
		},
	);

	it.each<[method: string, path: string, status: number]>([
		['POST', '/api/v1/analytics/exports/', 401],
		['GET', '/api/v1/analytics/exports/jobs', 401],
		['GET', '/api/v1/analytics/exports/lookups/flows/', 404],
		['GET', '/api/v1/analytics/exports', 404],
		['GET', '/v1/analytics/exports/jobs/', 404],
		['DELETE', '/api/v1/analytics/exports/jobs/', 404],
		['GET', '/', 404],
	])('answers %s %s without a key with %i', async (method, path, status) => {
		const response = await fetch(emulator.apiUrl + path, { method });
		expect(response.status).toBe(status);
		const type = status === 404 ? 'text/html' : 'application/json';
		expect(response.headers.get('content-type')).toContain(type);
	});
});
