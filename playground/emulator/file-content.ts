import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { encodingOf, isOpaque, type Encoding } from './formats.ts';
import { etagOf, type JobFile } from './files.ts';
import { appTokenOf } from './jobs.ts';
import { oddRows } from './odd-rows.ts';
import { rowFilter, rowsOfDay, type Row } from './rows.ts';

/** Characters per write to the compressor: large enough to be fast, small enough not to block other requests. */
const CHUNK_CHARS = 65_536;
/** The fastest level, because random data hardly compresses better at a higher one. */
const GZIP_LEVEL = 1;

/** The rows of some days, filters applied. */
function* rowsOf(file: JobFile, days: readonly string[]): Generator<Row> {
	const { key, request, settings } = file.job;
	if (isOpaque(request.format)) return;
	const source = {
		appToken: appTokenOf(key),
		seed: settings.seed,
		rowsPerDay: settings.rowsPerDay,
	};
	const keeps = rowFilter(request);
	for (const day of days) {
		let index = 0;
		for (const row of rowsOfDay(source, day)) {
			if (!settings.eventIds) delete row.internal_event_id;
			const exported = settings.oddRows ? oddRows(row, index++) : [row];
			if (keeps(row)) yield* exported;
		}
	}
}

/** The gzip members of a file: each is the text of some of its days, in chunks. */
function* memberTexts(file: JobFile): Generator<Generator<string>> {
	const { request, settings } = file.job;
	const encoding = encodingOf(request.format, settings);
	const members = settings.memberPerDay ? file.days.map((day) => [day]) : [file.days];
	const counter = { rows: 0 };
	for (const [index, days] of members.entries()) {
		const head = index === 0 ? encoding.head : '';
		const tail = index === members.length - 1 ? encoding.tail : '';
		yield chunksOf(rowsOf(file, days), { ...encoding, head, tail }, counter);
	}
}

function* chunksOf(
	rows: Iterable<Row>,
	encoding: Encoding,
	counter: { rows: number },
): Generator<string> {
	let text = encoding.head;
	for (const row of rows) {
		text += encoding.row(row, counter.rows);
		counter.rows += 1;
		if (text.length >= CHUNK_CHARS) {
			yield text;
			text = '';
		}
	}
	yield text + encoding.tail;
}

async function* gzipMembers(file: JobFile): AsyncGenerator<Buffer> {
	for (const texts of memberTexts(file)) {
		const gzip = createGzip({ level: GZIP_LEVEL });
		// A reader that leaves destroys the source too; that is no error here.
		pipeline(Readable.from(texts, { objectMode: true, highWaterMark: 1 }), gzip, () => {});
		yield* gzip as AsyncIterable<Buffer>;
	}
}

/** The file's bytes, generated while they are read. Memory stays flat however long the file is. */
export const fileStream = (file: JobFile): Readable =>
	Readable.from(gzipMembers(file), { objectMode: false });

const sizes = new Map<string, Promise<number>>();
const SIZE_CACHE_ENTRIES = 10_000;

async function countBytes(file: JobFile): Promise<number> {
	let bytes = 0;
	for await (const chunk of fileStream(file)) bytes += (chunk as Buffer).length;
	return bytes;
}

/** Bytes of the compressed file. The first call generates the whole file to count them. */
export function fileSize(file: JobFile): Promise<number> {
	const tag = etagOf(file);
	const known = sizes.get(tag) ?? countBytes(file);
	if (sizes.size >= SIZE_CACHE_ENTRIES) sizes.clear();
	sizes.set(tag, known);
	return known;
}

/** The bytes from `start` to `end` of a stream, the last one included. What comes after is not generated. */
export function sliceBytes(source: Readable, start: number, end: number): Readable {
	async function* slice(): AsyncGenerator<Buffer> {
		let position = 0;
		for await (const chunk of source as AsyncIterable<Buffer>) {
			const part = chunk.subarray(Math.max(0, start - position), Math.max(0, end + 1 - position));
			position += chunk.length;
			if (part.length > 0) yield part;
			if (position > end) return;
		}
	}
	return Readable.from(slice(), { objectMode: false });
}
