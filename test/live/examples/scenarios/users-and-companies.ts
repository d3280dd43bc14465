import { API_KEY, startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import type { Context } from '../scenario.ts';
import { allExportedRows, canonical, clean } from '../stored-events.ts';
import { createWarehouse } from '../warehouse.ts';

const FIRST = 'First Run';
const DAY = 'Every Day at 6:00';
const DAYS = 365;
const KINDS = [
	{ table: 'userpilot_users', id: 'user_id', type: 'identify_user', loop: 'Loop Over Users' },
	{
		table: 'userpilot_companies',
		id: 'company_id',
		type: 'identify_company',
		loop: 'Loop Over Companies',
	},
];

type JsonObject = Record<string, unknown>;

/** Rows that the emulator does not have: four users, of whom one is there twice, and two rows without an ID. */
const OTHER_ROWS = [
	{ user_id: 'nul\u0000', inserted_at: 'yesterday', metadata: 'text' },
	{ user_id: 'nul', inserted_at: '2026-01-02', metadata: { plan: 'pro' } },
	{ user_id: 42, inserted_at: null, metadata: [1] },
	{ user_id: Array.from({ length: 9_000 }, (_, index) => index % 97).join('') },
	{ user_id: { a: 1 }, metadata: null },
	{ user_id: '', inserted_at: '2026-01-02' },
	{ user_id: null, inserted_at: '2026-01-02' },
];

/** Of each user or company, the row with the greatest time, the last one if equal. */
function latestOf(rows: JsonObject[], id: string, type: string): string[] {
	const latest = new Map<string, JsonObject>();
	for (const row of rows) {
		const key = String(row[id] ?? '');
		if (row.event_type !== type || key === '') continue;
		const known = latest.get(key);
		const isNewer = String(row.inserted_at ?? '') >= String(known?.inserted_at ?? '');
		if (!known || isNewer) latest.set(key, row);
	}
	return [...latest.values()].map((row) => canonical(clean(row))).sort();
}

/** Users and companies in their latest state: only newer events change them, and properties are merged. */
export async function usersAndCompanies({ instance, postgres, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'users', {
		rowsPerDay: 60,
		jobSeconds: 0,
		oddRows: true,
	});
	const warehouse = await createWarehouse(instance, postgres, 'users');
	const example = await Example.create(instance, 'users-and-companies-to-postgres', {
		userpilotApi: credentialId,
		postgres: warehouse.credentialId,
	});
	const changedBy = async (trigger: string) => {
		const { status, error, output } = await example.run(trigger);
		if (status !== 'success') return error;
		return KINDS.map(({ loop }) =>
			output(loop).reduce((sum, { changed }) => sum + Number(changed), 0),
		);
	};
	/** The rows that the tables hold, put together again. */
	const stored = ({ table }: { table: string }) =>
		warehouse
			.query(
				`SELECT latest_event || CASE WHEN properties IS NULL THEN '{}' ELSE jsonb_build_object('metadata', properties) END FROM ${table}`,
			)
			.split('\n')
			.map((line) => canonical(JSON.parse(line)))
			.sort();

	const first = await changedBy(FIRST);
	const [from, to] = [DAYS, 1].map((days) =>
		new Date(emulator.control.now() - days * 86_400_000).toISOString().slice(0, 10),
	);
	findings.equal(
		'the first run exports 365 days of users, and then of companies',
		emulator.control
			.ledger()
			.jobs.map(({ request }) => [request.from, request.to, request.event_type]),
		KINDS.map(({ type }) => [from, to, [type]]),
	);
	const rows = await allExportedRows(emulator, API_KEY);
	const expected = KINDS.map(({ id, type }) => latestOf(rows, id, type));
	findings.equal(
		'it adds each user and each company once',
		first,
		expected.map(({ length }) => length),
	);
	for (const [index, kind] of KINDS.entries()) {
		const found = stored(kind);
		findings.equal(
			`${kind.table} holds the latest row of each, also of those that are hard to store`,
			found.filter((row, at) => row !== expected[index]![at]).slice(0, 2),
			[],
		);
	}
	findings.equal('the second run changes nothing', await changedBy(FIRST), [0, 0]);
	findings.equal('nor does the daily one', await changedBy(DAY), [0, 0]);

	// The users with an event in the last 7 days whose properties are an object: one ahead, one behind, one lost.
	const [ahead, behind, lost] = warehouse
		.query(
			"SELECT user_id FROM userpilot_users WHERE identified_at > now() - interval '6 days' AND jsonb_typeof(properties) = 'object' ORDER BY user_id LIMIT 3",
		)
		.split('\n');
	const state = (user = '') =>
		warehouse.query(
			`SELECT properties - 'mine', properties ->> 'mine', identified_at FROM userpilot_users WHERE user_id = '${user}'`,
		);
	const before = [ahead, behind, lost].map(state);
	warehouse.query(`
		UPDATE userpilot_users SET identified_at = now(), properties = '{"plan": "newer"}' WHERE user_id = '${ahead}';
		UPDATE userpilot_users SET identified_at = '2020-01-01', properties = '{"plan": "older", "mine": "kept"}' WHERE user_id = '${behind}';
		DELETE FROM userpilot_users WHERE user_id = '${lost}'`);
	findings.equal('the daily run changes what is behind or lost', await changedBy(DAY), [2, 0]);
	findings.check('an older event changes nothing', state(ahead).startsWith('{"plan": "newer"}'));
	findings.equal(
		'a newer one replaces its properties, and keeps those that it does not name',
		state(behind),
		before[1]!.replace('||', '|kept|'),
	);
	findings.equal('and a lost user is back', state(lost), before[2]);

	warehouse.query('TRUNCATE userpilot_users');
	const upsert = `SELECT userpilot_upsert_users($q$${JSON.stringify(OTHER_ROWS)}$q$)`;
	findings.equal(
		'IDs and times of any kind are stored, no row without an ID, and again changes nothing',
		[warehouse.query(upsert), warehouse.query(upsert)],
		['4', '0'],
	);
	findings.equal(
		'a long ID is hashed, and a time that cannot be read is older than any other',
		warehouse.query(
			"SELECT regexp_replace(user_id, '[0-9a-f]{32}', ''), identified_at::date, properties FROM userpilot_users ORDER BY user_id",
		),
		['42||[1]', 'md5:||', 'nul|2026-01-02|{"plan": "pro"}', '{"a": 1}||null'].join('\n'),
	);
	await emulator.close();
}
