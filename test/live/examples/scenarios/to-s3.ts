import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

import { jobDetails } from '../../harness/exported-rows.ts';
import { API_KEY, startUserpilot } from '../../harness/userpilot.ts';
import { pollTimes } from '../../harness/workflows.ts';
import { Example } from '../example.ts';
import { startS3 } from '../s3.ts';
import type { Context } from '../scenario.ts';

const BUCKET = 'userpilot.exports';
/** About 12 MB compressed: three parts. */
const ROWS_PER_DAY = 180_000;
const UPLOAD = 'Upload to S3';
const ODD_NAMES = [
	'a b.json.gz',
	'über ❤ 100 %.json.gz',
	'what&uploads=1;x=2#3.json.gz',
	'%2e%2e%2f+=,;@$!(*)~.json.gz',
	"O'Brien [1] {2} <3>.json.gz",
];

/** The files of a finished export, in parts, to an S3-compatible server. */
export async function toS3({ instance, findings, folder }: Context): Promise<void> {
	const s3 = await startS3(path.join(folder, 's3'), BUCKET);
	const { emulator, credentialId } = await startUserpilot(instance, 'to-s3');
	const aws = await instance.client.saveCredential('AWS', 'aws', s3.credential);
	const example = await Example.create(
		instance,
		'finished-exports-to-s3',
		{ userpilotApi: credentialId, aws: aws.id },
		{
			'Export Completed': {
				startFrom: 'existing',
				pollTimes,
			},
			[UPLOAD]: { bucketName: BUCKET },
		},
	);
	await example.publish();
	emulator.control.set({ rowsPerDay: ROWS_PER_DAY });
	const [jobId = ''] = emulator.control.seedJobs();
	const [execution] = await example.executions(1);
	findings.equal(
		'the export is uploaded',
		[execution!.status, execution!.error],
		['success', undefined],
	);
	const { filename, bytes_compressed: bytes } = execution!.output('Download the Files')[0] ?? {};
	const file = s3.fileOf(`${jobId}/${String(filename)}`);
	const object = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
	const parts = s3.log().match(/Stored part /g)?.length ?? 0;
	findings.check(
		'the object is the whole file, in parts',
		object.length === bytes && parts > 1,
		`${object.length} bytes in ${parts} parts, ${createHash('sha256').update(object).digest('hex').slice(0, 12)}`,
	);
	const rows = object.length > 0 ? gunzipSync(object).toString().trimEnd().split('\n').length : 0;
	findings.equal('with all of its rows', rows, ROWS_PER_DAY);
	findings.check('under one name', execution!.output(UPLOAD).length === 1);

	const second = await example.run('Export Completed');
	findings.check(
		'a second run replaces the object with the same',
		second.status === 'success' && readFileSync(file).equals(object),
		second.error,
	);

	const { control } = emulator;
	control.set({ rowsPerDay: 100 });
	const [oddJob = ''] = control.seedJobs();
	const details = await jobDetails(emulator, API_KEY, oddJob);
	const [link] = details.presigned_urls;
	const odd = ODD_NAMES.map((name) => ({ filename: name, url: link!.url }));
	const text = JSON.stringify({ ...details, presigned_urls: odd });
	control.setFaults([{ operation: 'getJob', kind: 'body', text }]);
	const executions = await example.executions(3);
	await example.unpublish();
	const oddBytes = Buffer.from(await (await fetch(link!.url)).arrayBuffer());
	// Our node has replaced the characters that no file system takes.
	const names = executions[2]!.output('Download the Files').map(({ filename }) => filename);
	const stored = new Set(
		names.filter((name) => {
			const copy = s3.fileOf(`${oddJob}/${String(name)}`);
			return existsSync(copy) && readFileSync(copy).equals(oddBytes);
		}),
	);
	findings.check(
		'files with odd names are objects of these names',
		executions[2]!.status === 'success' && stored.size === ODD_NAMES.length,
		executions[2]!.error ?? `${stored.size} of ${ODD_NAMES.length}: ${names.join(', ')}`,
	);
	await s3.stop();
	await emulator.close();
}
