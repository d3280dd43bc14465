import { startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import type { Context } from '../scenario.ts';
import { createWarehouse } from '../warehouse.ts';

const ROWS_PER_DAY = 200;
const DAY = 'Every Day at 6:00';
const WEEK = 'Every Monday at 7:00';
const UPSERT = 'Upsert the Events';
const SUMMARY =
	"SELECT count(*), count(DISTINCT inserted_at::date), md5(string_agg(t::text, '' ORDER BY internal_event_id)) FROM userpilot_events t";

/** Yesterday's events every day, and those of the week once more, into one table. */
export async function dailyEvents({ instance, postgres, findings }: Context): Promise<void> {
	const userpilot = await startUserpilot(instance, 'daily-events', {
		rowsPerDay: ROWS_PER_DAY,
		jobSeconds: 1,
	});
	const warehouse = await createWarehouse(instance, postgres, 'daily');
	const example = await Example.create(instance, 'daily-events-to-postgres', {
		userpilotApi: userpilot.credentialId,
		postgres: warehouse.credentialId,
	});
	const changedBy = async (trigger: string) => {
		const { status, error, output } = await example.run(trigger);
		return status === 'success' ? Number(output(UPSERT)[0]?.changed) : error;
	};
	const daily = await changedBy(DAY);
	const afterDay = warehouse.query(SUMMARY);
	findings.check(
		'the first run makes the table and fills it with the events of yesterday',
		daily === ROWS_PER_DAY && afterDay.startsWith(`${daily}|1|`),
		`${daily} rows changed; ${afterDay}`,
	);
	findings.equal('the second run changes nothing', await changedBy(DAY), 0);
	findings.equal('and the table is the same, byte for byte', warehouse.query(SUMMARY), afterDay);
	findings.check(
		'nested properties are columns',
		warehouse.query(
			"SELECT count(*) FROM userpilot_events WHERE metadata_plan <> '' AND browser <> '' AND metadata_last_invoice_amount::numeric >= 0",
		) !== '0',
	);

	// A late day, and one whose rows have changed since.
	const weekly = await changedBy(WEEK);
	findings.check(
		'the weekly run adds the six missing days',
		weekly === 6 * ROWS_PER_DAY && warehouse.query(SUMMARY).includes('|7|'),
		`${weekly} rows changed`,
	);
	warehouse.query(
		"DELETE FROM userpilot_events WHERE inserted_at::date = current_date - 3; UPDATE userpilot_events SET browser = 'old' WHERE inserted_at::date = current_date - 2",
	);
	findings.equal(
		'and a day that was lost or changed, nothing else',
		await changedBy(WEEK),
		2 * ROWS_PER_DAY,
	);
	findings.equal('and then nothing', await changedBy(WEEK), 0);
	await userpilot.emulator.close();
}
