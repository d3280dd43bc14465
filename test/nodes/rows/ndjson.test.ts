import type { IDataObject } from 'n8n-workflow';

import { ndjsonParser } from '../../../nodes/Userpilot/rows/ndjson';
import { expectOutcome, NOT_OBJECT, notJson, parse } from './outcome';
import type { MakeParser, Outcome } from './outcome';

const LONG = '12345678901234567890';

describe('NDJSON', () => {
	const rows: Array<[what: string, text: string, expected: Outcome]> = [
		['rows', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
		['a last line without newline', '{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
		['CRLF', '{"a":1}\r\n\r\n{"a":2}\r\n', [{ a: 1 }, { a: 2 }]],
		['blank lines', '\n\n{"a":1}\n \t\n{"a":2}\n\n\n', [{ a: 1 }, { a: 2 }]],
		['white space around', '  {"a":1} \n\t{"a" : 2}', [{ a: 1 }, { a: 2 }]],
		[
			'byte-order marks of files that were joined',
			'\uFEFF{"a":1}\n\uFEFF{"a":2}\n\uFEFF\uFEFF{"a":"\uFEFF"}\r\n\uFEFF\n\uFEFF',
			[{ a: 1 }, { a: 2 }, { a: '\uFEFF' }],
		],
		['CR alone', '{"a":1}\r\r{"a":"x\\"\\r"}\r{"a":3}', [{ a: 1 }, { a: 'x"\r' }, { a: 3 }]],
		['CR alone after an empty first line', '\r\n{"a":1}\r{"a":2}\r', [{ a: 1 }, { a: 2 }]],
		['nothing', '', []],
		['nothing but blanks', ' \n\r\n\t', []],
		['nesting', '{"a":{"b":[1,{"c":null}]}}\n{}', [{ a: { b: [1, { c: null }] } }, {}]],
		[
			'texts with escapes and structure',
			'{"a":"\\"}],{[\\\\","b":"\\n\\u00fc\u2028"}\n{"a":"é😀"}',
			[{ a: '"}],{[\\', b: '\nü\u2028' }, { a: 'é😀' }],
		],
		[
			'long numbers',
			`{"id":${LONG},"a":[-${LONG}]}\n{"id":1}\n{"id":"x:${LONG},"}\n{"id":${LONG}}`,
			[{ id: LONG, a: [`-${LONG}`] }, { id: 1 }, { id: `x:${LONG},` }, { id: LONG }],
		],
	];

	it('names the line of bytes that are not UTF-8, and of no others', () => {
		expectOutcome(ndjsonParser, '{"a":1}\n{"a":"\uDFFF"}\n{"a":"\uD83C\uDFFF\uFFFD"}', [
			{ a: 1 },
			[2, 'contains bytes that are not UTF-8'],
			{ a: '\uD83C\uDFFF\uFFFD' },
		]);
	});

	it.each(rows)('reads %s', (_what, text, expected) => {
		expectOutcome(ndjsonParser, text, expected);
	});

	it.each([
		[
			'broken JSON',
			'{"a":1}\n{"a":}\n\n{"a":2}\n{"a"',
			[{ a: 1 }, [2, notJson], { a: 2 }, [5, notJson]],
		],
		['other JSON', '[{}]\n1\nnull\n"{}"\n{}', [1, 2, 3, 4].map((line) => [line, NOT_OBJECT])],
		['two objects in a line', '\r\n{"a":1}{"b":2}\r\n{}', [[2, notJson]]],
		[
			'a broken one after long numbers',
			`{"id":${LONG}}\n{"id":${LONG},}`,
			[{ id: LONG }, [2, notJson]],
		],
		[
			'long numbers on lines of their own',
			`{"a":1,\n${LONG}\n,"b":2}`,
			[
				[1, notJson],
				[2, NOT_OBJECT],
				[3, notJson],
			],
		],
		[
			'a newline in a text',
			'{"a":"x\ny"}',
			[
				[1, notJson],
				[2, notJson],
			],
		],
	] as Array<[string, string, Outcome]>)('names the line of %s', (what, text, expected) => {
		const followed = what === 'other JSON' || what === 'two objects in a line' ? [{}] : [];
		expectOutcome(ndjsonParser, text, [...expected, ...followed]);
	});

	it('names no other line in the reason', () => {
		const [bad] = parse(ndjsonParser, ['\n\n{"a":1 "b":2}']);
		expect(bad).toEqual([
			3,
			"is not JSON: Expected ',' or '}' after property value in JSON at position 7",
		]);
	});

	it('turns __proto__ into a plain field', () => {
		const [row] = parse(ndjsonParser, ['{"__proto__":{"a":1}}']);
		expect(Object.keys(row!)).toEqual(['__proto__']);
		expect((row as IDataObject).a).toBeUndefined();
	});

	it('refuses a row that n8n could write down, but not read again', () => {
		const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
		const text = `${nested(500)}\n${nested(501)}\n${nested(100_000)}\n{}`;
		const problem = 'is nested more than 500 levels deep';
		expect(parse(ndjsonParser, [text])).toEqual([
			JSON.parse(nested(500)),
			[2, problem],
			[3, problem],
			{},
		]);
	});

	it('refuses a line that is too long, and only that', () => {
		const parser: MakeParser = (sink) => ndjsonParser(sink, 20);
		const long = `{"a":"${'x'.repeat(50)}"}`;
		const text = `{"a":1}\n${long}\n\n{"a":2}\n${long}\n${long}\n{"a":3}\n${long}`;
		const tooLong = 'is longer than 20 characters';
		expect(parse(parser, text)).toEqual([
			{ a: 1 },
			[2, tooLong],
			{ a: 2 },
			[5, tooLong],
			[6, tooLong],
			{ a: 3 },
			[8, tooLong],
		]);
		// In larger chunks it may be read.
		expect(parse(parser, text.match(/[^]{1,15}/g)!).filter((row) => 'a' in row)).toEqual([
			{ a: 1 },
			{ a: 2 },
			{ a: 3 },
		]);
	});

	it('keeps nothing of a line of more than 64 MB, longer than a text can be', () => {
		const megabyte = 'x'.repeat(1024 * 1024);
		function* chunks() {
			yield '{"a":1}\n{"a":"';
			for (let count = 0; count < 600; count++) yield megabyte;
			yield '"}\n{"a":2}';
		}
		expect(parse(ndjsonParser, chunks())).toEqual([
			{ a: 1 },
			[2, 'is longer than 67,108,864 characters'],
			{ a: 2 },
		]);
	});
});
