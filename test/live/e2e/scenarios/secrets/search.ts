import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A text that must not be found, and what it is, for the report. */
export interface Needle {
	what: string;
	text: string;
}

/** Where a needle was found. */
export interface Place {
	what: string;
	/** A file within the folder, or `table.column` of the database. */
	where: string;
	/** Of a row that belongs to an execution. */
	executionId?: number;
}

/** What was searched, and what was found there. */
export interface Search {
	files: number;
	bytes: number;
	tables: number;
	values: number;
	places: Place[];
}

const CHUNK_BYTES = 1024 * 1024;

/** A text in the spellings that a program may give it: as it is, in base64 at each of its three offsets, in hex. */
export function spellings(what: string, text: string): Needle[] {
	const bytes = Buffer.from(text);
	const base64 = [0, 1, 2].map((offset) => {
		// The characters at both ends depend on what stands around the text, too.
		const start = offset === 0 ? 0 : offset + 1;
		return Buffer.concat([Buffer.alloc(offset), bytes])
			.toString('base64')
			.slice(start, -4);
	});
	return [text, ...base64, bytes.toString('hex')].map((spelling) => ({ what, text: spelling }));
}

function filesBelow(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.map((name) => path.join(folder, name))
		.filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile());
}

/** The needles in a file, whose chunks overlap, so that none is cut in two. */
function searchFile(file: string, needles: Needle[]): { bytes: number; found: Set<string> } {
	const found = new Set<string>();
	const overlap = Math.max(...needles.map(({ text }) => text.length)) - 1;
	const chunk = Buffer.alloc(CHUNK_BYTES);
	const descriptor = openSync(file, 'r');
	let bytes = 0;
	try {
		for (let kept = 0; ; ) {
			const read = readSync(descriptor, chunk, kept, CHUNK_BYTES - kept, null);
			if (read === 0) return { bytes, found };
			bytes += read;
			const seen = chunk.subarray(0, kept + read);
			for (const { what, text } of needles) if (seen.includes(text)) found.add(what);
			kept = Math.min(overlap, seen.length);
			seen.copy(chunk, 0, seen.length - kept);
		}
	} finally {
		closeSync(descriptor);
	}
}

/** Searches each value of each table, because a text may be spread over the pages of the database's file. */
function searchDatabase(file: string, needles: Needle[], search: Search): void {
	const database = new DatabaseSync(file, { readOnly: true });
	try {
		const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
		for (const { name } of tables) {
			search.tables++;
			for (const row of database.prepare(`SELECT * FROM "${String(name)}"`).iterate()) {
				const executionId = 'executionId' in row ? Number(row.executionId) : undefined;
				for (const [column, value] of Object.entries(row)) {
					search.values++;
					const text = value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
					for (const needle of needles) {
						if (!text.includes(needle.text)) continue;
						search.places.push({
							what: needle.what,
							where: `${String(name)}.${column}`,
							executionId,
						});
					}
				}
			}
		}
	} finally {
		database.close();
	}
}

/**
 * Searches a user folder of n8n, which must be down: all files, and all values of the database.
 *
 * @param anywhere searched for in all files, the database's too
 * @param outside may be in the database, whose values tell where
 */
export function searchUserFolder(folder: string, anywhere: Needle[], outside: Needle[]): Search {
	const search: Search = { files: 0, bytes: 0, tables: 0, values: 0, places: [] };
	for (const file of filesBelow(folder)) {
		const isDatabase = path.basename(file).startsWith('database.sqlite');
		const { bytes, found } = searchFile(file, isDatabase ? anywhere : [...anywhere, ...outside]);
		search.files++;
		search.bytes += bytes;
		for (const what of found) search.places.push({ what, where: path.relative(folder, file) });
	}
	searchDatabase(path.join(folder, '.n8n', 'database.sqlite'), [...anywhere, ...outside], search);
	return search;
}
