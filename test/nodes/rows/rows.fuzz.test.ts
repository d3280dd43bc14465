import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { csvParser } from '../../../nodes/Userpilot/rows/csv';
import { parseExactly } from '../../../nodes/Userpilot/rows/exactJson';
import { FileError } from '../../../nodes/Userpilot/download/fileError';
import { gunzip } from '../../../nodes/Userpilot/download/gunzip';
import { jsonArrayParser } from '../../../nodes/Userpilot/rows/jsonArray';
import { ndjsonParser } from '../../../nodes/Userpilot/rows/ndjson';
import { readRows } from '../../../nodes/Userpilot/rows/readRows';
import type { RowParser, RowSink } from '../../../nodes/Userpilot/rows/rowParser';
import { cuts, inPieces } from '../../support/cuts';
import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';

type Outcome = Array<IDataObject | [line: number, problem: string]>;

function collector() {
	const outcome: Outcome = [];
	const sink: RowSink = {
		row: (row) => outcome.push(row),
		invalidRow: (line, problem) => outcome.push([line, problem]),
	};
	return { outcome, sink };
}

function parse(makeParser: (sink: RowSink) => RowParser, chunks: Iterable<string>): Outcome {
	const { outcome, sink } = collector();
	const parser = makeParser(sink);
	for (const chunk of chunks) parser.write(chunk);
	parser.end();
	return outcome;
}

/** Some of these texts are files, many almost are, and most are not. */
const structure = [
	...'{}[]",:\\\n\r\t aé0-.eE',
	'{"a":1}',
	'\r\n',
	'""',
	'12345678901234567890',
	'\uFEFF',
	'😀',
];
const text = fc.oneof(
	fc.string({ unit: fc.constantFrom(...structure), maxLength: 60 }),
	fc.string({ unit: 'binary', maxLength: 60 }),
);
const jsonRow = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), {
	maxKeys: 5,
});

/** Rows after a round trip through JSON; a whole number that a double may have rounded is text. */
const carried = (rows: unknown) =>
	JSON.parse(JSON.stringify(rows), (_, value: unknown) =>
		Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value))
			? String(value)
			: value,
	) as Outcome;

/** Nothing may fail unnoticed. */
const unseen: unknown[] = [];
const note = (reason: unknown) => unseen.push(reason);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));
afterEach(async () => {
	for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
	expect(unseen).toEqual([]);
});

describe.each([
	['NDJSON', ndjsonParser, ''],
	['a JSON array', jsonArrayParser, '['],
	['CSV', csvParser, ''],
])('%s', (_, makeParser, start) => {
	it(
		'returns the same rows and invalid rows, however a text is split',
		() => {
			fc.assert(
				fc.property(text, cuts, (rest, shares) => {
					const whole = start + rest;
					const expected = parse(makeParser, [whole]);
					expect(parse(makeParser, inPieces(whole, shares))).toEqual(expected);
					expect(parse(makeParser, whole.split(''))).toEqual(expected);
				}),
				fuzzOptions(2_000),
			);
		},
		FUZZ_TIMEOUT_MS,
	);
});

describe('what was written is what is read', () => {
	const cell = fc.string({ unit: fc.constantFrom(...'ab",\r\n é') });
	const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

	it(
		'as NDJSON and as a JSON array',
		() => {
			fc.assert(
				fc.property(fc.array(jsonRow), (rows) => {
					const expected = carried(rows);
					const lines = rows.map((row) => JSON.stringify(row)).join('\n');
					expect(carried(parse(ndjsonParser, [lines]))).toEqual(expected);
					const array = JSON.stringify(rows, null, 1);
					expect(carried(parse(jsonArrayParser, [array]))).toEqual(expected);
				}),
				fuzzOptions(200),
			);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		'as CSV',
		() => {
			const table = fc
				.integer({ min: 1, max: 4 })
				.chain((width) =>
					fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 5 }),
				);
			fc.assert(
				fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, lineEnd) => {
					const names = (rows[0] ?? ['']).map((_, index) => `c${index}`);
					const csv = [names, ...rows].map((row) => row.map(quoted).join(',')).join(lineEnd);
					const expected = rows.map((row) =>
						Object.fromEntries(row.map((value, index) => [names[index], value])),
					);
					expect(parse(csvParser, [csv])).toEqual(expected);
				}),
				fuzzOptions(1_000),
			);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		'with every digit of a number',
		() => {
			const digits = fc.string({
				unit: fc.constantFrom(...'0123456789'),
				minLength: 1,
				maxLength: 40,
			});
			const number = fc
				.tuple(
					fc.constantFrom('', '-'),
					digits,
					fc.option(digits),
					fc.option(fc.integer({ min: -400, max: 400 })),
				)
				.map(([sign, whole, fraction, power]) =>
					[
						sign,
						BigInt(whole),
						fraction === null ? '' : `.${fraction}`,
						power === null ? '' : `e${power}`,
					].join(''),
				);
			fc.assert(
				fc.property(number, fc.string(), (json, beside) => {
					const { n, s } = parseExactly(
						`{"s":${JSON.stringify(beside)},"n":${json}}`,
					) as IDataObject;
					expect(s).toBe(beside);
					if (typeof n === 'string') expect(n).toBe(json);
					else expect(n).toBe(Number(json));
					if (json.length < 16) expect(typeof n).toBe('number');
				}),
				fuzzOptions(5_000),
			);
		},
		FUZZ_TIMEOUT_MS,
	);
});

describe('a file', () => {
	interface File {
		bytes: Buffer;
		filename: string;
	}

	async function read({ bytes, filename }: File, shares: number[], isPacked: boolean) {
		const { outcome, sink } = collector();
		const source = {
			async *readFrom(offset: number) {
				for (const chunk of inPieces(bytes.subarray(offset), shares)) {
					if (chunk.length > 0) yield new Uint8Array(chunk);
				}
			},
		};
		const content = isPacked ? gunzip(source) : source.readFrom(0);
		const problem = await readRows(content, { filename }, sink, () => false).then(
			() => undefined,
			(error: unknown) => error,
		);
		if (problem !== undefined) expect(problem).toBeInstanceOf(FileError);
		// How the file starts is shown as far as it was read.
		const [words] = (problem as Error | undefined)?.message.split(/ starts with | \("/) ?? [];
		return { outcome, problem: words };
	}

	const filename = fc.constantFrom('a.json.gz', 'a.csv.gz', 'a.csv', 'export');
	const content = fc
		.oneof(
			text,
			fc.array(jsonRow).map((rows) => rows.map((row) => JSON.stringify(row)).join('\n')),
			fc.array(jsonRow).map((rows) => JSON.stringify(rows)),
			fc.constantFrom('a,b\n1,2\n', '<html><title>x</title></html>', 'PAR1', 'Obj\u0001'),
		)
		.map((written) => Buffer.from(written));
	const plain = fc.record({ bytes: content, filename });
	const anyBytes = fc.record({
		bytes: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
		filename,
	});

	/** One or more members, whole or spoilt. */
	const spoilt = fc
		.record({
			members: fc.array(content, { minLength: 1, maxLength: 3 }),
			kind: fc.constantFrom('whole', 'cut', 'turned', 'junk', 'twice'),
			place: fc.double({ min: 0, max: 1, noNaN: true }),
			junk: fc.uint8Array({ minLength: 1, maxLength: 20 }),
			filename,
		})
		.map(({ members, kind, place, junk, filename: name }) => {
			const bytes = Buffer.concat(members.map((member) => gzipSync(member)));
			const at = Math.floor(place * (bytes.length - 1));
			const turned = Buffer.from(bytes);
			turned[at]! ^= 1 << at % 8;
			const kinds = {
				whole: bytes,
				cut: bytes.subarray(0, at),
				turned,
				junk: Buffer.concat([bytes, junk]),
				twice: Buffer.concat([bytes, bytes.subarray(at)]),
			};
			return { file: { bytes: kinds[kind], filename: name }, members, kind };
		});

	it.each([
		['of text', plain],
		['of any bytes', anyBytes],
	])(
		'%s returns the same rows or the same error, however it is split',
		async (_, files) => {
			await fc.assert(
				fc.asyncProperty(files, cuts, fc.boolean(), async (file, shares, isPacked) => {
					const expected = await read(file, [], isPacked);
					expect(await read(file, shares, isPacked)).toEqual(expected);
				}),
				fuzzOptions(700),
			);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		'that is compressed returns the rows of its content, or an error',
		async () => {
			let [whole, refused] = [0, 0];
			await fc.assert(
				fc.asyncProperty(spoilt, cuts, async ({ file, members, kind }, shares) => {
					const expected = await read(file, [], true);
					const { outcome, problem } = await read(file, shares, true);
					expect(problem).toEqual(expected.problem);
					if (problem === undefined) expect(outcome).toEqual(expected.outcome);
					if (kind !== 'whole') {
						if (problem) refused++;
						return;
					}
					whole++;
					const unpacked = { ...file, bytes: Buffer.concat(members) };
					expect(expected).toEqual(await read(unpacked, [], false));
				}),
				fuzzOptions(400),
			);
			// Neither would prove anything if it never happened.
			expect(whole).toBeGreaterThan(0);
			expect(refused).toBeGreaterThan(0);
		},
		FUZZ_TIMEOUT_MS,
	);
});
