import { hasEnded } from '../../../../playground/executions.ts';
import { until } from '../../harness/until.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import type { Context } from '../scenario.ts';
import { createWarehouse } from '../warehouse.ts';

const MONTHS = 12;
const ROWS_PER_DAY = 10;
const TRIGGER = 'Every 10 Minutes';

/** A year, month by month, stopped in the middle, and resumed. */
export async function backfill({ instance, postgres, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'backfill', {
		rowsPerDay: ROWS_PER_DAY,
		jobSeconds: 0,
	});
	const warehouse = await createWarehouse(instance, postgres, 'backfill');
	const example = await Example.create(instance, 'backfill-a-year', {
		userpilotApi: credentialId,
		postgres: warehouse.credentialId,
	});
	const done = () =>
		Number(warehouse.query('SELECT count(*) FROM userpilot_backfill WHERE done_at IS NOT NULL'));
	const exports = () => emulator.control.ledger().jobs.length;

	emulator.control.set({ rowsPerDay: 0 });
	await example.run(TRIGGER);
	findings.equal('a month without events counts as done', [done(), exports()], [1, 1]);
	emulator.control.set({ rowsPerDay: ROWS_PER_DAY });
	await example.run(TRIGGER);
	findings.equal('a month with each run', [done(), exports()], [2, 2]);

	// The third month is stopped while its export runs; a run meanwhile starts no other.
	emulator.control.set({ jobSeconds: 3_600 });
	const stopped = await example.start(TRIGGER);
	await until(() => exports() === 3, 30_000);
	await example.run(TRIGGER);
	findings.equal('a run during another one starts nothing', [done(), exports()], [2, 3]);
	await instance.client.stopExecution(stopped);
	await until(async () => hasEnded(await instance.client.getExecution(stopped)), 30_000);
	await example.run(TRIGGER);
	findings.equal('a month that was stopped is left for an hour', [done(), exports()], [2, 3]);
	warehouse.query("UPDATE userpilot_backfill SET started_at = started_at - interval '61 minutes'");
	emulator.control.finishJob(emulator.control.ledger().jobs.at(-1)!.jobId, 'completed');
	emulator.control.set({ jobSeconds: 0 });
	for (let month = done(); month < MONTHS; month++) await example.run(TRIGGER);
	const ended = exports();
	await example.run(TRIGGER);
	findings.equal('then all other months, and no more', [done(), exports()], [MONTHS, ended]);
	const days =
		"SELECT count(DISTINCT (inserted_at AT TIME ZONE 'UTC')::date), max(month) - min(month) FROM userpilot_events, userpilot_backfill";
	const [found, expected] = warehouse.query(days).split('|');
	findings.check(
		'every day of the eleven months with events is there',
		found === expected,
		`${found} days of ${expected}`,
	);
	findings.equal(
		'as many events as the exports have',
		warehouse.query('SELECT count(*) FROM userpilot_events'),
		warehouse.query('SELECT sum(events) FROM userpilot_backfill'),
	);
	await emulator.close();
}
