import { hasEnded } from '../../../../playground/executions.ts';
import { until } from '../../harness/until.ts';
import { API_KEY, startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import type { Context } from '../scenario.ts';
import { allExportedRows, differences } from '../stored-events.ts';
import { createWarehouse } from '../warehouse.ts';

/** Of the 365, so that it does not take an hour. */
const DAYS = 7;
const ROWS_PER_DAY = 300;
const TRIGGER = 'Every 5 Minutes';

/** A year, day by day: stopped in the middle, with a day that fails, and with runs at the same time. */
export async function backfill({ instance, postgres, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'backfill', {
		rowsPerDay: ROWS_PER_DAY,
		jobSeconds: 0,
		oddRows: true,
	});
	const { control } = emulator;
	const warehouse = await createWarehouse(instance, postgres, 'backfill');
	const example = await Example.create(instance, 'backfill-a-year', {
		userpilotApi: credentialId,
		postgres: warehouse.credentialId,
	});
	const exports = () => control.ledger().jobs.length;
	const daysWhere = (condition: string) =>
		Number(warehouse.query(`SELECT count(*) FROM userpilot_backfill WHERE ${condition}`));
	const loaded = () => daysWhere('done_at IS NOT NULL AND attempts > 0');
	/** As if so much time had passed. */
	const wait = (time: string) =>
		warehouse.query(`UPDATE userpilot_backfill SET started_at = started_at - interval '${time}'`);
	const run = async () => {
		const { status, error } = await example.run(TRIGGER);
		return error ?? status;
	};

	control.set({ rowsPerDay: 0 });
	findings.equal('a day without events', await run(), 'success');
	findings.equal('counts as done', [loaded(), exports()], [1, 1]);
	const span = 'SELECT count(*), max(day) - min(day) FROM userpilot_backfill';
	findings.equal('there are 365 days in a row', warehouse.query(span), '365|364');
	warehouse.query(`UPDATE userpilot_backfill SET done_at = now() WHERE day NOT IN (
		SELECT day FROM userpilot_backfill ORDER BY day DESC LIMIT ${DAYS})`);
	control.set({ rowsPerDay: ROWS_PER_DAY });

	// Two at the same time: one of them finds a day.
	const pair = await Promise.all([example.run(TRIGGER), example.run(TRIGGER)]);
	findings.equal(
		'of two runs at the same time, one loads a day, and the other one does nothing',
		[pair.map(({ error, status }) => error ?? status), loaded(), exports()],
		[['success', 'success'], 2, 2],
	);

	// The third day is stopped while its export runs.
	control.set({ jobSeconds: 3_600 });
	const stopped = await example.start(TRIGGER);
	await until(() => exports() === 3, 60_000);
	findings.equal('a run during another one', await run(), 'success');
	findings.equal('starts nothing', [loaded(), exports()], [2, 3]);
	await instance.client.stopExecution(stopped);
	await until(async () => hasEnded(await instance.client.getExecution(stopped)), 30_000);
	control.finishJob(control.ledger().jobs.at(-1)!.jobId, 'completed');
	control.set({ jobSeconds: 0 });
	wait('21 minutes');
	await run();
	findings.equal(
		'after a run that was stopped, the next day follows',
		[loaded(), exports()],
		[3, 4],
	);

	// The fifth day fails each time that it is tried.
	control.set({ failureRate: 1 });
	const failure = await run();
	findings.check('a day whose exports fail is an error', failure !== 'success', failure);
	const failed = exports() - 4;
	await run();
	findings.equal('and for 20 minutes nothing else is started', exports(), 4 + failed);
	wait('21 minutes');
	control.set({ failureRate: 0 });
	while (loaded() < DAYS - 2) {
		const before = loaded();
		await run();
		if (loaded() === before) break;
	}
	findings.equal('the other days follow', loaded(), DAYS - 2);
	findings.equal('those two days are listed', daysWhere('done_at IS NULL AND attempts = 1'), 2);
	await run();
	findings.equal('and are left alone for two hours', loaded(), DAYS - 2);
	wait('2 hours');
	await run();
	await run();
	findings.equal('then they are loaded', [loaded(), daysWhere('done_at IS NULL')], [DAYS, 0]);
	const ended = exports();
	findings.equal('a run after the last day', await run(), 'success');
	findings.equal('starts nothing', exports(), ended);
	const rows = await allExportedRows(emulator, API_KEY);
	findings.equal(
		'every row of every day is there once, as it was exported',
		differences(warehouse, rows).slice(0, 3),
		[],
	);
	findings.equal(
		'the list of days counts them',
		Number(warehouse.query('SELECT sum(events) FROM userpilot_backfill')),
		rows.filter((row) => row.inserted_at).length,
	);

	// The moment that two runs seldom meet: a day is taken, and that is not committed yet.
	warehouse.query('UPDATE userpilot_backfill SET done_at = NULL, started_at = NULL');
	const take = 'SELECT next_day FROM userpilot_next_day()';
	const first = warehouse.start(`BEGIN; ${take}; SELECT pg_sleep(3); COMMIT`);
	const sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
	await until(() => warehouse.query(sleeping) === '1', 10_000);
	const second = warehouse.query(take);
	findings.check(
		'a day is taken once, also in the same moment',
		/^\d{4}-/m.test(await first) && second === '',
		`${await first}; ${second}`.replaceAll('\n', ' '),
	);
	await emulator.close();
}
