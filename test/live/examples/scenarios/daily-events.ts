import { API_KEY, startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import type { Context } from '../scenario.ts';
import { allExportedRows, differences } from '../stored-events.ts';
import { createWarehouse } from '../warehouse.ts';

/** Five batches of 1,000. */
const ROWS_PER_DAY = 4_000;
const ROWS_PER_DAY_OF_WEEK = 300;
const DAY = 'Every Day at 6:00';
const WEEK = 'Every Monday at 7:00';
const LOOP = 'Loop Over Batches';
const SUMMARY =
	"SELECT count(*), md5(string_agg(t::text, '' ORDER BY internal_event_id)) FROM userpilot_events t";

/** The third batch fails, and the fifth ends its connection, once or as often as they are tried. */
const FAILING = `
	CREATE SEQUENCE batches;
	CREATE FUNCTION fail() RETURNS trigger AS $$
	DECLARE
		batch bigint := nextval('batches');
	BEGIN
		IF batch = 3 OR batch BETWEEN 21 AND 30 THEN
			RAISE EXCEPTION 'batch % fails', batch;
		ELSIF batch = 5 THEN
			PERFORM pg_terminate_backend(pg_backend_pid());
			PERFORM pg_sleep(1);
		END IF;
		RETURN NULL;
	END $$ LANGUAGE plpgsql;
	CREATE TRIGGER fail BEFORE INSERT ON userpilot_events EXECUTE FUNCTION fail();`;

/** Rows that the emulator does not have. The number of those that are the same event as another one: 2. */
const OTHER_ROWS = [
	{ internal_event_id: 'now', inserted_at: 'now' },
	{ internal_event_id: 'no such day', inserted_at: '2026-02-31T00:00:00Z' },
	{ internal_event_id: 'number', inserted_at: 1_767_323_045 },
	{ internal_event_id: 'no zone', inserted_at: '2026-01-02 03:04:05', screen_width: 1536.5 },
	{ internal_event_id: 'other types', event_name: 42, user_id: { a: 1 }, screen_height: 'high' },
	{ internal_event_id: '\u0000', inserted_at: '2026-01-02T03:04:05Z', '': 'a column' },
	{ internal_event_id: null, inserted_at: '2026-01-02T03:04:05Z' },
	{ internal_event_id: 7, ['c'.repeat(90)]: 1, [`${'c'.repeat(90)}_`]: 2 },
	{ internal_event_id: Array.from({ length: 9_000 }, (_, index) => index % 97).join('') },
	{ event_type: 'track', metadata: { '\\': '\\\\u0000\\ud83d' } },
	{ event_type: 'track', metadata: { '\\': '\\\\u0000\\ud83d' } },
];

/** Yesterday's events every day, and those of the week once more, into one table. */
export async function dailyEvents({ instance, postgres, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'daily-events', {
		rowsPerDay: ROWS_PER_DAY,
		jobSeconds: 1,
		oddRows: true,
	});
	const warehouse = await createWarehouse(instance, postgres, 'daily');
	const example = await Example.create(instance, 'daily-events-to-postgres', {
		userpilotApi: credentialId,
		postgres: warehouse.credentialId,
	});
	const changedBy = async (trigger: string) => {
		const { status, error, output } = await example.run(trigger);
		if (status !== 'success') return error;
		return output(LOOP).reduce((sum, { changed }) => sum + Number(changed), 0);
	};
	const compare = async (promise: string) =>
		findings.equal(
			promise,
			differences(warehouse, await allExportedRows(emulator, API_KEY)).slice(0, 3),
			[],
		);
	const stored = () => Number(warehouse.query('SELECT count(*) FROM userpilot_events'));

	const daily = await changedBy(DAY);
	const rows = (await allExportedRows(emulator, API_KEY)).length;
	findings.equal('the first run makes the table and fills it with yesterday', daily, rows);
	await compare('every row is there once, as it was exported, also rows that are hard to store');
	const afterDay = warehouse.query(SUMMARY);
	findings.equal('the second run changes nothing', await changedBy(DAY), 0);
	findings.equal('and the table is the same, byte for byte', warehouse.query(SUMMARY), afterDay);
	findings.check(
		'a property can be read by its name',
		warehouse.query("SELECT count(*) FROM userpilot_events WHERE metadata ->> 'plan' <> ''") !==
			'0',
	);

	warehouse.query(`TRUNCATE userpilot_events; ${FAILING}`);
	findings.equal(
		'a batch that fails and a connection that ends are retried',
		await changedBy(DAY),
		rows,
	);
	await compare('and every row is there once');
	warehouse.query("TRUNCATE userpilot_events; SELECT setval('batches', 18)");
	const failure = String(await changedBy(DAY));
	const kept = stored();
	findings.check(
		'a batch that keeps failing is an error, and the two batches before it stay',
		failure.includes('batch 23 fails') && kept > 1_900 && kept <= 2_000,
		`${failure}; ${kept} rows`,
	);
	warehouse.query('DROP TRIGGER fail ON userpilot_events');
	findings.equal('the next run adds what is missing', await changedBy(DAY), rows - kept);
	await compare('and every row is there once');

	emulator.control.reset();
	emulator.control.set({ rowsPerDay: ROWS_PER_DAY_OF_WEEK });
	warehouse.query('TRUNCATE userpilot_events');
	await changedBy(DAY);
	const yesterday = stored();
	const weekly = await changedBy(WEEK);
	const all = (await allExportedRows(emulator, API_KEY)).length;
	findings.equal('the weekly run adds the six missing days', weekly, all - yesterday);
	await compare('and every row of the week is there once');
	const [day3, day2] = [3, 2].map((days) => `inserted_at::date = current_date - ${days}`);
	const lost = Number(
		warehouse.query(`SELECT count(*) FROM userpilot_events WHERE ${day3} OR ${day2}`),
	);
	warehouse.query(
		`DELETE FROM userpilot_events WHERE ${day3}; UPDATE userpilot_events SET browser = 'old' WHERE ${day2}`,
	);
	findings.equal('and a day that was lost or changed', await changedBy(WEEK), lost);
	findings.equal('and then nothing', await changedBy(WEEK), 0);

	warehouse.query('TRUNCATE userpilot_events');
	const upsert = `SELECT userpilot_upsert($q$${JSON.stringify(OTHER_ROWS)}$q$)`;
	findings.equal(
		'rows with times, types and IDs that their columns cannot hold are stored too',
		[warehouse.query(upsert), warehouse.query(upsert), stored()],
		[String(OTHER_ROWS.length - 2), '0', OTHER_ROWS.length - 2],
	);
	findings.equal(
		'and what a column cannot hold is in other_columns',
		warehouse.query(
			"SELECT other_columns ->> 'inserted_at', other_columns ->> 'screen_width', inserted_at AT TIME ZONE 'UTC', user_id, screen_height FROM userpilot_events WHERE internal_event_id IN ('now', 'no zone', 'other types') ORDER BY internal_event_id",
		),
		['|1536.5|2026-01-02 03:04:05||', 'now||||', '|||{"a": 1}|'].join('\n'),
	);
	await emulator.close();
}
