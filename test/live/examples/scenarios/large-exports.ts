import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Emulator } from '../../../../playground/emulator/server.ts';
import { exportedFiles, rowsOf } from '../../harness/exported-rows.ts';
import type { Instance } from '../../harness/n8n.ts';
import { count, machine, markdownTable, n8nVersion } from '../../harness/report.ts';
import { watchMemoryOfAll } from '../../harness/resident-memory.ts';
import { until } from '../../harness/until.ts';
import { API_KEY, requestsFor, startUserpilot } from '../../harness/userpilot.ts';
import { pollTimes } from '../../harness/workflows.ts';
import { Example } from '../example.ts';
import type { Context } from '../scenario.ts';
import { allExportedRows, canonical, differences } from '../stored-events.ts';
import { createWarehouse } from '../warehouse.ts';
import { DAY_MS, dayOf, firstMonday, WEEK_DAYS } from '../weeks.ts';

const TRIGGER = 'Export Completed';
const READ = 'Read the Rows';

interface Size {
	/** A file holds a week. */
	weeks: number;
	rowsPerDay: number;
}

const SMALL: Size = { weeks: 3, rowsPerDay: 960 };
/** Two parts for each file of `SMALL`, instead of 25,000. */
const SMALL_PART_ROWS = 5_000;

const FULL: Size[] = [
	{ weeks: 22, rowsPerDay: 13_000 },
	{ weeks: 1, rowsPerDay: 45_000 },
];
const FULL_TIMEOUT_MS = 3_600_000;
/** For n8n and the processes that it starts. */
const LIMIT_MB = 1_024;
/** What Node allows itself where there is 1 GB of memory. */
const HEAP_MB = 512;

/** Until this process has noticed which connections n8n has closed while it was busy comparing. */
const SOCKETS_MS = 200;

const HEADINGS = [
	...['Rows', 'Files', 'Rows in a file', 'Minutes', 'Rows a second'],
	...['Memory before', 'Memory at its peak'],
];

/** No event of these days can be stored. */
const FAILING = (from: string, to: string) => `
	CREATE FUNCTION fail() RETURNS trigger AS $$
	BEGIN
		RAISE EXCEPTION 'the disk is full';
	END $$ LANGUAGE plpgsql;
	CREATE TRIGGER fail BEFORE INSERT ON userpilot_events FOR EACH ROW
	WHEN (NEW.inserted_at >= '${from}' AND NEW.inserted_at < '${to}') EXECUTE FUNCTION fail();`;

/** Another value for each row that was written since, even with the same content. */
const WRITTEN =
	"SELECT count(*), md5(string_agg(internal_event_id || xmin, '' ORDER BY internal_event_id)) FROM userpilot_events";

type Warehouse = Awaited<ReturnType<typeof createWarehouse>>;

interface Setting extends Context {
	emulator: Emulator;
	warehouse: Warehouse;
	example: Example;
}

/** A completed export of full weeks; gives its job. */
function seedExport({ emulator }: Setting, weeks: number): string {
	const from = firstMonday(weeks);
	const to = from + (weeks * WEEK_DAYS - 1) * DAY_MS;
	const request = { from: dayOf(from), to: dayOf(to) };
	return emulator.control.seedJobs({ request })[0] ?? '';
}

/** Waits until the workflow has loaded an export of so many files. */
async function loaded(setting: Setting, files: number, timeoutMs?: number): Promise<void> {
	const { emulator, example } = setting;
	const requests = () => requestsFor(emulator, 'file').length;
	const before = requests();
	await until(() => requests() >= before + files, timeoutMs ?? 120_000);
	await example.idle(timeoutMs);
}

/** Files in n8n's binary store. */
const storedFiles = ({ userFolder }: Instance): string[] =>
	readdirSync(path.join(userFolder, '.n8n'), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && entry.parentPath.includes('binary_data'))
		.map(({ name }) => name);

/** A file for each week; a sub-workflow loads it, in parts. */
export async function largeExports(context: Context): Promise<void> {
	const { instance, postgres, full } = context;
	if (full) await instance.use({ NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` });
	const { emulator, credentialId } = await startUserpilot(instance, 'large-exports', {
		oddRows: true,
		contentLength: false,
	});
	const warehouse = await createWarehouse(instance, postgres, 'large');
	const example = await Example.create(
		instance,
		'large-exports-to-postgres',
		{ userpilotApi: credentialId, postgres: warehouse.credentialId },
		{ [TRIGGER]: { pollTimes } },
		full ? {} : { [READ]: { maxRowCount: SMALL_PART_ROWS } },
	);
	await example.publish();
	const setting = { ...context, emulator, warehouse, example };
	if (full) await measureAll(setting);
	else await loadFiles(setting);
	await example.unpublish();
	await emulator.close();
	if (full) await instance.use({});
}

async function loadFiles(setting: Setting): Promise<void> {
	const { instance, emulator, warehouse, example, findings } = setting;
	const { weeks, rowsPerDay } = SMALL;
	const compare = async (promise: string) => {
		const exported = await allExportedRows(emulator, API_KEY);
		findings.equal(promise, differences(warehouse, exported).slice(0, 3), []);
		await sleep(SOCKETS_MS);
	};
	const filesBefore = storedFiles(instance);
	emulator.control.set({ rowsPerDay });
	emulator.control.setFaults([{ operation: 'file', kind: 'status', status: 400, times: 2 }]);
	seedExport(setting, weeks);
	await loaded(setting, weeks);
	const [fault] = emulator.control.faults();
	findings.equal('two downloads of a file fail', fault?.hits, 2);
	const parts = weeks * Math.ceil((WEEK_DAYS * rowsPerDay) / SMALL_PART_ROWS);
	const downloads = requestsFor(emulator, 'file').length - 2;
	findings.equal('each file is read in parts', downloads, parts);
	await compare('every row of all files is there once');
	const written = warehouse.query(WRITTEN);
	findings.equal(
		'n8n keeps neither executions nor files',
		[(await example.ended()).length, storedFiles(instance)],
		[0, filesBefore],
	);

	seedExport(setting, weeks);
	await loaded(setting, weeks);
	findings.equal(
		'a second export of the same days writes nothing',
		warehouse.query(WRITTEN),
		written,
	);
	const again = await example.run(TRIGGER);
	findings.equal(
		'nor does a run by hand, of the newest export',
		[again.status, warehouse.query(WRITTEN)],
		['success', written],
	);

	emulator.control.set({ rowsPerDay: 0 });
	emulator.control.seedJobs();
	await loaded(setting, 1);
	const errors = async () => (await example.ended()).filter(({ status }) => status === 'error');
	findings.equal(
		'an export without rows is no error',
		[await errors(), warehouse.query(WRITTEN)],
		[[], written],
	);
	emulator.control.set({ rowsPerDay });

	const second = dayOf(firstMonday(weeks) + WEEK_DAYS * DAY_MS);
	const third = dayOf(firstMonday(weeks) + 2 * WEEK_DAYS * DAY_MS);
	warehouse.query(`TRUNCATE userpilot_events; ${FAILING(second, third)}`);
	const jobId = seedExport(setting, weeks);
	await loaded(setting, weeks);
	const failed = await errors();
	const { error = '' } = await instance.client.getExecution(failed[0]?.id ?? '');
	findings.check(
		'a file that cannot be stored is one error, which names export, file and cause',
		failed.length === 1 &&
			[jobId, `${second}.json.gz`, 'the disk is full'].every((text) => error.includes(text)),
		error,
	);
	const weeksThere =
		"SELECT string_agg(DISTINCT date_trunc('week', inserted_at)::date::text, ' ') FROM userpilot_events";
	findings.equal('and the other files are loaded', warehouse.query(weeksThere).split(' ').sort(), [
		dayOf(firstMonday(weeks)),
		third,
	]);
	warehouse.query('DROP TRIGGER fail ON userpilot_events');
	await example.run(TRIGGER);
	await compare('a run by hand then adds what is missing');
	findings.equal('and no file is left in n8n', storedFiles(instance), filesBefore);
}

async function measureAll(setting: Setting): Promise<void> {
	const lines: string[][] = [];
	for (const size of FULL) {
		lines.push(await measure(setting, size));
		console.log(`\n${markdownTable(HEADINGS, lines)}\n`);
	}
	console.log(`${machine()}, n8n ${n8nVersion()}, --max-old-space-size=${HEAP_MB}.\n`);
}

/** Loads one large export; gives a line of the table. */
async function measure(setting: Setting, { weeks, rowsPerDay }: Size): Promise<string[]> {
	const { instance, emulator, warehouse, findings } = setting;
	const name = `${count(weeks * WEEK_DAYS * rowsPerDay)} rows in ${weeks} files`;
	warehouse.query('DROP TABLE IF EXISTS userpilot_events');
	emulator.control.set({ rowsPerDay });
	const memory = watchMemoryOfAll(instance.process.pid);
	const startedAt = Date.now();
	const jobId = seedExport(setting, weeks);
	await loaded(setting, weeks, FULL_TIMEOUT_MS);
	const minutes = (Date.now() - startedAt) / 60_000;
	const { before, peak } = memory();
	const { exported, different } = await compareByFile(setting, jobId);
	await sleep(SOCKETS_MS);
	findings.equal(`${name}: each is there once`, different.slice(0, 3), []);
	const stored = Number(warehouse.query('SELECT count(*) FROM userpilot_events'));
	findings.equal(`${name}: and nothing else`, stored, exported);
	const [beforeMb, peakMb] = [before, peak].map((bytes) => Math.round(bytes / 1024 ** 2));
	findings.check(`${name}: n8n stays within ${LIMIT_MB} MB`, peakMb! <= LIMIT_MB, `${peakMb} MB`);
	return [
		count(stored),
		String(weeks),
		count(Math.round(stored / weeks)),
		minutes.toFixed(1),
		count(Math.round(stored / minutes / 60)),
		`${beforeMb} MB`,
		`${peakMb} MB`,
	];
}

/** Compares file by file, because not all rows fit in memory. Rows without a time come last. */
async function compareByFile({ emulator, warehouse }: Setting, jobId: string) {
	const within = (where: string) => ({
		query: (sql: string) =>
			warehouse.query(
				sql.replace(
					'FROM userpilot_events',
					`FROM (SELECT * FROM userpilot_events WHERE ${where})`,
				),
			),
	});
	const different: string[] = [];
	const undated = new Map<string, Record<string, unknown>>();
	let exported = 0;
	for await (const { filename, bytes } of exportedFiles(emulator, API_KEY, jobId)) {
		const dated = new Map<string, Record<string, unknown>>();
		for (const row of rowsOf(bytes)) (row.inserted_at ? dated : undated).set(canonical(row), row);
		const monday = filename.slice(0, 10);
		const week = `inserted_at >= '${monday}Z' AND inserted_at < '${monday}Z'::timestamptz + interval '7 days'`;
		different.push(...differences(within(week), [...dated.values()]));
		exported += dated.size;
	}
	different.push(...differences(within('inserted_at IS NULL'), [...undated.values()]));
	return { exported: exported + undated.size, different };
}
