import { gunzipSync } from 'node:zlib';

import type { Row } from '../../../playground/emulator/rows.ts';
import type { Emulator } from '../../../playground/emulator/server.ts';

/** A connection that was kept may be closed by the server just when it is used again. */
const ONE_REQUEST = { connection: 'close' };

/** The details of a job, as the API gives them. */
export async function jobDetails({ apiUrl }: Emulator, apiKey: string, jobId: string) {
	const headers = { authorization: `Token ${apiKey}`, ...ONE_REQUEST };
	const job = await fetch(`${apiUrl}/api/v1/analytics/exports/jobs/${jobId}`, { headers });
	return (await job.json()) as { presigned_urls: Array<{ filename: string; url: string }> };
}

/** The files of a job, one at a time, read without the node. */
export async function* exportedFiles(emulator: Emulator, apiKey: string, jobId: string) {
	const { presigned_urls: files } = await jobDetails(emulator, apiKey, jobId);
	for (const { filename, url } of files) {
		const file = await fetch(url, { headers: ONE_REQUEST });
		yield { filename, bytes: Buffer.from(await file.arrayBuffer()) };
	}
}

/** The job that was started last. */
export const lastJob = ({ control }: Emulator): string => control.ledger().jobs.at(-1)!.jobId;

export const linesOf = (bytes: Buffer): string[] =>
	gunzipSync(bytes)
		.toString()
		.split('\n')
		.filter((line) => line !== '');

/** The rows of a file with a row of JSON on each line. */
export const rowsOf = (bytes: Buffer): Row[] =>
	linesOf(bytes).map((line) => JSON.parse(line) as Row);

/** The rows of all files of a job; by default, of the last one. */
export async function exportedRows(
	emulator: Emulator,
	apiKey: string,
	jobId = lastJob(emulator),
): Promise<Row[]> {
	const all: Row[] = [];
	for await (const { bytes } of exportedFiles(emulator, apiKey, jobId)) {
		for (const row of rowsOf(bytes)) all.push(row);
	}
	return all;
}
