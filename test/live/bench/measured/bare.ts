// The raw limit: the same work with Node's own http and zlib, without n8n and without any check.
import { createWriteStream } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

export const fetchFile = async (url: string): Promise<IncomingMessage> =>
	await new Promise((resolve, reject) => {
		get(url, resolve).on('error', reject);
	});

export const gunzip = (source: Readable): Readable =>
	source.pipe(createGunzip()).setEncoding('utf8') as Readable;

/** Gunzip, split, JSON.parse. */
async function readNdjson(source: Readable, take: (row: unknown) => void): Promise<void> {
	let rest = '';
	for await (const text of gunzip(source) as AsyncIterable<string>) {
		const lines = (rest + text).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) take(JSON.parse(line));
	}
	if (rest !== '') take(JSON.parse(rest));
}

export async function ndjsonRows(source: Readable): Promise<unknown[]> {
	const rows: unknown[] = [];
	await readNdjson(source, (row) => rows.push(row));
	return rows;
}

/** The same for rows that nobody keeps: as many as there are. */
export async function countNdjsonRows(source: Readable): Promise<number> {
	let count = 0;
	await readNdjson(source, () => count++);
	return count;
}

export async function binary(url: string, file: string): Promise<number> {
	const output = createWriteStream(file);
	await pipeline(await fetchFile(url), createGunzip(), output);
	return output.bytesWritten;
}

export async function twoFilesInTurn(url: string): Promise<number> {
	const first = await ndjsonRows(await fetchFile(url));
	const second = await ndjsonRows(await fetchFile(url));
	return first.length + second.length;
}

/** Room for the whole of the second file, so that nothing holds its download up. */
const AHEAD_BYTES = 1024 ** 3;

/** The most that fetching ahead can gain: the second file comes in while the first is parsed. */
export async function twoFilesOneAhead(url: string): Promise<number> {
	const ahead = new PassThrough({ highWaterMark: AHEAD_BYTES });
	const first = await fetchFile(url);
	const fetching = fetchFile(url).then((second) => second.pipe(ahead));
	const rows = await ndjsonRows(first);
	await fetching;
	return rows.length + (await ndjsonRows(ahead)).length;
}
