import { linkSync, mkdirSync } from 'node:fs';
import path from 'node:path';

import { encodingOf } from '../../../../playground/emulator/formats.ts';
import { rowsOfDay } from '../../../../playground/emulator/rows.ts';
import { writeGzipFile } from './gzip-file.ts';

export type RowFormat = 'json' | 'csv';

/** One finished export, which the store serves. Sizes are those of all of its files. */
export interface StoredExport {
	jobId: string;
	format: RowFormat;
	rows: number;
	bytesCompressed: number;
	bytes: number;
	/** The key of its last row. */
	lastEventId: string;
}

interface Rows {
	head: Buffer;
	body: Buffer;
	lastEventId: string;
}

const DAY = '2024-07-29';
const FIRST_DAY = Date.parse(DAY);
const DAY_MS = 86_400_000;
/** The row generator adds a session_start for every tenth row. */
const ROWS_PER_GENERATED = 1.1;

/** Makes exports in a folder, each in a folder of its own that bears its job's id. */
export class ExportMaker {
	readonly folder: string;
	readonly #made = new Map<string, StoredExport>();
	readonly #rows = new Map<string, Rows>();

	constructor(folder: string) {
		this.folder = folder;
	}

	/** An export of this many different rows, repeated so many times in a file, in so many such files. */
	make(format: RowFormat, rows: number, repeat = 1, files = 1): StoredExport {
		const jobId = `${format}-${rows}-${repeat}-${files}`;
		const made = this.#made.get(jobId) ?? this.#write(jobId, format, rows, repeat, files);
		this.#made.set(jobId, made);
		return made;
	}

	#write(jobId: string, format: RowFormat, rows: number, repeat: number, files: number) {
		const folder = path.join(this.folder, jobId);
		mkdirSync(folder, { recursive: true });
		const { lastEventId, ...content } = this.#rowsOf(format, rows);
		const nameOf = (day: number) =>
			path.join(
				folder,
				`${new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10)}.${format}.gz`,
			);
		const { bytes, bytesCompressed } = writeGzipFile(nameOf(0), { ...content, repeat });
		for (let day = 1; day < files; day += 1) linkSync(nameOf(0), nameOf(day));
		return {
			jobId,
			format,
			rows: rows * repeat * files,
			bytes: bytes * files,
			bytesCompressed: bytesCompressed * files,
			lastEventId,
		} satisfies StoredExport;
	}

	#rowsOf(format: RowFormat, count: number): Rows {
		const key = `${format} ${count}`;
		const rows = this.#rows.get(key) ?? generateRows(format, count);
		this.#rows.set(key, rows);
		return rows;
	}
}

/** The emulator's event rows: about 680 bytes of JSON each, compressed 9 to 12 times. */
function generateRows(format: RowFormat, count: number): Rows {
	const encoding = encodingOf(format, { jsonArray: false, csvBom: false });
	const rowsPerDay = Math.ceil(count / ROWS_PER_GENERATED) + 1;
	const source = { appToken: 'NX-00000000', seed: 1, rowsPerDay };
	const lines: string[] = [];
	let lastEventId = '';
	for (const row of rowsOfDay(source, DAY)) {
		lines.push(encoding.row(row, lines.length));
		lastEventId = row.internal_event_id as string;
		if (lines.length === count) break;
	}
	return { head: Buffer.from(encoding.head), body: Buffer.from(lines.join('')), lastEventId };
}
