import { gunzipSync } from 'node:zlib';

import type { Row } from '../../../playground/emulator/rows.ts';
import type { Emulator } from '../../../playground/emulator/server.ts';

/** A connection that was kept may be closed by the server just when it is used again. */
const ONE_REQUEST = { connection: 'close' };

/** The rows of a job as its files hold them, read without the node. For files with a row of JSON on each line. */
export async function exportedRows(
	{ apiUrl }: Emulator,
	apiKey: string,
	jobId: string,
): Promise<Row[]> {
	const headers = { authorization: `Token ${apiKey}`, ...ONE_REQUEST };
	const job = await fetch(`${apiUrl}/api/v1/analytics/exports/jobs/${jobId}`, { headers });
	const { presigned_urls: files } = (await job.json()) as {
		presigned_urls: Array<{ url: string }>;
	};
	const rows: Row[] = [];
	for (const { url } of files) {
		const file = Buffer.from(await (await fetch(url, { headers: ONE_REQUEST })).arrayBuffer());
		for (const line of gunzipSync(file).toString().split('\n')) {
			if (line !== '') rows.push(JSON.parse(line) as Row);
		}
	}
	return rows;
}
