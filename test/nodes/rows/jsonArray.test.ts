import { jsonArrayParser } from '../../../nodes/Userpilot/rows/jsonArray';
import { expectOutcome, NOT_OBJECT, notJson, parse } from './outcome';
import type { Outcome } from './outcome';

const LONG = '12345678901234567890';

describe('a JSON array', () => {
	const CUT_OFF = 'is incomplete: the JSON array around it has no end';
	const EMPTY = 'is empty: there is an extra comma';
	const AFTER_END = 'comes after the end of the JSON array';

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
		['after a byte-order mark', '\uFEFF[{"a":1}]', [{ a: 1 }]],
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
				[1, NOT_OBJECT],
				[2, NOT_OBJECT],
				[5, NOT_OBJECT],
				{},
				[5, NOT_OBJECT],
				[7, NOT_OBJECT],
				[7, NOT_OBJECT],
			],
		],
		[
			'broken elements',
			'[{"a"},\n\n  {"a":1}, {"b":},\n x ,{}]',
			[[1, notJson], { a: 1 }, [3, notJson], [4, notJson], {}],
		],
		[
			'an element after others that span lines',
			'[{\n"a":\n1\n},\n{\n"b"\n}]',
			[{ a: 1 }, [5, notJson]],
		],
		[
			'a newline in a text',
			'[{"a":"\n"},\n1]',
			[
				[1, notJson],
				[3, NOT_OBJECT],
			],
		],
		['a missing comma', '[{"a":1}\n{"a":2}]', [[1, notJson]]],
		['a missing end', '[{"a":1},\n{"a":2}\n', [{ a: 1 }, [2, CUT_OFF]]],
		['a missing end in a text', '[{"a":1},\n\n{"a":"]}]', [{ a: 1 }, [3, CUT_OFF]]],
		['a missing end after a comma', '[{"a":1},\n', [{ a: 1 }, [2, CUT_OFF]]],
		['nothing but a beginning', '[', [[1, CUT_OFF]]],
		['a brace at its end', '[{"a":1}}', [[1, CUT_OFF]]],
		['text after it', '[{"a":1}]\n\n x "y', [{ a: 1 }, [3, AFTER_END]]],
		['another array after it', '[{"a":1}]\n[{"a":2}]\n[]', [{ a: 1 }, [2, AFTER_END]]],
		['an object after it', '[]{"a":1}', [[1, AFTER_END]]],
		['a bracket too many', '[{"a":1}]]', [{ a: 1 }, [1, AFTER_END]]],
	] as Array<[string, string, Outcome]>)('names the line of %s', (_what, text, expected) => {
		expectOutcome(jsonArrayParser, text, expected);
	});

	it('turns __proto__ into a plain field', () => {
		const [row] = parse(jsonArrayParser, ['[{"__proto__":{"a":1}}]']);
		expect(Object.keys(row!)).toEqual(['__proto__']);
	});

	it('refuses an element that is too long, and only that', () => {
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
