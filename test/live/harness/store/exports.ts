import { linkSync, mkdirSync } from 'node:fs';
import path from 'node:path';

import { encodingOf } from '../../../../playground/emulator/formats.ts';
import { type Row, rowsOfDay } from '../../../../playground/emulator/rows.ts';
import { writeGzipFile } from './gzip-file.ts';
import { GroupCounts } from './groups.ts';

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

/** An export whose groups were counted while its rows were generated. */
export interface CountedExport extends StoredExport {
	groups: GroupCounts;
	/** How often its rows are repeated, and so the count of each group. */
	repeat: number;
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
/** The generator has 500 users; accounts with millions of rows have more. */
const USERS = 20_000;
const COMPANIES = 200;
/** Generated rows are text for no longer than that. */
const ROWS_AT_ONCE = 10_000;

/** Makes exports in a folder, each in a folder of its own that bears its job's id. */
export class ExportMaker {
	readonly folder: string;
	readonly #made = new Map<string, StoredExport>();
	readonly #rows = new Map<string, Rows>();
	readonly #counted = new Map<number, { content: Rows; groups: GroupCounts }>();

	constructor(folder: string) {
		this.folder = folder;
	}

	/** An export of this many different rows, repeated so many times in a file, in so many such files. */
	make(format: RowFormat, rows: number, repeat = 1, files = 1): StoredExport {
		const jobId = `${format}-${rows}-${repeat}-${files}`;
		const made = this.#made.get(jobId) ?? {
			...this.#write(jobId, this.#rowsOf(format, rows), { format, repeat, files }),
			rows: rows * repeat * files,
		};
		this.#made.set(jobId, made);
		return made;
	}

	/** An export of NDJSON rows of many users and companies, whose groups are counted. */
	makeCounted(rows: number, repeat = 1): CountedExport {
		const jobId = `counted-${rows}-${repeat}`;
		const { content, groups } = this.#counted.get(rows) ?? generateCounted(rows);
		this.#counted.set(rows, { content, groups });
		const made = this.#made.get(jobId) ?? {
			...this.#write(jobId, content, { format: 'json', repeat, files: 1 }),
			rows: rows * repeat,
		};
		this.#made.set(jobId, made);
		return { ...made, repeat, groups };
	}

	#write(
		jobId: string,
		{ lastEventId, ...content }: Rows,
		{ format, repeat, files }: { format: RowFormat; repeat: number; files: number },
	) {
		const folder = path.join(this.folder, jobId);
		mkdirSync(folder, { recursive: true });
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
			bytes: bytes * files,
			bytesCompressed: bytesCompressed * files,
			lastEventId,
		} satisfies Omit<StoredExport, 'rows'>;
	}

	#rowsOf(format: RowFormat, count: number): Rows {
		const key = `${format} ${count}`;
		const rows = this.#rows.get(key) ?? generateRows(format, count);
		this.#rows.set(key, rows);
		return rows;
	}
}

/** The emulator's event rows: about 680 bytes of JSON each, compressed 9 to 12 times. */
function generateRows(
	format: RowFormat,
	count: number,
	change: (row: Row, index: number) => void = () => {},
): Rows {
	const encoding = encodingOf(format, { jsonArray: false, csvBom: false });
	const rowsPerDay = Math.ceil(count / ROWS_PER_GENERATED) + 1;
	const source = { appToken: 'NX-00000000', seed: 1, rowsPerDay };
	const body: Buffer[] = [];
	let lines: string[] = [];
	let made = 0;
	let lastEventId = '';
	for (const row of rowsOfDay(source, DAY)) {
		change(row, made);
		lines.push(encoding.row(row, made));
		made += 1;
		lastEventId = row.internal_event_id as string;
		if (made % ROWS_AT_ONCE === 0 || made === count) {
			body.push(Buffer.from(lines.join('')));
			lines = [];
		}
		if (made === count) break;
	}
	return { head: Buffer.from(encoding.head), body: Buffer.concat(body), lastEventId };
}

function generateCounted(count: number) {
	const groups = new GroupCounts();
	const content = generateRows('json', count, (row, index) => {
		const user = (index * 7_919) % USERS;
		if (row.user_id !== '') row.user_id = `user_${user}`;
		if (row.company_id !== null) row.company_id = `comp_${user % COMPANIES}`;
		groups.add(row);
	});
	return { content, groups };
}
