import type { IDataObject } from 'n8n-workflow';

import { jsonArrayParser } from '../../../nodes/Userpilot/rows/jsonArray';
import { ndjsonParser } from '../../../nodes/Userpilot/rows/ndjson';
import type { RowParser, RowSink } from '../../../nodes/Userpilot/rows/rowParser';

type MakeParser = (sink: RowSink) => RowParser;
type Outcome = Array<IDataObject | [line: number, problem: string]>;

function parse(makeParser: MakeParser, pieces: Iterable<string>): Outcome {
	const outcome: Outcome = [];
	const parser = makeParser({
		row: (row) => outcome.push(row),
		invalidRow: (line, problem) => outcome.push([line, problem]),
	});
	for (const piece of pieces) parser.write(piece);
	parser.end();
	return outcome;
}

/** Parses the text in every way to cut it in two, whole, and character by character. */
function expectOutcome(makeParser: MakeParser, text: string, expected: Outcome): void {
	for (let cut = 0; cut <= text.length; cut++) {
		const outcome = parse(makeParser, [text.slice(0, cut), '', text.slice(cut)]);
		expect([cut, outcome]).toEqual([cut, expected]);
	}
	expect(parse(makeParser, [text])).toEqual(expected);
	expect(parse(makeParser, text.split(''))).toEqual(expected);
}

const notJson = expect.stringMatching(/^is not JSON: ./);
const NO_OBJECT = 'is JSON, but not an object';
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
		['CR alone behind an empty first line', '\r\n{"a":1}\r{"a":2}\r', [{ a: 1 }, { a: 2 }]],
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

	it('tells the line of bytes that are not UTF-8, and of no others', () => {
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
		['other JSON', '[{}]\n1\nnull\n"{}"\n{}', [1, 2, 3, 4].map((line) => [line, NO_OBJECT])],
		['two objects in a line', '\r\n{"a":1}{"b":2}\r\n{}', [[2, notJson]]],
		[
			'a broken one behind long numbers',
			`{"id":${LONG}}\n{"id":${LONG},}`,
			[{ id: LONG }, [2, notJson]],
		],
		[
			'long numbers on lines of their own',
			`{"a":1,\n${LONG}\n,"b":2}`,
			[
				[1, notJson],
				[2, NO_OBJECT],
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
	] as Array<[string, string, Outcome]>)('tells the line of %s', (what, text, expected) => {
		const followed = what === 'other JSON' || what === 'two objects in a line' ? [{}] : [];
		expectOutcome(ndjsonParser, text, [...expected, ...followed]);
	});

	it('says what is wrong in words that name no other line', () => {
		const [bad] = parse(ndjsonParser, ['\n\n{"a":1 "b":2}']);
		expect(bad).toEqual([
			3,
			"is not JSON: Expected ',' or '}' after property value in JSON at position 7",
		]);
	});

	it('makes a plain field of __proto__', () => {
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

	it('gives up a line that is too long, and only that', () => {
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
		// In larger pieces it may pass as what it is.
		expect(parse(parser, text.match(/[^]{1,15}/g)!).filter((row) => 'a' in row)).toEqual([
			{ a: 1 },
			{ a: 2 },
			{ a: 3 },
		]);
	});

	it('keeps nothing of a line of more than 64 MB, longer than a text can be', () => {
		const megabyte = 'x'.repeat(1024 * 1024);
		function* pieces() {
			yield '{"a":1}\n{"a":"';
			for (let count = 0; count < 600; count++) yield megabyte;
			yield '"}\n{"a":2}';
		}
		expect(parse(ndjsonParser, pieces())).toEqual([
			{ a: 1 },
			[2, 'is longer than 67,108,864 characters'],
			{ a: 2 },
		]);
	});
});

describe('a JSON array', () => {
	const CUT_OFF = 'is incomplete: the JSON array around it has no end';
	const EMPTY = 'is empty: there is an extra comma';
	const BEHIND = 'comes after the end of the JSON array';

	it.each([
		['in one line', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
		['of one element', '[{"a":1}]\n', [{ a: 1 }]],
		['that is empty', '[]', []],
		['that is empty, with blanks', ' \n[\r\n \n]\n ', []],
		[
			'that is pretty-printed',
			JSON.stringify([{ a: { b: [] } }, { c: [{ d: 1 }] }], null, '\t'),
			[{ a: { b: [] } }, { c: [{ d: 1 }] }],
		],
		['one element a line', '[\n{"a":1},\r\n{"a":2}\r\n]\r\n', [{ a: 1 }, { a: 2 }]],
		['behind a byte-order mark', '\uFEFF[{"a":1}]', [{ a: 1 }]],
		[
			'with byte-order marks between its elements and at its end',
			'[\uFEFF{"a":"\uFEFF"},\n\uFEFF{"a":2}]\n\uFEFF\n',
			[{ a: '\uFEFF' }, { a: 2 }],
		],
		['with nesting', '[{"a":[1,[2,{"b":[]}],{}]},{}]', [{ a: [1, [2, { b: [] }], {}] }, {}]],
		[
			'with structure in its texts',
			'[{"a":"],[","b":"}{\\"]","\\\\":"\\\\"},{"]":",","é":"😀,"}]',
			[
				{ a: '],[', b: '}{"]', '\\': '\\' },
				{ ']': ',', é: '😀,' },
			],
		],
		[
			'with long numbers',
			`[{"id":${LONG}},{"id":"x:${LONG},","n":[1,${LONG}]}]`,
			[{ id: LONG }, { id: `x:${LONG},`, n: [1, LONG] }],
		],
	] as Array<[string, string, Outcome]>)('is read %s', (_what, text, expected) => {
		expectOutcome(jsonArrayParser, text, expected);
	});

	it.each([
		['a trailing comma', '[{"a":1},\n]', [{ a: 1 }, [2, EMPTY]]],
		['a comma too many', '[,\n{"a":1},\n\n,{"a":2}]', [[1, EMPTY], { a: 1 }, [4, EMPTY], { a: 2 }]],
		[
			'only a comma',
			'[\n,]',
			[
				[2, EMPTY],
				[2, EMPTY],
			],
		],
		[
			'elements that are no objects',
			'[1,\n2\n,\n\n"a,]",{},[\n{}],\ntrue,null]',
			[
				[1, NO_OBJECT],
				[2, NO_OBJECT],
				[5, NO_OBJECT],
				{},
				[5, NO_OBJECT],
				[7, NO_OBJECT],
				[7, NO_OBJECT],
			],
		],
		[
			'broken elements',
			'[{"a"},\n\n  {"a":1}, {"b":},\n x ,{}]',
			[[1, notJson], { a: 1 }, [3, notJson], [4, notJson], {}],
		],
		[
			'an element behind others that break lines',
			'[{\n"a":\n1\n},\n{\n"b"\n}]',
			[{ a: 1 }, [5, notJson]],
		],
		[
			'a newline in a text',
			'[{"a":"\n"},\n1]',
			[
				[1, notJson],
				[3, NO_OBJECT],
			],
		],
		['a missing comma', '[{"a":1}\n{"a":2}]', [[1, notJson]]],
		['a missing end', '[{"a":1},\n{"a":2}\n', [{ a: 1 }, [2, CUT_OFF]]],
		['a missing end in a text', '[{"a":1},\n\n{"a":"]}]', [{ a: 1 }, [3, CUT_OFF]]],
		['a missing end behind a comma', '[{"a":1},\n', [{ a: 1 }, [2, CUT_OFF]]],
		['nothing but a beginning', '[', [[1, CUT_OFF]]],
		['a brace at its end', '[{"a":1}}', [[1, CUT_OFF]]],
		['text behind it', '[{"a":1}]\n\n x "y', [{ a: 1 }, [3, BEHIND]]],
		['another array behind it', '[{"a":1}]\n[{"a":2}]\n[]', [{ a: 1 }, [2, BEHIND]]],
		['an object behind it', '[]{"a":1}', [[1, BEHIND]]],
		['a bracket too many', '[{"a":1}]]', [{ a: 1 }, [1, BEHIND]]],
	] as Array<[string, string, Outcome]>)('tells the line of %s', (_what, text, expected) => {
		expectOutcome(jsonArrayParser, text, expected);
	});

	it('makes a plain field of __proto__', () => {
		const [row] = parse(jsonArrayParser, ['[{"__proto__":{"a":1}}]']);
		expect(Object.keys(row!)).toEqual(['__proto__']);
	});

	it('gives up an element that is too long, and only that', () => {
		const long = `{"a":"${'x,]}"'.replace('"', '\\"').repeat(20)}"}`;
		const text = `[{"a":1},\n${long},{"a":2},\n${long},\n\n${long}\n,{"a":3},${long}]`;
		const tooLong = 'is longer than 20 characters';
		expectOutcome((sink) => jsonArrayParser(sink, 20), text, [
			{ a: 1 },
			[2, tooLong],
			{ a: 2 },
			[3, tooLong],
			[5, tooLong],
			{ a: 3 },
			[6, tooLong],
		]);
	});
});
