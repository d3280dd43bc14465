import { parse } from 'csv-parse';
import type { Readable } from 'node:stream';

import { csvParser } from '../../../../nodes/Userpilot/rows/csv';
import { gunzip } from './bare';

/** The node's own parser on zlib's output. */
export async function csvRows(source: Readable): Promise<unknown[]> {
	const rows: unknown[] = [];
	const parser = csvParser({
		row: (row) => rows.push(row),
		invalidRow: (line, problem) => {
			throw new Error(`line ${line} ${problem}`);
		},
	});
	for await (const text of gunzip(source) as AsyncIterable<string>) parser.write(text);
	parser.end();
	return rows;
}

/** A well-known parser on zlib's output. */
export async function csvParseRows(source: Readable): Promise<unknown[]> {
	const rows: unknown[] = [];
	for await (const row of gunzip(source).pipe(parse({ columns: true, bom: true }))) rows.push(row);
	return rows;
}
