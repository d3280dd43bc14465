import { gunzipSync } from 'node:zlib';
import { DEFAULT_EVENT_TYPES } from '../../playground/emulator/export-request.ts';
import type { Row } from '../../playground/emulator/rows.ts';
import { createEmulator, type Emulator } from '../../playground/emulator/server.ts';
import { bytesOf, createCheckedClient } from '../contract/checked-client.ts';

const KEY = 'a-key';
const ROWS_PER_DAY = 60;
const COLUMNS = [
	...['app_token', 'event_type', 'event_name', 'user_id', 'company_id', 'source', 'inserted_at'],
	...['internal_event_id', 'hostname', 'pathname', 'screen_width', 'screen_height', 'device_type'],
	...['user_agent', 'operating_system', 'browser', 'browser_language', 'session', 'country_code'],
	'metadata',
];

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
	it('are as many as set on every day of the range, oldest first', async () => {
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

	it('have the documented columns, in about 680 bytes of JSON', async () => {
		const rows = await rowsOf();
		for (const row of rows) expect(Object.keys(row)).toEqual(COLUMNS);
		const bytes = rows.reduce((sum, row) => sum + JSON.stringify(row).length + 1, 0);
		expect(bytes / rows.length).toBeGreaterThan(650);
		expect(bytes / rows.length).toBeLessThan(710);
	});

	it('have an internal_event_id of 64 bits as text, unless turned off', async () => {
		const rows = await rowsOf();
		for (const { internal_event_id: id } of rows) {
			expect(id).toMatch(/^\d+$/);
			expect(BigInt(id as string) < 2n ** 64n).toBe(true);
		}
		emulator.control.set({ eventIds: false });
		expect((await rowsOf()).some((row) => 'internal_event_id' in row)).toBe(false);
		const file = await exportFile({ format: 'csv' });
		expect((await textOf(file.url)).split('\r\n')[0]).not.toContain('internal_event_id');
	});

	it('are odd on request: one in ten, the same in every export', async () => {
		emulator.control.set({ rowsPerDay: 400 });
		const plain = new Set((await rowsOf()).map((row) => JSON.stringify(row)));
		emulator.control.set({ oddRows: true });
		const odd = (await rowsOf()).map((row) => JSON.stringify(row));
		expect((await rowsOf()).map((row) => JSON.stringify(row)).join() === odd.join()).toBe(true);
		expect(odd.filter((row) => !plain.has(row)).length / odd.length).toBeCloseTo(0.1, 1);
		const text = odd.join('\n');
		const parts = ['\\u0000', '\\ud83d', '"":', "O'Brien", '"metadata":null', '"metadata":[1,'];
		expect(parts.filter((part) => !text.includes(part))).toEqual([]);
		const withoutId = odd.filter((row) => !row.includes('internal_event_id'));
		const withoutTime = odd.filter((row) => !row.includes('inserted_at'));
		expect([withoutId.length, withoutTime.length].every((count) => count > 0)).toBe(true);
		expect(new Set(odd).size).toBeLessThan(odd.length);
	});

	it('come from a browser or a backend, which captures nothing', async () => {
		const rows = await rowsOf();
		expect(new Set(rows.map(({ source }) => source))).toEqual(
			new Set([
				'web-client',
				'backend-http',
				'backend-hubspot',
				'backend-salesforce',
				'backend-segment',
			]),
		);
		for (const { source, browser, device_type: device } of rows) {
			expect(browser === null).toBe(source !== 'web-client');
			expect(['desktop', 'mobile', null]).toContain(device);
		}
	});

	it.each([
		['identify_user', /^null$/, 'email'],
		['identify_company', /^null$/, 'company_name'],
		['page_view', /^""$/, undefined],
		['session_start', /^""$/, undefined],
		['track', /^".+"$/, 'amount'],
		['track_feature', /^"\d+"$/, undefined],
		['interaction', /^"[a-z_]+:\d+:[A-Z]+"$/, 'step'],
	])('of the type %s have their names and metadata', async (type, name, key) => {
		const rows = await rowsOf({ event_type: [type] });
		expect(rows.length).toBeGreaterThan(0);
		for (const row of rows) {
			expect(JSON.stringify(row.event_name)).toMatch(name);
			const keys = Object.keys(row.metadata as object);
			if (key === undefined) expect(keys).toEqual([]);
			else expect(keys).toContain(key);
		}
	});

	it('have ids that the lookups name, and some that no lookup has', async () => {
		const lookups = {
			banner: 'banners',
			checklist: 'checklists',
			embed: 'embeds',
			experience: 'flows',
			resource_center_module: 'resource_center_modules',
			spotlight: 'spotlights',
			survey: 'surveys',
		};
		const recordsOf = async (name: string) =>
			(await client().call<Record<string, unknown>[]>(`/lookups/${name}`)).body;
		const known = new Set<string>();
		for (const [type, lookup] of Object.entries(lookups)) {
			for (const { id } of await recordsOf(lookup)) known.add(`${type}:${String(id)}`);
		}
		for (const { id, analytical_id, key } of await recordsOf('features_events')) {
			for (const name of [id, analytical_id, key]) known.add(String(name));
		}
		emulator.control.set({ rowsPerDay: 2_000 });
		const named = (await rowsOf({ event_type: ['track', 'track_feature', 'interaction'] })).map(
			({ event_type: type, event_name: name }) =>
				type === 'interaction' ? String(name).replace(/:[A-Z]+$/, '') : String(name),
		);
		const unknown = named.filter((name) => !known.has(name));
		expect(new Set(unknown)).toEqual(
			new Set(['legacy_import', '99', 'experience:9', 'launcher:3']),
		);
		expect(unknown.length / named.length).toBeLessThan(0.2);
		for (const type of Object.keys(lookups)) {
			expect(named.some((name) => name.startsWith(`${type}:`))).toBe(true);
		}
	});

	it('are the same in every export of a day, each with an id of its own', async () => {
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

	it('have the default event types, and session_start only on request', async () => {
		const types = new Set((await rowsOf()).map((row) => row.event_type));
		expect(types).toEqual(new Set<string>(DEFAULT_EVENT_TYPES));
		const sessions = await rowsOf({ event_type: ['session_start'] });
		expect(sessions).toHaveLength((7 * ROWS_PER_DAY) / 10);
	});

	it.each<[name: string, body: Record<string, unknown>, keeps: (row: Row) => boolean]>([
		['event_type', { event_type: ['track'] }, (row) => row.event_type === 'track'],
		['company_id', { company_id: ['comp_2'] }, (row) => row.company_id === 'comp_2'],
	])('are filtered by %s', async (_name, body, keeps) => {
		const all = await rowsOf();
		const filtered = await rowsOf(body);
		expect(filtered.length).toBeGreaterThan(0);
		expect(filtered).toEqual(all.filter(keeps));
	});

	it('are filtered by user_id', async () => {
		const all = await rowsOf();
		const userId = all[0]?.user_id as string;
		const filtered = await rowsOf({ user_id: [userId, 'nobody'] });
		expect(filtered).toEqual(all.filter((row) => row.user_id === userId));
		expect(await rowsOf({ user_id: ['nobody'] })).toEqual([]);
	});

	it('are filtered by segment and exclusions: the same people every time', async () => {
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
	it('CSV has the same rows, quoted where necessary', async () => {
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

	it('CSV has metadata as JSON text, not at all, or as columns', async () => {
		const [row] = await rowsOf({ event_type: ['identify_user'] });
		const metadata = row?.metadata as Record<string, unknown>;
		const read = async (csvMetadata: 'json' | 'none' | 'columns') => {
			emulator.control.set({ csvMetadata });
			const file = await exportFile({ format: 'csv', event_type: ['identify_user'] });
			const [header = [], first = []] = parseCsv(await textOf(file.url));
			return Object.fromEntries(header.map((column, index) => [column, first[index]]));
		};
		expect(JSON.parse((await read('json')).metadata ?? '')).toEqual(metadata);
		expect(Object.keys(await read('none')).filter((name) => /metadata/.test(name))).toEqual([]);
		const columns = await read('columns');
		expect(columns).not.toHaveProperty('metadata');
		expect(columns).toMatchObject({
			metadata_plan: metadata.plan,
			metadata_tags: JSON.stringify(metadata.tags),
			metadata_company_name: '',
		});
		expect(columns).toHaveProperty('metadata_last_invoice_amount');
	});

	it('CSV starts with a byte-order mark when set', async () => {
		emulator.control.set({ csvBom: true });
		expect((await textOf((await exportFile({ format: 'csv' })).url)).slice(0, 2)).toBe('\uFEFFa');
		expect((await textOf((await exportFile()).url)).slice(0, 1)).toBe('{');
	});

	it('JSON is one array when set', async () => {
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
