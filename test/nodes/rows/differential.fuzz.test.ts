import { isUtf8 } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse as csvParse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { csvParser } from '../../../nodes/Userpilot/rows/csv';
import { gunzip } from '../../../nodes/Userpilot/download/gunzip';
import { jsonArrayParser } from '../../../nodes/Userpilot/rows/jsonArray';
import { ndjsonParser } from '../../../nodes/Userpilot/rows/ndjson';
import type { RowParser, RowSink } from '../../../nodes/Userpilot/rows/rowParser';
import { Utf8Decoder, wasUtf8 } from '../../../nodes/Userpilot/rows/utf8';
import { cuts, inPieces } from '../../support/cuts';
import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';

function parse(makeParser: (sink: RowSink) => RowParser, text: string, shares: number[]) {
	const rows: IDataObject[] = [];
	const invalidLines: number[] = [];
	const parser = makeParser({
		row: (row) => rows.push(row),
		invalidRow: (line) => invalidLines.push(line),
	});
	for (const chunk of inPieces(text, shares)) parser.write(chunk);
	parser.end();
	return { rows, invalidLines };
}

const attempt = <T>(run: () => T) => {
	try {
		return { value: run() };
	} catch (error) {
		return { error: error as Error & { code?: string } };
	}
};

const string = (units: string[], maxLength: number) =>
	fc.string({ unit: fc.constantFrom(...units), maxLength });

describe('gunzip and zlib', () => {
	const content = fc
		.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(40))
		.map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => bytes)));
	const level = fc.constantFrom(0, 1, 6, 9);
	/** What is packed may hold packed files itself, as they are. */
	const member = fc
		.tuple(fc.array(fc.tuple(content, fc.boolean()), { maxLength: 4 }), level)
		.map(([parts, ofMember]) =>
			gzipSync(Buffer.concat(parts.map(([part, isPacked]) => (isPacked ? gzipSync(part) : part))), {
				level: ofMember,
			}),
		);
	const members = fc.array(member, { minLength: 1, maxLength: 4 }).map((all) => Buffer.concat(all));
	const zeros = fc.nat(700).map((count) => Buffer.alloc(count));

	async function read(file: Buffer, shares: number[]) {
		const source = {
			async *readFrom(offset: number) {
				for (const chunk of inPieces(file.subarray(offset), shares)) {
					if (chunk.length > 0) yield new Uint8Array(chunk);
				}
			},
		};
		const chunks: Uint8Array[] = [];
		try {
			for await (const chunk of gunzip(source)) chunks.push(chunk);
		} catch {
			return undefined;
		}
		return Buffer.concat(chunks);
	}

	it(
		'decompress the same, with zeros after it or not',
		async () => {
			await fc.assert(
				fc.asyncProperty(members, zeros, cuts, async (packed, padding, shares) => {
					const file = Buffer.concat([packed, padding]);
					expect(await read(file, shares)).toEqual(gunzipSync(file));
				}),
				fuzzOptions(500),
			);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		'never decompress something else from a file that is damaged or truncated',
		async () => {
			const place = fc.double({ min: 0, max: 1, noNaN: true });
			let refused = 0;
			await fc.assert(
				fc.asyncProperty(
					members,
					zeros,
					place,
					fc.nat(8),
					cuts,
					async (packed, padding, share, bit, shares) => {
						const at = 2 + Math.floor(share * (packed.length - 2));
						const damaged = Buffer.concat([packed, padding]);
						if (bit < 8) damaged[Math.min(at, damaged.length - 1)]! ^= 1 << bit;
						const file = bit < 8 ? damaged : packed.subarray(0, at);
						const unpacked = await read(file, shares);
						if (unpacked) expect(attempt(() => gunzipSync(file)).value).toEqual(unpacked);
						else refused++;
					},
				),
				fuzzOptions(500),
			);
			expect(refused).toBeGreaterThan(0);
		},
		FUZZ_TIMEOUT_MS,
	);
});

describe('the decoder and TextDecoder', () => {
	it(
		'read the same, wherever it is split, and detect what is not UTF-8',
		() => {
			const letters = fc
				.constantFrom('a', 'é', '€', '😀', '\uFFFD', '\uFEFF', '\u{103FF}')
				.map((text) => Buffer.from(text));
			const bytes = fc.oneof(
				{ weight: 6, arbitrary: letters },
				fc.uint8Array({ maxLength: 4 }).map((some) => Buffer.from(some)),
			);
			const file = fc.array(bytes, { maxLength: 20 }).map((parts) => Buffer.concat(parts));
			let invalid = 0;
			fc.assert(
				fc.property(file, cuts, (whole, shares) => {
					const decoder = new Utf8Decoder();
					const texts = inPieces(whole, shares).map((chunk) => decoder.decode(chunk));
					const text = texts.join('') + decoder.end();
					expect(wasUtf8(text)).toBe(isUtf8(whole));
					if (!isUtf8(whole)) invalid++;
					expect(text.replace(/\uDFFF/gu, '\uFFFD')).toBe(
						new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole),
					);
				}),
				fuzzOptions(5_000),
			);
			expect(invalid).toBeGreaterThan(0);
		},
		FUZZ_TIMEOUT_MS,
	);
});

describe('CSV and csv-parse', () => {
	it(
		'read the same rows, or both find an error',
		() => {
			const units = ['a', ',', '""', '"', '\n', '\r\n', ' ', 'é', '😀', 'some words'];
			const cell = string(units, 6).map((text) => `"${text.replaceAll('"', '""')}"`);
			const plain = string(['a', ' ', 'é', '😀', 'some words'], 6);
			const record = fc.tuple(fc.oneof(cell, plain), fc.oneof(cell, plain)).map(String);
			const file = fc
				.array(fc.oneof({ weight: 6, arbitrary: record }, string(units, 14)))
				.map((lines) => lines.join('\n'));
			let [agreed, refused] = [0, 0];
			fc.assert(
				fc.property(file, cuts, (text, shares) => {
					const csv = `a,b\n${text}`;
					const { rows, invalidLines } = parse(csvParser, csv, shares);
					const { value, error } = attempt(() =>
						csvParse(csv, {
							columns: true,
							record_delimiter: ['\r\n', '\n'],
							skip_empty_lines: true,
						}),
					);
					// A quote within a field, which many writers leave as it is, is none that opens one.
					if (error?.code === 'INVALID_OPENING_QUOTE') return;
					if (error) {
						refused++;
						expect(invalidLines).not.toEqual([]);
					} else {
						agreed += rows.length;
						expect([rows, invalidLines]).toEqual([value, []]);
					}
				}),
				fuzzOptions(5_000),
			);
			expect(Math.min(agreed, refused)).toBeGreaterThan(100);
		},
		FUZZ_TIMEOUT_MS,
	);
});

describe('JSON rows and JSON.parse', () => {
	const broken = string([...'{}[]":,\\ 1ae-.', '{"a":1}', '"b"', 'null', '\uFEFF'], 12);
	/** Numbers of many digits come otherwise: exactJson.test.ts. */
	const jsonOf = (some: unknown) =>
		JSON.stringify(some, (_, inner: unknown) =>
			typeof inner === 'number' ? Math.trunc(inner % 1e6) : inner,
		);
	const row = fc
		.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
		.map(jsonOf);
	const json = fc.jsonValue({ maxDepth: 2 }).map(jsonOf);
	const lines = fc.oneof(fc.array(row), fc.array(fc.oneof(row, row, json, broken)));

	const LONG_NUMBER = /[\d.eE+-]{16}/;
	const isRow = (some: unknown): some is IDataObject =>
		typeof some === 'object' && some !== null && !Array.isArray(some);
	const rowOf = (line: string) => attempt(() => JSON.parse(line) as unknown).value;

	it(
		'return the same row for each line, or an invalid row on that line',
		() => {
			let [good, bad] = [0, 0];
			fc.assert(
				fc.property(lines, cuts, (texts, shares) => {
					const usual = texts.filter((line) => !LONG_NUMBER.test(line) && !/^\s*\uFEFF/.test(line));
					const { rows, invalidLines } = parse(ndjsonParser, usual.join('\n'), shares);
					const values = usual.map(rowOf);
					expect(rows).toEqual(values.filter(isRow));
					const isBad = (index: number) => usual[index]!.trim() !== '' && !isRow(values[index]);
					expect(invalidLines).toEqual([...usual.keys()].filter(isBad).map((index) => index + 1));
					good += rows.length;
					bad += invalidLines.length;
				}),
				fuzzOptions(3_000),
			);
			expect(Math.min(good, bad)).toBeGreaterThan(100);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		'return the same rows of an array, or find an error in it',
		() => {
			let [good, bad] = [0, 0];
			fc.assert(
				fc.property(lines, cuts, (texts, shares) => {
					const array = `[${texts.join(',\n')}]`;
					if (LONG_NUMBER.test(array)) return;
					const { rows, invalidLines } = parse(jsonArrayParser, array, shares);
					const whole = rowOf(array) as unknown[] | undefined;
					if (whole?.every(isRow)) {
						expect([rows, invalidLines]).toEqual([whole, []]);
						good++;
					} else if (!array.includes('\uFEFF')) {
						expect(invalidLines).not.toEqual([]);
						bad++;
					}
				}),
				fuzzOptions(3_000),
			);
			expect(Math.min(good, bad)).toBeGreaterThan(100);
		},
		FUZZ_TIMEOUT_MS,
	);
});
