import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { ColumnReader } from '../../../nodes/Userpilot/rows/columnReader';
import { jsonArrayParser } from '../../../nodes/Userpilot/rows/jsonArray';
import { ndjsonParser } from '../../../nodes/Userpilot/rows/ndjson';
import type { RowSink } from '../../../nodes/Userpilot/rows/rowParser';
import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';
import type { Outcome } from './outcome';
import { parse } from './outcome';

/** The row that a reader of columns gets from a line, after it has parsed others; undefined for none. */
function read(columns: string[], parsed: string[], line: string): IDataObject | undefined {
	const reader = new ColumnReader(new Set(columns));
	for (const one of parsed) reader.learn(JSON.parse(one) as IDataObject);
	return reader.read(line);
}

const jsonArrayParserOf = (columns: string[]) => (sink: RowSink) =>
	jsonArrayParser({ ...sink, columns: new Set(columns) });

const pick = (row: IDataObject, columns: readonly string[]) =>
	Object.fromEntries(Object.entries(row).filter(([name]) => columns.includes(name)));

describe('a reader of columns', () => {
	it.each([
		['text', '{"a":"x","b":1}', '{"a":"yy","b":22}', { a: 'yy' }],
		[
			'text with escapes',
			'{"a":"x","b":""}',
			String.raw`{"a":"\"\\\u00e9\n","b":"\""}`,
			{ a: '"\\é\n' },
		],
		['no text in its place', '{"a":"x"}', '{"a":null}', { a: null }],
		['a number', '{"a":1}', '{"a":-1.5e3}', { a: -1500 }],
		[
			'a number that no double is',
			'{"a":1}',
			'{"a":12345678901234567891}',
			{ a: '12345678901234567891' },
		],
		[
			'a nested number that no double is',
			'{"a":{}}',
			'{"a":{"b":[12345678901234567891]}}',
			{ a: { b: ['12345678901234567891'] } },
		],
		[
			'a nested value',
			'{"a":{},"b":{}}',
			'{"a":{"b":[1,"}"]},"b":{"c":{"d":1}}}',
			{ a: { b: [1, '}'] } },
		],
		['spaces after commas and colons', '{"a":1,"b":[]}', '{"a": 2, "b": [1, {"c": 3}]}', { a: 2 }],
		['CRLF', '{"a":1}', '{"a":2}\r', { a: 2 }],
		['white space around the row', '{"a":1}', '\n\t {"a": 2} \r\n', { a: 2 }],
		['a column that is not there', '{"b":1}', '{"b":2}', {}],
	])('reads %s', (_, parsed, line, expected) => {
		expect(read(['a'], [parsed], line)).toEqual(expected);
	});

	it.each([
		['other columns', '{"a":1}', '{"b":1}'],
		['another order', '{"a":1,"b":1}', '{"b":1,"a":1}'],
		['a column that is there twice', '{"a":1,"b":1}', '{"a":1,"b":1,"a":2}'],
		['a nested value in place of another', '{"a":1,"b":1}', '{"a":1,"b":{}}'],
		['a value nested three times', '{"a":1,"b":{}}', '{"a":1,"b":[[[1]]]}'],
		['a control character', '{"a":1,"b":""}', '{"a":1,"b":"\t"}'],
		['an unknown escape', '{"a":1,"b":""}', String.raw`{"a":1,"b":"\x"}`],
		['half an escape', '{"a":1,"b":""}', String.raw`{"a":1,"b":"\u12"}`],
		['a number with a zero in front', '{"a":1,"b":1}', '{"a":1,"b":01}'],
		['an extra comma', '{"a":1,"b":[]}', '{"a":1,"b":[1,]}'],
		['bytes that are not UTF-8', '{"a":1,"b":""}', '{"a":1,"b":"\uDFFF"}'],
		['something after the row', '{"a":1}', '{"a":1}x'],
		['half a row', '{"a":1}', '{"a":1'],
	])('leaves %s to the parser', (_, parsed, line) => {
		expect(read(['a'], [parsed], line)).toBeUndefined();
	});

	it('reads a column called __proto__', () => {
		const line = '{"__proto__":{"b":1},"constructor":2}';
		expect(read(['__proto__', 'constructor'], [line], line)).toEqual(JSON.parse(line));
	});

	it('reads rows of several kinds, and leaves those of the oldest to the parser', () => {
		const lines = [...'abcdefgh'].map((name) => `{"x":1,"${name}":2}`);
		const isRead = lines.map((line) => read(['x'], lines, line) !== undefined);
		expect(isRead).toEqual([false, false, false, false, true, true, true, true]);
	});

	it('reads rows of one kind whose columns are nested in some of them', () => {
		const lines = ['{"a":1,"b":null,"c":{}}', '{"a":1,"b":{},"c":null}'];
		for (const line of [...lines, '{"a":1,"b":{},"c":{}}', '{"a":1,"b":null,"c":null}']) {
			expect(read(['a'], lines, line)).toEqual({ a: 1 });
		}
	});

	it.each(['', ' '])('reads the rows of a JSON array, with "%s" between them', (space) => {
		const wanted = jsonArrayParserOf(['a']);
		const text = `[${Array(4).fill('{"a":1,"b":2}').join(`,${space}`)}]`;
		expect(parse(wanted, [text])).toEqual([{ a: 1, b: 2 }, { a: 1 }, { a: 1 }, { a: 1 }]);
	});

	it.each([
		[
			'members',
			(count: number) => `{${Array.from({ length: count }, (_, key) => `"${key}":1`).join(',')}}`,
		],
		['escapes', (count: number) => String.raw`{"b":"${'\\"'.repeat(count)}"}`],
		['numbers', (count: number) => `[${Array(count).fill(1).join(',')}]`],
	])('reads long rows of many %s, and leaves longer ones to the parser', (_, valueOf) => {
		for (const count of [6_000, 1_000_000]) {
			const line = `{"a":1,"b":${valueOf(count)}}`;
			const row = read(['a'], ['{"a":1,"b":{}}'], line);
			expect(row).toEqual(count === 6_000 ? { a: 1 } : undefined);
			expect(read(['a'], ['{"a":1,"b":{}}'], `${line.slice(0, -1)},`)).toBeUndefined();
		}
	});
});

describe('rows of which some columns are read', () => {
	const NAMES = ['a', 'b c', '"', '__proto__', 'é'];
	/** As they may stand in a file. */
	const scalar = fc.oneof(
		fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => JSON.stringify(text)),
		fc.constantFrom(
			'1',
			'-0',
			'1.50',
			'1E5',
			'1e400',
			'12345678901234567891',
			'0.1234567890123456789',
		),
		fc.constantFrom('null', 'true', String.raw`"\ud83d\ude00\/"`, '"12345678901234567891"', '""'),
	);
	const value = fc.oneof(
		{ weight: 4, arbitrary: scalar },
		fc.jsonValue({ maxDepth: 3 }).map((nested) => JSON.stringify(nested)),
		scalar.map((inner) => `{"x": [${inner}, ${inner}]}`),
	);
	const kind = fc.constantFrom(NAMES, NAMES.slice(1), [...NAMES].reverse());
	const row = fc
		.tuple(kind, fc.array(value, { minLength: 5, maxLength: 5 }))
		.map(
			([names, values]) =>
				`{${names.map((name, index) => `${JSON.stringify(name)}:${values[index]}`).join(',')}}`,
		);
	const damage = fc
		.tuple(
			row,
			fc.double({ min: 0, max: 1, noNaN: true }),
			fc.constantFrom('', '"', '\\', '\u0001', ',', '{', ']', '0', '\uDFFF', ' ', ':'),
		)
		.map(([line, share, what]) => {
			const at = Math.floor(share * line.length);
			return line.slice(0, at) + what + line.slice(at + (what === '' ? 1 : 0));
		});
	const lines = fc.array(fc.oneof({ weight: 3, arbitrary: row }, damage), { maxLength: 20 });

	it(
		'have the same values as if all were read, and are invalid on the same lines',
		() => {
			let [read, parsed, invalid] = [0, 0, 0];
			fc.assert(
				fc.property(lines, fc.subarray(NAMES), (texts, names) => {
					const pickAll = (outcome: Outcome) =>
						outcome.map((one) => (Array.isArray(one) ? one : pick(one, names)));
					const some = parse(
						(sink) => ndjsonParser({ ...sink, columns: new Set(names) }),
						[texts.join('\n')],
					);
					const all = parse(ndjsonParser, [texts.join('\n')]);
					expect(pickAll(some)).toEqual(pickAll(all));
					some.forEach((one, index) => {
						if (Array.isArray(one)) invalid++;
						else if (Object.keys(one).length < Object.keys(all[index]!).length) read++;
						else parsed++;
					});
				}),
				fuzzOptions(500),
			);
			// All ways were taken.
			expect(Math.min(read, parsed, invalid)).toBeGreaterThan(100);
		},
		FUZZ_TIMEOUT_MS,
	);
});
