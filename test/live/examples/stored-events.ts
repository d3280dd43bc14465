import type { Emulator } from '../../../playground/emulator/server.ts';
import { exportedRows } from '../harness/exported-rows.ts';

type JsonObject = Record<string, unknown>;

interface Warehouse {
	query(sql: string): string;
}

/** Columns of `userpilot_events`, beside its key, `metadata` and `other_columns`. */
const COLUMNS = [
	...['inserted_at', 'event_type', 'event_name', 'user_id', 'company_id', 'source', 'app_token'],
	...['hostname', 'pathname', 'screen_width', 'screen_height', 'device_type', 'user_agent'],
	...['operating_system', 'browser', 'browser_language', 'session', 'country_code'],
];

const cleanText = (text: string) =>
	(text.replaceAll('\u0000', '') as string & { toWellFormed(): string }).toWellFormed();

/** What PostgreSQL can hold of a value: no U+0000, and U+FFFD instead of half a surrogate pair. */
export function clean(value: unknown): unknown {
	if (typeof value === 'string') return cleanText(value);
	if (Array.isArray(value)) return value.map(clean);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, inner]) => [cleanText(key), clean(inner)]),
	);
}

/** With the keys of all objects in order. */
export const canonical = (value: unknown): string =>
	JSON.stringify(value, (_, inner: unknown) =>
		typeof inner === 'object' && inner !== null && !Array.isArray(inner)
			? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
			: inner,
	);

/** An exported row as it must be stored: without an ID it gets one, which is not compared. */
function expectedOf(row: JsonObject): string {
	const { internal_event_id: id = 'md5', metadata, ...others } = clean(row) as JsonObject;
	const columns = COLUMNS.map((column) => [column, others[column] ?? null]);
	const unknown = Object.entries(others).filter(([column]) => !COLUMNS.includes(column));
	return canonical({
		...Object.fromEntries(columns),
		id,
		metadata: metadata === undefined ? 'missing' : { is: metadata },
		other_columns: unknown.length > 0 ? Object.fromEntries(unknown) : null,
	});
}

/** The stored rows, in the same form. */
function storedRows(warehouse: Warehouse): string[] {
	const lines = warehouse.query(`
		SELECT to_jsonb(e) - 'internal_event_id' || jsonb_build_object(
			'id', regexp_replace(internal_event_id, '^md5:[0-9a-f]{32}$', 'md5'),
			'inserted_at', to_char(inserted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
			'metadata', CASE WHEN metadata IS NULL THEN '"missing"' ELSE jsonb_build_object('is', metadata) END
		) FROM userpilot_events e`);
	return lines === '' ? [] : lines.split('\n').map((line) => canonical(JSON.parse(line)));
}

/** All rows that the exports of an emulator hold, each once. */
export async function allExportedRows(emulator: Emulator, apiKey: string): Promise<JsonObject[]> {
	const rows = new Map<string, JsonObject>();
	for (const { jobId, status } of emulator.control.ledger().jobs) {
		if (status !== 'completed') continue;
		for (const row of await exportedRows(emulator, apiKey, jobId)) rows.set(canonical(row), row);
	}
	return [...rows.values()];
}

/** Compares the table with what was exported, row by row: a text for each that differs, none if all is there once. */
export function differences(warehouse: Warehouse, exported: JsonObject[]): string[] {
	const counts = new Map<string, number>();
	const add = (row: string, by: number) => counts.set(row, (counts.get(row) ?? 0) + by);
	for (const row of exported) add(expectedOf(row), 1);
	for (const row of storedRows(warehouse)) add(row, -1);
	return [...counts].flatMap(([row, count]) => {
		if (count === 0) return [];
		return [`${count > 0 ? 'missing' : 'not exported'}: ${row.slice(0, 300)}`];
	});
}
