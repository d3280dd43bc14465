// One measurement of what reads files, in a process of its own, without n8n and HTTP: prints it as JSON.
import { parse } from 'csv-parse/sync';
import type { IDataObject } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { gunzip } from '../../../../nodes/Userpilot/download/gunzip';
import { readRows } from '../../../../nodes/Userpilot/rows/readRows';
import { encodingOf } from '../../../../playground/emulator/formats';
import { rowsOfDay } from '../../../../playground/emulator/rows';
import type { FileMeasurement, FileWork } from './task';

const CHUNK_BYTES = 64 * 1024;
const DIFFERENT_ROWS = 20_000;
const REPEATS = 10;
const DECIMAL_ROWS = 50_000;
const DECIMALS = 10;
const PAGES = 80;
const PAGE_BYTES = 256 * 1024;

const NOTHING = { cpuMs: 0, heapBytes: 0, requests: 0, bytesRead: 0, fileBytes: 0 };

/** A text that is the same in each run and cannot be guessed. */
const noise = (seed: number | string, bytes: number) =>
	Buffer.concat(
		Array.from({ length: Math.ceil(bytes / 64) }, (_, index) =>
			createHash('sha512').update(`${seed} ${index}`).digest(),
		),
	).subarray(0, bytes);

/** Event rows as CSV: a column of them holds JSON. */
function eventsAsCsv(): Buffer {
	const { head, row } = encodingOf('csv', { jsonArray: false, csvBom: false });
	const source = { appToken: 'NX-00000000', seed: 1, rowsPerDay: DIFFERENT_ROWS };
	const lines: string[] = [];
	for (const event of rowsOfDay(source, '2024-07-29')) {
		lines.push(row(event, lines.length));
		if (lines.length === DIFFERENT_ROWS) break;
	}
	return Buffer.from(head + lines.join('').repeat(REPEATS));
}

/** NDJSON of ten decimals a row, each of 16 digits. */
function decimals(): Buffer {
	const digits = BigInt(`0x${noise('decimals', DECIMAL_ROWS).toString('hex')}`).toString();
	const decimal = (index: number) =>
		`0.${1 + (index % 9)}${digits.substr((index * 7) % 100_000, 14)}1`;
	const lines = Array.from({ length: DECIMAL_ROWS }, (_, row) => {
		const members = Array.from(
			{ length: DECIMALS },
			(_value, column) => `"d${column}":${decimal(row * DECIMALS + column)}`,
		);
		return `{${members.join()}}\n`;
	});
	return Buffer.from(lines.join(''));
}

/** As a Parquet file with gzip pages, packed once more: what is stored does not get any smaller. */
const pages = () =>
	gzipSync(
		Buffer.concat(Array.from({ length: PAGES }, (_, page) => gzipSync(noise(page, PAGE_BYTES)))),
		{
			level: 0,
		},
	);

async function* inChunks(bytes: Buffer, start = 0) {
	for (let at = start; at < bytes.length; at += CHUNK_BYTES) {
		yield bytes.subarray(at, at + CHUNK_BYTES);
	}
}

async function rows(bytes: Buffer, filename: string): Promise<unknown[]> {
	const kept: IDataObject[] = [];
	const sink = {
		row: (row: IDataObject) => kept.push(row),
		invalidRow: (line: number, problem: string) => {
			throw new Error(`line ${line} ${problem}`);
		},
	};
	await readRows(inChunks(bytes), { filename }, sink, () => false);
	return kept;
}

const parsedLines = (bytes: Buffer): unknown[] =>
	bytes
		.toString()
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as unknown);

/** What a file of pages asks of its source. */
async function readPages(file: Buffer): Promise<FileMeasurement> {
	let [requests, bytesRead, count] = [0, 0, 0];
	async function* readFrom(offset: number) {
		requests++;
		for await (const chunk of inChunks(file, offset)) {
			bytesRead += chunk.length;
			yield chunk;
		}
	}
	for await (const chunk of gunzip({ readFrom })) count += chunk.length;
	return { ...NOTHING, count, requests, bytesRead, fileBytes: file.length };
}

/** Rows that are not kept; in a function of its own, as its caller would hold them. */
async function warmUp(read: () => Promise<unknown[]> | unknown[]): Promise<void> {
	await read();
}

async function measureRows(read: () => Promise<unknown[]> | unknown[]): Promise<FileMeasurement> {
	await warmUp(read);
	// Promises hold what they gave until the next turn.
	await new Promise(setImmediate);
	globalThis.gc?.();
	const heapBefore = process.memoryUsage().heapUsed;
	const cpuBefore = process.cpuUsage();
	const kept = await read();
	const { user, system } = process.cpuUsage(cpuBefore);
	globalThis.gc?.();
	const heapBytes = process.memoryUsage().heapUsed - heapBefore;
	return { ...NOTHING, count: kept.length, cpuMs: (user + system) / 1000, heapBytes };
}

async function measure(work: FileWork): Promise<FileMeasurement> {
	if (work === 'pages') return await readPages(pages());
	const bytes = work.startsWith('CSV') ? eventsAsCsv() : decimals();
	if (work === 'CSV rows') return await measureRows(async () => await rows(bytes, 'a.csv'));
	if (work === 'decimals') return await measureRows(async () => await rows(bytes, 'a.json'));
	if (work === 'decimals by JSON.parse') return await measureRows(() => parsedLines(bytes));
	return await measureRows(() => parse(bytes, { columns: true }));
}

measure(process.argv[2] as FileWork).then(
	(measurement) => console.log(JSON.stringify(measurement)),
	(error) => {
		console.error(error);
		process.exit(1);
	},
);
