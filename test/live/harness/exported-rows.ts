import { gunzipSync } from 'node:zlib';

import type { Row } from '../../../playground/emulator/rows.ts';
import type { Emulator } from '../../../playground/emulator/server.ts';

/** A connection that was kept may be closed by the server just when it is used again. */
const ONE_REQUEST = { connection: 'close' };

/** The rows of each file of a job, read without the node. For files with a row of JSON on each line. */
export async function* exportedFiles({ apiUrl }: Emulator, apiKey: string, jobId: string) {
	const headers = { authorization: `Token ${apiKey}`, ...ONE_REQUEST };
	const job = await fetch(`${apiUrl}/api/v1/analytics/exports/jobs/${jobId}`, { headers });
	const { presigned_urls: files } = (await job.json()) as {
		presigned_urls: Array<{ filename: string; url: string }>;
	};
	for (const { filename, url } of files) {
		const file = Buffer.from(await (await fetch(url, { headers: ONE_REQUEST })).arrayBuffer());
		const lines = gunzipSync(file).toString().split('\n');
		const rows = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
		yield { filename, rows };
	}
}

/** The rows of all files of a job. */
export async function exportedRows(
	emulator: Emulator,
	apiKey: string,
	jobId: string,
): Promise<Row[]> {
	const all: Row[] = [];
	for await (const { rows } of exportedFiles(emulator, apiKey, jobId)) {
		for (const row of rows) all.push(row);
	}
	return all;
}
