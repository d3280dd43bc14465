import { LOOKUP_NAMES, LOOKUPS } from '../../playground/emulator/lookup-records.ts';
import { createEmulator, type Emulator } from '../../playground/emulator/server.ts';
import { createCheckedClient, type CheckedClient } from '../contract/checked-client.ts';

const KEY = 'a-key';

interface Page {
	data: Record<string, unknown>[];
	metadata: {
		cursor: { after: string | null; before: string | null };
		limit: number;
		total_count: number;
	};
}

let emulator: Emulator;
let client: CheckedClient;

beforeAll(async () => {
	emulator = await createEmulator({ apiKeys: [KEY] });
	client = createCheckedClient(emulator.apiUrl, KEY);
});
afterAll(() => emulator.close());
beforeEach(() => emulator.control.reset());

/** Follows the cursors to the end. */
async function readAll(name: string, limit?: number): Promise<Page[]> {
	const pages: Page[] = [];
	let cursor: string | null = null;
	do {
		const query = new URLSearchParams();
		if (limit !== undefined) query.set('limit', String(limit));
		if (cursor !== null) query.set('after_cursor', cursor);
		const { body } = await client.call<Page>(`/lookups/${name}?${query}`);
		pages.push(body);
		cursor = body.metadata.cursor.after;
	} while (cursor !== null && pages.length < 100);
	return pages;
}

describe('paged lookups', () => {
	it.each([
		[0, [0]],
		[1, [1]],
		[49, [49]],
		[50, [50]],
		[51, [50, 1]],
		[53, [50, 3]],
		[1000, Array.from({ length: 20 }, () => 50)],
	])('gives %i segments in pages of 50', async (count, sizes) => {
		emulator.control.set({ counts: { segments: count } });
		const pages = await readAll('segments');
		expect(pages.map((page) => page.data.length)).toEqual(sizes);
		expect(pages.every((page) => page.metadata.total_count === count)).toBe(true);
		expect(new Set(pages.flatMap((page) => page.data.map(({ id }) => id))).size).toBe(count);
		expect(new Set(pages.flatMap((page) => page.data.map(({ title }) => title))).size).toBe(count);
	});

	it('holds 53 event properties and 53 segments unless told', async () => {
		for (const name of ['events_properties', 'segments']) {
			const pages = await readAll(name, 100);
			expect(pages).toHaveLength(1);
			expect(pages[0]?.data).toHaveLength(53);
		}
	});

	it('takes the limit of the request', async () => {
		const pages = await readAll('segments', 20);
		expect(pages.map((page) => page.data.length)).toEqual([20, 20, 13]);
		expect(pages[1]?.metadata.limit).toBe(20);
	});

	it('refuses a limit above the maximum, or clamps it', async () => {
		emulator.control.set({ maxLimit: 60 });
		const refused = await client.call('/lookups/segments?limit=61');
		expect(refused.status).toBe(422);
		emulator.control.set({ overLimit: 'clamp', counts: { segments: 70 } });
		const clamped = await client.call<Page>('/lookups/segments?limit=61');
		expect(clamped.body.data).toHaveLength(60);
	});

	it.each(['0', '-1', 'ten', '1.5'])('refuses limit=%s', async (limit) => {
		const { status } = await client.call(`/lookups/segments?limit=${limit}`, { wrong: true });
		expect(status).toBe(422);
	});

	it('gives cursors that do not survive an unencoded query', async () => {
		const { body } = await client.call<Page>('/lookups/segments');
		const after = body.metadata.cursor.after ?? '';
		expect(after).toContain('+');
		const { status } = await client.call(`/lookups/segments?after_cursor=${after}`);
		expect(status).toBe(422);
	});

	it('refuses a cursor of the other lookup', async () => {
		const { body } = await client.call<Page>('/lookups/segments');
		const after = encodeURIComponent(body.metadata.cursor.after ?? '');
		const { status } = await client.call(`/lookups/events_properties?after_cursor=${after}`);
		expect(status).toBe(422);
	});

	it('has hidden and unpublished segments', async () => {
		const [page] = await readAll('segments', 100);
		const statuses = new Set(page?.data.map(({ status }) => status));
		expect(statuses).toEqual(new Set(['published', 'draft', 'unpublished']));
		expect(page?.data.some((segment) => segment.is_hidden)).toBe(true);
	});
});

describe('plain lookups', () => {
	const plain = LOOKUP_NAMES.filter((name) => !LOOKUPS[name].paged);

	it('are ten', () => expect(plain).toHaveLength(10));

	it.each(plain)('%s gives as many records as set, in one array', async (name) => {
		for (const count of [0, 1, 120]) {
			emulator.control.set({ counts: { [name]: count } });
			const { body } = await client.call<Record<string, unknown>[]>(`/lookups/${name}`);
			expect(body).toHaveLength(count);
			expect(new Set(body.map((record) => record.id ?? record.key)).size).toBe(count);
		}
	});
});
