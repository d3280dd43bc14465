import { gunzipSync } from 'node:zlib';
import type { Row } from '../../playground/emulator/rows.ts';
import { createEmulator, type Emulator } from '../../playground/emulator/server.ts';
import { bytesOf, createCheckedClient } from '../contract/checked-client.ts';

const KEY = 'a-key';
const ROWS_PER_DAY = 60;

let emulator: Emulator;

beforeAll(async () => {
	emulator = await createEmulator({
		apiKeys: [KEY],
		jobSeconds: 0,
		rowsPerDay: ROWS_PER_DAY,
	});
});
afterAll(() => emulator.close());
beforeEach(() => emulator.control.reset());

const client = () => createCheckedClient(emulator.apiUrl, KEY);

const exportFile = async (body?: Record<string, unknown>) => await client().exportFile(body);

const textOf = async (url: string): Promise<string> => gunzipSync(await bytesOf(url)).toString();

const rowsOf = async (body?: Record<string, unknown>): Promise<Row[]> => {
	const texts = await Promise.all((await client().exportFiles(body)).map(({ url }) => textOf(url)));
	const lines = texts.join('').split('\n').slice(0, -1);
	return lines.map((line) => JSON.parse(line) as Row);
};

/** RFC 4180, character by character. */
function parseCsv(text: string): string[][] {
	const records: string[][] = [];
	const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/gy;
	let record: string[] = [];
	for (const [, raw = '', end] of text.matchAll(field)) {
		record.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
		if (end === ',') continue;
		records.push(record);
		record = [];
	}
	return records;
}

describe('rows', () => {
	it('are as many as set, over every day of the range, in order', async () => {
		const rows = await rowsOf({ from: '2024-07-31', to: '2024-08-12' });
		expect(rows).toHaveLength(13 * ROWS_PER_DAY);
		const days = new Map<string, number>();
		for (const { inserted_at: at } of rows)
			days.set(at.slice(0, 10), (days.get(at.slice(0, 10)) ?? 0) + 1);
		expect([...days.values()]).toEqual(Array.from({ length: 13 }, () => ROWS_PER_DAY));
		const times = rows.map((row) => row.inserted_at);
		expect([...times].sort()).toEqual(times);
		expect(times.every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(time))).toBe(true);
	});

	it('look like the real ones', async () => {
		const [row] = await rowsOf();
		expect(row).toMatchObject({
			app_token: expect.stringMatching(/^NX-/) as string,
			source: 'web',
			internal_event_id: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
			hostname: expect.any(String) as string,
			screen_width: expect.any(Number) as number,
			metadata: expect.objectContaining({ plan: expect.any(String) as string }) as object,
		});
		const size = JSON.stringify(row).length;
		expect(size).toBeGreaterThan(550);
		expect(size).toBeLessThan(850);
	});

	it('are the same in every export of a day, with ids of their own', async () => {
		const rows = await rowsOf();
		const monday = await rowsOf({ from: '2024-07-29', to: '2024-07-29', format: 'ndjson' });
		expect(monday).toEqual(rows.slice(0, ROWS_PER_DAY));
		expect(new Set(rows.map((row) => row.internal_event_id)).size).toBe(rows.length);
	});

	it('change with the seed', async () => {
		const before = await rowsOf();
		emulator.control.set({ seed: 2 });
		expect(await rowsOf()).not.toEqual(before);
	});

	it('come in the default event types, session_start on demand only', async () => {
		const types = new Set((await rowsOf()).map((row) => row.event_type));
		expect([...types].sort()).toEqual([
			'identify_company',
			'identify_user',
			'interaction',
			'page_view',
			'track',
			'track_feature',
		]);
		const sessions = await rowsOf({ event_type: ['session_start'] });
		expect(sessions).toHaveLength((7 * ROWS_PER_DAY) / 10);
	});

	it.each<[name: string, body: Record<string, unknown>, keeps: (row: Row) => boolean]>([
		['event_type', { event_type: ['track'] }, (row) => row.event_type === 'track'],
		['company_id', { company_id: ['comp_2'] }, (row) => row.company_id === 'comp_2'],
	])('keep to %s', async (_name, body, keeps) => {
		const all = await rowsOf();
		const filtered = await rowsOf(body);
		expect(filtered.length).toBeGreaterThan(0);
		expect(filtered).toEqual(all.filter(keeps));
	});

	it('keep to user_id', async () => {
		const all = await rowsOf();
		const userId = all[0]?.user_id as string;
		const filtered = await rowsOf({ user_id: [userId, 'nobody'] });
		expect(filtered).toEqual(all.filter((row) => row.user_id === userId));
		expect(await rowsOf({ user_id: ['nobody'] })).toEqual([]);
	});

	it('keep to a segment and to the exclusions: the same people every time', async () => {
		const all = await rowsOf();
		for (const filter of [{ segment_id: '101' }, { exclusions: true }]) {
			const filtered = await rowsOf(filter);
			const people = new Set(filtered.map((row) => row.user_id));
			expect(filtered.length).toBeGreaterThan(0);
			expect(filtered.length).toBeLessThan(all.length);
			expect(filtered).toEqual(all.filter((row) => people.has(row.user_id)));
		}
		expect(await rowsOf({ segment_id: '102' })).not.toEqual(await rowsOf({ segment_id: '101' }));
	});
});

describe('formats', () => {
	it('csv holds the same rows, quoted where it must be', async () => {
		const rows = await rowsOf();
		const file = await exportFile({ format: 'csv' });
		const [header = [], ...records] = parseCsv(await textOf(file.url));
		expect(records).toHaveLength(rows.length);
		const expected = rows.map((row) =>
			header.map((column) => {
				const value = row[column] ?? '';
				return typeof value === 'object' ? JSON.stringify(value) : String(value);
			}),
		);
		expect(records).toEqual(expected);
		const cells = records.flat();
		for (const trap of ['"', ',', '\n', '\r\n']) {
			expect(cells.some((cell) => cell.includes(trap))).toBe(true);
		}
	});

	it('csv begins with a byte-order mark when set', async () => {
		emulator.control.set({ csvBom: true });
		expect((await textOf((await exportFile({ format: 'csv' })).url)).slice(0, 2)).toBe('\uFEFFa');
		expect((await textOf((await exportFile()).url)).slice(0, 1)).toBe('{');
	});

	it('json is one array when set', async () => {
		const rows = await rowsOf();
		emulator.control.set({ jsonArray: true, memberPerDay: true });
		expect(JSON.parse(await textOf((await exportFile()).url))).toEqual(rows);
	});

	it.each([
		['parquet', 'PAR1'],
		['avro', 'Obj\x01'],
	])('%s has its magic bytes', async (format, magic) => {
		const file = await exportFile({ format });
		expect(file.filename).toBe(`2024-07-29.${format}.gz`);
		expect((await textOf(file.url)).startsWith(magic)).toBe(true);
	});

	it('gzip has one member a day when set', async () => {
		const one = await bytesOf((await exportFile()).url);
		emulator.control.set({ memberPerDay: true });
		const seven = await bytesOf((await exportFile()).url);
		const magic = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00]);
		const members = (bytes: Buffer) =>
			bytes.toString('latin1').split(magic.toString('latin1')).length - 1;
		expect([members(one), members(seven)]).toEqual([1, 7]);
		expect(gunzipSync(seven)).toEqual(gunzipSync(one));
	});
});
