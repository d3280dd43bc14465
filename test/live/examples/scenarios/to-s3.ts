import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

import { startUserpilot } from '../../harness/userpilot.ts';
import { pollTimes } from '../../harness/workflows.ts';
import { Example } from '../example.ts';
import { startS3 } from '../s3.ts';
import type { Context } from '../scenario.ts';

const BUCKET = 'userpilot.exports';
/** About 12 MB compressed: three parts. */
const ROWS_PER_DAY = 180_000;
const UPLOAD = 'Upload to S3';

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
		},
	);
	await example.publish();
	emulator.control.set({ rowsPerDay: ROWS_PER_DAY });
	const [jobId = ''] = emulator.control.seedJobs();
	const [execution] = await example.executions(1);
	await example.unpublish();
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
	await s3.stop();
	await emulator.close();
}
