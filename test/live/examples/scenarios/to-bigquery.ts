import { createHash } from 'node:crypto';

import { exportedFiles, exportedRows, lastJob, linesOf } from '../../harness/exported-rows.ts';
import { API_KEY, startUserpilot } from '../../harness/userpilot.ts';
import { watchResidentMemory } from '../../harness/resident-memory.ts';
import { Example } from '../example.ts';
import { saveGoogle } from '../google.ts';
import { failures, queries } from '../hosts/big-query.ts';
import { brokenUploads, objects } from '../hosts/cloud-storage.ts';
import type { Context } from '../scenario.ts';

const DAILY = 'Every Day at 6:00';
const WEEKLY = 'Every Monday at 7:00';
const UPLOAD = 'Upload to Bucket';
const LOAD = 'Load Into BigQuery';
const [PROJECT, DATASET, BUCKET] = ['my-project', 'userpilot', 'my-bucket'];
/** Three chunks of 8 MB, and with `--full` more than 100 MB. */
const ROWS_PER_DAY = { brief: 250_000, full: 1_600_000 };
const ODD_ROWS_PER_DAY = 400;
const MEGABYTE = 1e6;

/** Files through a bucket into BigQuery. The SQL is not run here: of it, only what it reads and where is checked. */
export async function toBigQuery({ instance, findings, full }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'to-bigquery', {
		oddRows: true,
		rowsPerDay: ODD_ROWS_PER_DAY,
		jobSeconds: 1,
	});
	const example = await Example.create(instance, 'exports-to-bigquery', {
		userpilotApi: credentialId,
		googleApi: await saveGoogle(instance),
	});
	const filesOf = async (jobId: string) => {
		const files: Array<{ name: string; bytes: Buffer }> = [];
		for await (const { filename, bytes } of exportedFiles(emulator, API_KEY, jobId)) {
			const name = `${BUCKET}/userpilot/${jobId}/${files.length + 1}-${filename}`;
			files.push({ name, bytes });
		}
		return files;
	};
	const isUploaded = ({ name, bytes }: { name: string; bytes: Buffer }) =>
		objects.get(name)?.sha256 === createHash('sha256').update(bytes).digest('hex');

	const daily = await example.run(DAILY);
	findings.equal('it succeeds', [daily.status, daily.error], ['success', undefined]);
	const files = await filesOf(lastJob(emulator));
	findings.check(
		'the files are in the bucket, by SHA-256',
		files.length > 0 && files.every(isUploaded),
		files.map(({ name }) => name).join(', '),
	);
	const rows = await exportedRows(emulator, API_KEY);
	const lines = files.flatMap(({ bytes }) => linesOf(bytes));
	findings.equal(
		'a line is a row, and holds no character that divides or quotes it for BigQuery',
		[lines.length, lines.filter((line) => line.includes('\u0001')).length],
		[rows.length, 0],
	);
	const [query] = queries;
	const table = (name: string) => `\`${PROJECT}.${DATASET}.${name}\``;
	findings.check(
		'one query loads that folder, and merges it into the table',
		queries.length === 1 &&
			query!.project === PROJECT &&
			!query!.useLegacySql &&
			query!.query.includes(`uris = ['gs://${BUCKET}/userpilot/${lastJob(emulator)}/*']`) &&
			query!.query.includes(`MERGE ${table('userpilot_events')} AS known`) &&
			query!.query.split(table(`userpilot_lines_${daily.id}`)).length === 5 &&
			!query!.query.includes('{{'),
	);
	findings.equal('its result is shown', daily.output(LOAD), [{ new_events: '7' }]);

	const weekly = await example.run(WEEKLY);
	const weekFiles = await filesOf(lastJob(emulator));
	findings.check(
		'the weekly run loads all files by one query',
		weekly.status === 'success' &&
			weekFiles.length > 1 &&
			weekFiles.every(isUploaded) &&
			queries.length === 2,
		weekly.error ?? `${weekFiles.length} files`,
	);

	failures.push('Bytes are missing', 'Bytes are missing', 'Bytes are missing');
	const refused = await example.run(DAILY);
	findings.check(
		'a load that fails three times makes the run fail, with the error of BigQuery',
		refused.status === 'error' && (refused.error ?? '').includes('Bytes are missing'),
		refused.error,
	);

	emulator.control.set({
		oddRows: false,
		rowsPerDay: full ? ROWS_PER_DAY.full : ROWS_PER_DAY.brief,
	});
	brokenUploads.left = 1;
	const growth = watchResidentMemory(instance.process.pid);
	const startedAt = Date.now();
	const large = await example.run(DAILY);
	const seconds = Math.round((Date.now() - startedAt) / 1_000);
	const grown = Math.round(growth() / MEGABYTE);
	const [largeFile] = await filesOf(lastJob(emulator));
	const stored = objects.get(largeFile!.name);
	findings.check(
		'a large file is uploaded in chunks, also when the upload breaks off once',
		large.status === 'success' && isUploaded(largeFile!) && stored!.chunks > 1,
		large.error ??
			`${Math.round(stored!.bytes / MEGABYTE)} MB in ${stored!.chunks} chunks, ${seconds} s, +${grown} MB of memory`,
	);
	findings.equal('under one name', large.output(UPLOAD).length, 1);
	await emulator.close();
}
