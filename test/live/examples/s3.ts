import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Failure } from '../../../playground/failure.ts';
import { freePort, LOOPBACK } from '../../../playground/ports.ts';
import { startProcess } from '../../../playground/processes.ts';
import { LIVE } from '../harness/tools.ts';
import { until } from '../harness/until.ts';

const READY_TIMEOUT_MS = 30_000;
/** The only key that s3rver accepts. */
const KEY = 'S3RVER';

/**
 * Starts an S3-compatible server with one bucket: s3rver.
 *
 * @param folder where it keeps its objects, below the bucket's name
 */
export async function startS3(folder: string, bucket: string) {
	const port = await freePort();
	const objects = path.join(folder, 'objects');
	const logFile = path.join(folder, 's3.log');
	const running = await startProcess({
		command: process.execPath,
		args: [path.join(LIVE, 'examples', 's3-server.mjs'), String(port), objects, bucket],
		cwd: LIVE,
		logFile,
	});
	const log = () => readFileSync(logFile, 'utf8');
	if (!(await until(() => log().includes('ready') || !running.running, READY_TIMEOUT_MS))) {
		throw new Failure(`The S3 server did not start: ${log()}`);
	}
	return {
		log,
		/** Refuses objects with this text in their names; empty: none. */
		refuse: (text: string) => writeFileSync(path.join(objects, 'refused'), text),
		/** The file that holds an object. */
		fileOf: (key: string) => path.join(objects, bucket, `${key}._S3rver_object`),
		credential: {
			region: 'us-east-1',
			accessKeyId: KEY,
			secretAccessKey: KEY,
			customEndpoints: true,
			s3Endpoint: `http://${LOOPBACK}:${port}`,
		},
		stop: async () => await running.stop(),
	};
}
