import type { IDataObject } from 'n8n-workflow';
import { gzipSync } from 'node:zlib';

import { FileError } from '../../../nodes/Userpilot/download/fileError';
import { gunzip } from '../../../nodes/Userpilot/download/gunzip';
import type { RowFile } from '../../../nodes/Userpilot/rows/readRows';
import { readRows } from '../../../nodes/Userpilot/rows/readRows';

const JSON_FILE: RowFile = { filename: '2024-07-29.json.gz' };
const CSV_FILE: RowFile = { filename: '2024-07-29.csv.gz' };
const NAMELESS: RowFile = { filename: 'export' };
const NOT_ROWS = '. Rows can be read from JSON, NDJSON and CSV only';

function inChunks(bytes: Uint8Array, ...ends: number[]): Uint8Array[] {
	return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index]));
}

async function* streamOf(chunks: Uint8Array[]) {
	yield* chunks;
}

async function rowsOf(file: RowFile, ...chunks: Uint8Array[]) {
	const rows: Array<IDataObject | [number, string]> = [];
	const sink = {
		row: (row: IDataObject) => rows.push(row),
		invalidRow: (line: number, problem: string) => rows.push([line, problem]),
	};
	await readRows(streamOf(chunks), file, sink, () => false);
	return rows;
}

async function problemOf(file: RowFile, ...chunks: Uint8Array[]) {
	const error = await rowsOf(file, ...chunks).then(
		(rows) => rows,
		(thrown: unknown) => thrown,
	);
	expect(error).toBeInstanceOf(FileError);
	return (error as FileError).message;
}

describe('readRows', () => {
	const people = [{ name: 'Zoë 😀' }, { name: '日本, "Ω"' }];
	const BOM = '\uFEFF';

	it.each([
		['NDJSON', JSON_FILE, people.map((row) => `${JSON.stringify(row)}\r\n`).join('')],
		['NDJSON by another name', CSV_FILE, people.map((row) => JSON.stringify(row)).join('\n')],
		['NDJSON without a name', NAMELESS, people.map((row) => JSON.stringify(row)).join('\n')],
		[
			'NDJSON after blank lines',
			JSON_FILE,
			`\n \r\n${people.map((row) => JSON.stringify(row)).join('\n')}`,
		],
		['a JSON array', JSON_FILE, JSON.stringify(people)],
		['a JSON array by another name', CSV_FILE, JSON.stringify(people, null, 2)],
		['CSV', CSV_FILE, 'name\r\nZoë 😀\r\n"日本, ""Ω"""\r\n'],
		[
			'CSV by the format of the export',
			{ filename: 'export', format: 'csv' },
			'name\nZoë 😀\n"日本, ""Ω"""',
		],
	] as const)(
		'reads %s, wherever it is split, with and without a byte-order mark',
		async (_what, file, text) => {
			for (const bytes of [text, BOM + text].map((start) => Buffer.from(start))) {
				for (let cut = 0; cut <= bytes.length; cut++) {
					expect(await rowsOf(file, ...inChunks(bytes, cut))).toEqual(people);
				}
				expect(await rowsOf(file, ...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(people);
			}
		},
	);

	it.each([
		['[id],name\n1,2\n', [{ '[id]': '1', name: '2' }]],
		['[id]\n1\n', [{ '[id]': '1' }]],
		['[],a\n1,2\n', [{ '[]': '1', a: '2' }]],
		['{id},a\n1,2\n', [{ '{id}': '1', a: '2' }]],
		['<id>,a\n1,2\n', [{ '<id>': '1', a: '2' }]],
		['[{"a":1}]', [{ a: 1 }]],
		['[ \n {"a":1}]', [{ a: 1 }]],
		['[\n\n]\n', []],
		['{}', [{}]],
	])(
		'reads %j as CSV or JSON by how it starts, where the name or the format says CSV',
		async (text, expected) => {
			const bytes = Buffer.from(text);
			for (const file of [CSV_FILE, { filename: 'export', format: 'csv' }]) {
				for (let cut = 0; cut <= bytes.length; cut++) {
					const outcome = await rowsOf(file, ...inChunks(bytes, cut));
					expect([cut, outcome]).toEqual([cut, expected]);
				}
			}
		},
	);

	it.each([
		['NDJSON', JSON_FILE, '{"a":"x"}\n{"a":"¤"}\n{"a":"é"}\n', 2],
		['a JSON array', JSON_FILE, '[{"a":"x"},\n{"a":"¤"},{"a":"é"}]', 2],
		['CSV', CSV_FILE, 'a\nx\n¤\né\n', 3],
		['CSV with a quoted field', CSV_FILE, 'a\nx\n"¤\n"\né\n', 3],
	])(
		'treats a row with bytes that are not UTF-8 as invalid, wherever it is split: %s',
		async (_what, file, text, line) => {
			const [head, tail] = text.split('¤').map((part) => Buffer.from(part)) as [Buffer, Buffer];
			// A byte of Latin-1, half a character, an overlong one, a surrogate, and one beyond Unicode.
			for (const wrong of [
				'e9',
				'e282',
				'f09f98',
				'c0af',
				'eda080',
				'f4908080',
				'ff',
				'efbfbdff',
			]) {
				const bytes = Buffer.concat([head, Buffer.from(wrong, 'hex'), tail]);
				for (let cut = 0; cut <= bytes.length; cut++) {
					const outcome = await rowsOf(file, ...inChunks(bytes, cut));
					expect([wrong, cut, outcome]).toEqual([
						wrong,
						cut,
						[{ a: 'x' }, [line, 'contains bytes that are not UTF-8'], { a: 'é' }],
					]);
				}
			}
		},
	);

	it('treats half a character at the end of a file as an invalid row', async () => {
		const bytes = Buffer.from('a\nx\né').subarray(0, -1);
		expect(await rowsOf(CSV_FILE, bytes)).toEqual([
			{ a: 'x' },
			[3, 'contains bytes that are not UTF-8'],
		]);
	});

	it('keeps the character that other decoders put in place of such bytes', async () => {
		const rows = [{ a: '\uFFFD' }, { a: '\uD83C\uDFFF' }];
		const text = rows.map((row) => JSON.stringify(row)).join('\n');
		expect(await rowsOf(JSON_FILE, Buffer.from(text))).toEqual(rows);
		const wrong = Buffer.concat([
			Buffer.from(`${text}\n{"a":"\uFFFD`),
			Buffer.of(0xff, 0x22, 0x7d),
		]);
		expect(await rowsOf(JSON_FILE, wrong)).toEqual([
			...rows,
			[3, 'contains bytes that are not UTF-8'],
		]);
	});

	it('refuses a file that starts with nothing but white space, before that fills the memory', async () => {
		const blanks = new Uint8Array(64 * 1024).fill(0x20);
		let chunks = 0;
		async function* endless() {
			for (; chunks < 10_000; chunks++) yield blanks;
		}
		const sink = { row: jest.fn(), invalidRow: jest.fn() };
		await expect(readRows(endless(), JSON_FILE, sink, () => false)).rejects.toThrow(
			/^starts with more than 1,048,576 blank characters\. Rows can be read from JSON, NDJSON and CSV only$/,
		);
		expect(chunks).toBeLessThan(20);
	});

	it.each([
		['an empty file', JSON_FILE, ''],
		['an empty CSV file', CSV_FILE, ''],
		['an empty file without a name', NAMELESS, ''],
		['white space', JSON_FILE, ' \r\n\n\t '],
		['a byte-order mark', JSON_FILE, BOM],
		['an empty array', JSON_FILE, '[]'],
		['a CSV header', CSV_FILE, 'user_id,event_name\r\n'],
		['a short CSV header', CSV_FILE, 'id'],
	])('returns no rows of %s', async (_what, file, text) => {
		const bytes = Buffer.from(text);
		expect(await rowsOf(file, bytes)).toEqual([]);
		expect(await rowsOf(file, ...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual([]);
	});

	it('reads a file of one short row', async () => {
		expect(await rowsOf(JSON_FILE, Buffer.from('{}'))).toEqual([{}]);
	});

	it.each([
		['Parquet', JSON_FILE, 'PAR1\x15\x04', `is a Parquet file${NOT_ROWS}`],
		['Avro', CSV_FILE, 'Obj\x01\x04', `is an Avro file${NOT_ROWS}`],
		['HTML', JSON_FILE, '<!DOCTYPE html><title>Sorry</title>', 'contains an HTML page ("Sorry")'],
		['HTML', CSV_FILE, '\n<html></html>', 'contains an HTML page'],
		[
			'XML',
			CSV_FILE,
			'<Error><Code>AccessDenied</Code></Error>',
			'contains an error from the file store ("AccessDenied")',
		],
		['XML', CSV_FILE, '<rows/>', `contains plain text ("<rows/>")${NOT_ROWS}`],
		[
			'CSV',
			JSON_FILE,
			'user_id,"name"\n1,2',
			`contains no JSON objects: it starts with "user_id,\\"name\\"\\n1,2"${NOT_ROWS}`,
		],
		['a number', JSON_FILE, '17', `contains no JSON objects: it starts with "17"${NOT_ROWS}`],
		['CSV', NAMELESS, 'user_id,name\n', `is neither JSON nor, by its name, CSV${NOT_ROWS}`],
		[
			'CSV',
			{ filename: 'x.csv.txt' },
			'user_id',
			`is neither JSON nor, by its name, CSV${NOT_ROWS}`,
		],
	])('names what it cannot read: %s in %p', async (_what, file, text, message) => {
		expect(await problemOf(file, Buffer.from(text))).toBe(message);
	});

	it.each([
		['a zip file', Buffer.from('PK\x03\x04rest')],
		['UTF-16', Buffer.from('\uFEFFuser_id,name', 'utf16le')],
		['UTF-16 without a mark', Buffer.from('user_id,name', 'utf16le')],
		['a gzip file in a gzip file', gzipSync('{}')],
		['a damaged gzip file', Buffer.concat([Buffer.of(0x1e), gzipSync('{}').subarray(1)])],
		['Zstandard', Buffer.from('28b52ffd2400', 'hex')],
	])('names what it cannot read: %s', async (_what, bytes) => {
		for (const file of [JSON_FILE, CSV_FILE, NAMELESS]) {
			for (const chunks of [[bytes], Array.from(bytes, (byte) => Buffer.of(byte))]) {
				expect(await problemOf(file, ...chunks)).toBe(`is not UTF-8 text${NOT_ROWS}`);
			}
		}
	});

	it('shows only the start of what it cannot read, and says what to do', async () => {
		const outcome = rowsOf(JSON_FILE, Buffer.from('x'.repeat(1_000)));
		await expect(outcome).rejects.toMatchObject({
			message: `contains no JSON objects: it starts with "${'x'.repeat(40)}"${NOT_ROWS}`,
			advice: "Set 'Output' to Files to get the file itself.",
		});
	});

	it('counts the lines from the start of the file', async () => {
		const text = '\n\r\n{"a":1}\nx\n';
		expect(await rowsOf(JSON_FILE, Buffer.from(text))).toEqual([
			{ a: 1 },
			[4, expect.stringContaining('is not JSON')],
		]);
	});

	it('reads gzip members that split a row, and a character', async () => {
		const bytes = Buffer.from('{"name":"Zoë"}\n');
		const cut = bytes.indexOf(0xc3) + 1;
		const file = Buffer.concat(inChunks(bytes, cut).map((part) => gzipSync(part)));
		const source = { readFrom: (offset: number) => streamOf([file.subarray(offset)]) };
		const rows: IDataObject[] = [];
		const sink = { row: (row: IDataObject) => rows.push(row), invalidRow: fail };
		await readRows(gunzip(source), JSON_FILE, sink, () => false);
		expect(rows).toEqual([{ name: 'Zoë' }]);
	});

	describe('stops reading', () => {
		function source() {
			const state = { given: 0, isClosed: false };
			async function* bytes() {
				try {
					for (; state.given < 100; state.given++) yield Buffer.from('{"a":1}\n{"a":2}\n');
				} finally {
					state.isClosed = true;
				}
			}
			return { state, bytes: bytes() };
		}

		it('as soon as no more rows are needed', async () => {
			const { state, bytes } = source();
			const rows: IDataObject[] = [];
			const sink = { row: (row: IDataObject) => rows.push(row), invalidRow: fail };
			await readRows(bytes, JSON_FILE, sink, () => rows.length >= 3);
			expect(rows).toHaveLength(4);
			expect(state).toEqual({ given: 1, isClosed: true });
		});

		it('when the sink refuses a row', async () => {
			const { state, bytes } = source();
			const refusal = new FileError('has an invalid row', '');
			const refuse = () => {
				throw refusal;
			};
			const reading = readRows(bytes, JSON_FILE, { row: refuse, invalidRow: refuse }, () => false);
			await expect(reading).rejects.toBe(refusal);
			expect(state).toEqual({ given: 0, isClosed: true });
		});
	});

	it("throws the source's own error", async () => {
		const failure = new Error('ECONNRESET');
		async function* bytes() {
			yield Buffer.from('{"a":1}\n{"a":');
			await Promise.reject(failure);
		}
		const rows: IDataObject[] = [];
		const sink = { row: (row: IDataObject) => rows.push(row), invalidRow: fail };
		await expect(readRows(bytes(), JSON_FILE, sink, () => false)).rejects.toBe(failure);
		expect(rows).toEqual([{ a: 1 }]);
	});
});

function fail(line: number, problem: string): void {
	throw new Error(`line ${line} ${problem}`);
}
