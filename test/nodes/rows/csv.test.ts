import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse as csvParse } from 'csv-parse/sync';

import { csvParser } from '../../../nodes/Userpilot/rows/csv';

const MAX_RECORD_LENGTH = 64 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Rows as lists of name and value, which show the order and a field called `__proto__`. */
type Row = Array<[string, unknown]>;

function collect() {
	const rows: Row[] = [];
	const invalidRows: Array<[line: number, problem: string]> = [];
	const parser = csvParser({
		row: (row) => rows.push(Object.entries(row)),
		invalidRow: (line, problem) => invalidRows.push([line, problem]),
	});
	return { parser, rows, invalidRows };
}

function read(chunks: Iterable<string>) {
	const { parser, rows, invalidRows } = collect();
	for (const chunk of chunks) parser.write(chunk);
	parser.end();
	return { rows, invalidRows };
}

/** The values of the rows of a file. */
const valuesOf = (text: string) => {
	const { rows, invalidRows } = read([text]);
	expect(invalidRows).toEqual([]);
	return rows.map((row) => row.map(([, value]) => value));
};

describe('values', () => {
	it.each<[string, string, string[][]]>([
		[
			'plain',
			'a,b\n1,2\n3,4\n',
			[
				['1', '2'],
				['3', '4'],
			],
		],
		['no line end at the end', 'a,b\n1,2', [['1', '2']]],
		['no line end after a quote', 'a,b\n1,"2"', [['1', '2']]],
		[
			'CRLF',
			'a,b\r\n1,2\r\n3,"4"\r\n',
			[
				['1', '2'],
				['3', '4'],
			],
		],
		[
			'LF and CRLF',
			'a,b\r\n1,"2"\n3,4\r\n"5",6\n',
			[
				['1', '2'],
				['3', '4'],
				['5', '6'],
			],
		],
		[
			'half a CRLF at the end',
			'a,b\r\n1,2\r\n3,"4"\r',
			[
				['1', '2'],
				['3', '4'],
			],
		],
		['quoted commas', 'a,b\n"1,1",",2,"\n', [['1,1', ',2,']]],
		[
			'quoted line ends',
			'a,b\n"1\n1","\r\n2\r\n\n"\r\n3,4\n',
			[
				['1\n1', '\r\n2\r\n\n'],
				['3', '4'],
			],
		],
		[
			'CR before a closing quote',
			'a,b\n1,"2\r"\n3,"4\r"\r\n',
			[
				['1', '2\r'],
				['3', '4\r'],
			],
		],
		[
			'doubled quotes',
			'a,b\n"""",""""""\n"x""y","""x"""\n',
			[
				['"', '""'],
				['x"y', '"x"'],
			],
		],
		[
			'JSON',
			'a,b\n1,"{""x"":""y, \\""z\\"""",""n"":[1,2]}"\n',
			[['1', '{"x":"y, \\"z\\"","n":[1,2]}']],
		],
		[
			'quotes in a field',
			'a,b\n5" pipe,6"\n7,x "y"\n',
			[
				['5" pipe', '6"'],
				['7', 'x "y"'],
			],
		],
		[
			'spaces',
			'a,b\n 1 ,\t\n" 2 ",  \n',
			[
				[' 1 ', '\t'],
				[' 2 ', '  '],
			],
		],
		[
			'empty values',
			'a,b,c\n,,\n"",,""\n1,,\n,,3\n',
			[
				['', '', ''],
				['', '', ''],
				['1', '', ''],
				['', '', '3'],
			],
		],
		['an empty value at the end', 'a,b\n1,', [['1', '']]],
		[
			'empty lines',
			'\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n\r\n',
			[
				['1', '2'],
				['3', '4'],
			],
		],
		['one column', 'a\n1\n\n""\n2\n', [['1'], [''], ['2']]],
		[
			'numbers and the like',
			'a,b\n00123456789012345678901234567890,1.10\nnull,true\n',
			[
				['00123456789012345678901234567890', '1.10'],
				['null', 'true'],
			],
		],
		[
			'a CR without LF',
			'a,b\n1\r1,\r2\n"3\r",4\r5\n',
			[
				['1\r1', '\r2'],
				['3\r', '4\r5'],
			],
		],
		['beyond ASCII', 'a,b\nКиїв,"日本,\u2028😀"\n', [['Київ', '日本,\u2028😀']]],
		['byte-order marks within', 'a,b\n1\uFEFF,"\uFEFF"\n', [['1\uFEFF', '\uFEFF']]],
		[
			'byte-order marks of files that were joined',
			'a,b\n\uFEFF1,2\n\uFEFF\uFEFF"3",4\n\uFEFF\n\uFEFF',
			[
				['1', '2'],
				['3', '4'],
			],
		],
		[
			'CR alone as line end',
			'a,b\r1,2\r\r"3\r",4\r',
			[
				['1', '2'],
				['3\n', '4'],
			],
		],
		['CR alone after an empty first line', '\n\r\na,b\r1,2\r', [['1', '2']]],
		['CR alone after a quoted name', '"a\n",b\r1,2', [['1', '2']]],
		[
			'CRCRLF, as a careless copy makes',
			'a,b\r\r\n1,2\r\r\n3,4\r\r\n',
			[
				['1', '2'],
				['3', '4'],
			],
		],
		['a header alone', 'a,b\n', []],
		['a header without a line end', 'a,b', []],
		['nothing', '', []],
		['a byte-order mark alone', '\uFEFF', []],
		['empty lines alone', '\n\r\n\n', []],
	])('reads %s', (_, text, values) => {
		expect(valuesOf(text)).toEqual(values);
	});
});

describe('names', () => {
	it.each<[string, string, string[]]>([
		['plain', 'a,b c, d ', ['a', 'b c', ' d ']],
		['quoted', '"a,1","b\n""2""",c', ['a,1', 'b\n"2"', 'c']],
		['after a byte-order mark', '\uFEFFa,b', ['a', 'b']],
		['quoted after a byte-order mark', '\uFEFF"a,a",b', ['a,a', 'b']],
		['repeated', 'a,a,b,a', ['a', 'a_2', 'b', 'a_3']],
		['repeated, with a number that is taken', 'a,a,a_2,a,a_2', ['a', 'a_3', 'a_2', 'a_4', 'a_2_2']],
		['blank', ',a, ,""', ['column_1', 'a', 'column_3', 'column_4']],
		[
			'blank, with a number that is taken',
			',column_1,,column_3',
			['column_1_2', 'column_1', 'column_3_2', 'column_3'],
		],
		[
			'blank, with a number that was used',
			'column,,column,column_5,',
			['column', 'column_2', 'column_3', 'column_5', 'column_5_2'],
		],
		[
			'blank, with a number that a repeated one got',
			'column,column,,column_2',
			['column', 'column_3', 'column_3_2', 'column_2'],
		],
		[
			'members of every object',
			'__proto__,constructor,toString,__proto__',
			['__proto___2', 'constructor', 'toString', '__proto___3'],
		],
	])('%s', (_, header, names) => {
		const values = names.map((_name, index) => `v${index}`);
		const { rows, invalidRows } = read([`${header}\n${values.join()}\n`]);
		expect(rows).toEqual([names.map((name, index) => [name, values[index]])]);
		expect(invalidRows).toEqual([]);
	});

	it('may be one that is repeated very often', () => {
		const count = 200_000;
		const line = 'a,'.repeat(count - 1) + '"a"\n';
		const { rows } = read([line, line]);
		expect(rows[0]).toHaveLength(count);
		expect(rows[0]?.at(-1)).toEqual([`a_${count}`, 'a']);
	});

	it.each([2, 1000])('leave the prototypes of %i fields alone', (count) => {
		let row: object = {};
		const parser = csvParser({ row: (given) => (row = given), invalidRow: () => undefined });
		parser.write(`__proto__${',x'.repeat(count - 1)}\ny${',z'.repeat(count - 1)}\n`);
		expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
		expect(Object.keys(row)).toHaveLength(count);
		expect(row).toMatchObject({ __proto___2: 'y', x: 'z' });
	});
});

const UNCLOSED_QUOTE = 'has an unclosed quote, so the rest of the file was read as one field';
const TEXT_AFTER_QUOTE = 'has text after a closing quote';

describe('invalid rows', () => {
	it.each<[string, string, string[], Array<[number, string]>]>([
		['too few', 'a,b,c\n1,2\n3,4,5\n', ['3'], [[2, 'has 2 fields where the header has 3']]],
		['one', 'a,b,c\n1\n3,4,5\n', ['3'], [[2, 'has 1 field where the header has 3']]],
		['too many', 'a,b\n1,2\n3,4,\n5,6\n', ['1', '5'], [[3, 'has 3 fields where the header has 2']]],
		['never closed', 'a,b\n1,2\n3,"4\n5,6\n', ['1'], [[3, UNCLOSED_QUOTE]]],
		['never closed, no line end', 'a,b\n1,2\n3,"', ['1'], [[3, UNCLOSED_QUOTE]]],
		['never closed after doubled ones', 'a,b\n1,2\n3,"4""', ['1'], [[3, UNCLOSED_QUOTE]]],
		['text after a quote', 'a,b\n1,"2"x\n3,4\n', ['3'], [[2, TEXT_AFTER_QUOTE]]],
		['a space after a quote', 'a,b\n"1" ,2\n3,4\n', ['3'], [[2, TEXT_AFTER_QUOTE]]],
		['CR after a quote', 'a,b\n"1"\r,2\n3,4\n', ['3'], [[2, TEXT_AFTER_QUOTE]]],
		['text after a quote at the end', 'a,b\n1,2\n3,"4"x', ['1'], [[3, TEXT_AFTER_QUOTE]]],
		['quote not doubled', 'a,b\n1,"{"x":1}"\n3,4\n', ['3'], [[2, TEXT_AFTER_QUOTE]]],
		[
			'lines of the file',
			'\n"a\n\r\nb",c\r\n\r\n1\n"2\r\n2\n",3\n\n4\n5,"6\n7"8\n9,"\n',
			['2\r\n2\n'],
			[
				[6, 'has 1 field where the header has 2'],
				[11, 'has 1 field where the header has 2'],
				[12, TEXT_AFTER_QUOTE],
				[14, UNCLOSED_QUOTE],
			],
		],
		[
			'not UTF-8',
			'a,b\n1,\uDFFF\n3,"\uD83C\uDFFF"\n',
			['3'],
			[[2, 'contains bytes that are not UTF-8']],
		],
		[
			'not UTF-8 in the header',
			'a,\uDFFF\n1,2\n',
			[],
			[[1, 'is the header, and contains bytes that are not UTF-8']],
		],
		[
			'quoted names between semicolons',
			'"a";"b"\n"1";"2"\n',
			[],
			[
				[
					1,
					`is the header, and ${TEXT_AFTER_QUOTE}; the file seems to use semicolons instead of commas between its columns`,
				],
			],
		],
		['header never closed', '\na,"b\n1,2\n', [], [[2, `is the header, and ${UNCLOSED_QUOTE}`]]],
		[
			'text after a quote in the header',
			'a,"b"c\n1,2\n3\n',
			[],
			[[1, `is the header, and ${TEXT_AFTER_QUOTE}`]],
		],
	])('%s', (_, text, firstValues, expected) => {
		const { rows, invalidRows } = read([text]);
		expect(rows.map((row) => row[0]?.[1])).toEqual(firstValues);
		expect(invalidRows).toEqual(expected);
	});
});

describe('lines that are lost with an invalid row', () => {
	it.each([
		['up to the end of the file', 'a,b\n1,2\n"3,4\n5,6\n7,8\n9,10\n', 3],
		['up to an end without a line end', 'a,b\n"3,4\n5,6\n7,8', 2],
		['up to another stray quote', 'a,b\n"3,4\n5,6\n7,8"\n9,10\n', 2],
		['up to a quoted field', 'a,b\n"3,4\n5,6\n7,"8"\n9,10\n', 2],
		['after an invalid header', 'a,"b"c\n1,2\n3,4\n', 2],
		['none', 'a,b\n1\n2,3\n', 0],
	])('are counted: %s', (_, text, expected) => {
		for (const chunks of [[text], text.split('')]) {
			let lost = 0;
			const parser = csvParser({
				row: () => undefined,
				invalidRow: () => undefined,
				linesLost: (count) => (lost += count),
			});
			for (const chunk of chunks) parser.write(chunk);
			parser.end();
			expect(lost).toBe(expected);
		}
	});

	it('are no rows where a field with line ends is cut off', () => {
		const { rows, invalidRows } = read(['a,b\n1,"a text:\nx,y\nz,']);
		expect(rows).toEqual([]);
		expect(invalidRows).toEqual([[2, UNCLOSED_QUOTE]]);
	});
});

describe('a header of one column', () => {
	it.each<[string, string[]]>([
		['a;b', ['seems to use semicolons instead of commas between its columns']],
		['a\tb', ['seems to use tabs instead of commas between its columns']],
		['a', []],
		['a;b,c', []],
	])('%j causes a warning if it looks like several: %j', (header, expected) => {
		const warnings: string[] = [];
		const invalidRows: string[] = [];
		const parser = csvParser({
			row: () => undefined,
			invalidRow: (_, problem) => invalidRows.push(problem),
			warn: (warning) => warnings.push(warning),
		});
		parser.write(`${header}\n1;2,5;3,4\n`);
		parser.end();
		expect(warnings).toEqual(expected);
		for (const warning of warnings) {
			expect(invalidRows).toEqual([`has 3 fields where the header has 1; the file ${warning}`]);
		}
	});
});

describe('a row with JSON in a quoted column', () => {
	it('takes little more memory than its text', () => {
		const kept: unknown[] = [];
		const parser = csvParser({ row: (row) => kept.push(row), invalidRow: () => undefined });
		const metadata = Array.from({ length: 12 }, (_, index) => `""key_${index}"":""value""`).join();
		parser.write('id,metadata\n');
		gc();
		const before = process.memoryUsage().heapUsed;
		for (let row = 0; row < 20_000; row++) parser.write(`${row},"{${metadata}}"\n`);
		parser.end();
		gc();
		expect(kept).toHaveLength(20_000);
		expect((process.memoryUsage().heapUsed - before) / 20_000).toBeLessThan(500);
	});
});

describe('a value that is kept', () => {
	it('keeps nothing else of the file in memory', () => {
		const kept: unknown[] = [];
		const parser = csvParser({ row: ({ id }) => kept.push(id), invalidRow: () => undefined });
		const filler = 'x'.repeat(4_000);
		parser.write('id,filler\n');
		gc();
		const before = process.memoryUsage().heapUsed;
		for (let row = 0; row < 20_000; row++) {
			parser.write(`an id of some length ${row},"${filler}"\n`);
		}
		parser.end();
		gc();
		expect(kept).toHaveLength(20_000);
		// The file is 80 MB.
		expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6);
	});
});

const TORTURE =
	'\uFEFF"i""d",name,,name\r\n' +
	'1,"a ""quoted"", word\r\nand\na line","",""""\n' +
	'\r\n' +
	'2,5" pipe,\r,x\r\r\n' +
	'3,too,"few\r\n"\r\n' +
	'"4",\uFEFFКиїв,"{""a"":[1,""😀""]}","""\r\n"""\r\n' +
	'5,"stray"quote,,\n' +
	'6,,,\n\n' +
	'7,"never,"",\r\n';
const TORTURE_READ = {
	rows: [
		['1', 'a "quoted", word\r\nand\na line', '', '"'],
		['2', '5" pipe', '\r', 'x\r'],
		['4', '\uFEFFКиїв', '{"a":[1,"😀"]}', '"\r\n"'],
		['6', '', '', ''],
	].map((values) => ['i"d', 'name', 'column_3', 'name_2'].map((name, at) => [name, values[at]])),
	invalidRows: [
		[7, 'has 3 fields where the header has 4'],
		[11, TEXT_AFTER_QUOTE],
		[14, UNCLOSED_QUOTE],
	],
};

describe('chunks', () => {
	it('may be the whole file', () => {
		expect(read([TORTURE])).toEqual(TORTURE_READ);
	});

	it('may be single characters, and empty', () => {
		expect(read(TORTURE.split(''))).toEqual(TORTURE_READ);
		expect(read(TORTURE.split('').flatMap((character) => ['', character]))).toEqual(TORTURE_READ);
	});

	it('may be cut anywhere', () => {
		for (let first = 0; first <= TORTURE.length; first++) {
			for (let second = first; second <= TORTURE.length; second++) {
				const chunks = [
					TORTURE.slice(0, first),
					TORTURE.slice(first, second),
					TORTURE.slice(second),
				];
				const outcome = read(chunks);
				// `expect` is slow, and there are tens of thousands of cuts.
				if (JSON.stringify(outcome) !== JSON.stringify(TORTURE_READ)) {
					expect({ chunks, ...outcome }).toEqual({ chunks, ...TORTURE_READ });
				}
			}
		}
	});

	it('return their rows before the end of the file', () => {
		const { parser, rows } = collect();
		parser.write('a,b\n1,2\n3,"4');
		expect(rows).toHaveLength(1);
		parser.write('\n"\n5,6\n7');
		expect(rows).toHaveLength(3);
		parser.end();
		expect(rows).toHaveLength(3);
	});
});

/** Numbers below a limit, the same in each run. */
function numbers(seed: number) {
	let state = seed;
	return (limit: number) => {
		state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
		return (state >> 8) % limit;
	};
}

describe('files at random', () => {
	const MARKS = [',', '"', '\n', '\r', '\r\n', 'x', 'é', ' ', '1'];

	/** Values, a file that holds them, and that file in chunks. */
	function write(seed: number) {
		const below = numbers(seed);
		const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make);
		const width = 1 + below(4);
		const header = times(width, () => 'n').map((name, index) => name + index);
		const values = times(below(6), () =>
			times(width, () => times(below(5), () => MARKS[below(MARKS.length)]!).join('')),
		);
		const records = [header, ...values].map((record) =>
			record.map((value) =>
				/[",\r\n]/.test(value) || (width === 1 && value === '') || below(4) === 0
					? `"${value.replaceAll('"', '""')}"`
					: value,
			),
		);
		const lineEnd = () => (below(2) === 0 ? '\n' : '\r\n').repeat(1 + (below(4) === 0 ? 1 : 0));
		let text = records.map((record) => record.join() + lineEnd()).join('');
		if (below(2) === 0) text = text.replace(/(\r?\n)+$/, '');
		const chunks: string[] = [];
		for (let at = 0; at < text.length; at += chunks.at(-1)!.length) {
			chunks.push(text.slice(at, at + 1 + below(9)));
		}
		return { header, values, text, chunks };
	}

	it('are read as they were written, and as csv-parse reads them', () => {
		for (let seed = 1; seed <= 500; seed++) {
			const { header, values, text, chunks } = write(seed);
			const { rows, invalidRows } = read(chunks);
			expect({ seed, text, invalidRows }).toEqual({ seed, text, invalidRows: [] });
			expect(rows).toEqual(values.map((row) => row.map((value, at) => [header[at], value])));
			const others = csvParse(text, {
				columns: true,
				record_delimiter: ['\r\n', '\n'],
				skip_empty_lines: true,
			}) as object[];
			expect(rows).toEqual(others.map((row) => Object.entries(row)));
		}
	});
});

describe('long records', () => {
	const MILLION = 'x'.repeat(1024 * 1024);

	function* chunks(...parts: Array<[text: string, times: number]>) {
		for (const [text, times] of parts) for (let time = 0; time < times; time++) yield text;
	}

	it('may arrive in very many chunks', () => {
		const line = `${'y'.repeat(99)}\n`;
		const { rows, invalidRows } = read(chunks(['a,b\n1,"', 1], [line, 200_000], ['"\n2\n', 1]));
		expect(rows).toEqual([
			[
				['a', '1'],
				['b', line.repeat(200_000)],
			],
		]);
		expect(invalidRows).toEqual([[200_003, 'has 1 field where the header has 2']]);
	});

	const TOO_LONG = 'is longer than 64 million characters, probably because of an unclosed quote';

	it('are invalid when they are too long, and reading goes on after them', () => {
		const file: Array<[string, number]> = [
			['a,b\n1,2\n3,"\n', 1],
			[`${MILLION}\n`, 65],
			['5,6\n7\n8,9\n', 1],
		];
		const { rows, invalidRows } = read(chunks(...file));
		expect(rows.map((row) => row.map(([, value]) => value))).toEqual([
			['1', '2'],
			['5', '6'],
			['8', '9'],
		]);
		expect(invalidRows[0]).toEqual([3, TOO_LONG]);
		expect(invalidRows.at(-1)).toEqual([70, 'has 1 field where the header has 2']);
		expect(read([[...chunks(...file)].join('')])).toEqual({ rows, invalidRows });
	});

	it('do not fill the memory', () => {
		const { parser, rows, invalidRows } = collect();
		parser.write('a,b\n1,"\n');
		for (let time = 0; time < 64; time++) {
			expect(invalidRows).toEqual([]);
			parser.write(MILLION);
		}
		expect(invalidRows).toEqual([[2, TOO_LONG]]);
		// Kept, they would be longer than any string may be.
		for (let time = 0; time < 600; time++) parser.write(MILLION);
		parser.write('\n3,4\n');
		parser.end();
		expect(invalidRows).toHaveLength(1);
		expect(rows).toHaveLength(1);
	});

	it.each([
		['as long as may be', MAX_RECORD_LENGTH - '1,\n'.length, []],
		['longer by one', MAX_RECORD_LENGTH - '1,\n'.length + 1, [[2, TOO_LONG]]],
	])('%s', (_, length, expected) => {
		const text = `a,b\n1,${'x'.repeat(length)}\n3,4\n`;
		for (const cut of [text.length, text.length - 5, text.length - 4]) {
			const { rows, invalidRows } = read([text.slice(0, cut), text.slice(cut)]);
			expect(invalidRows).toEqual(expected);
			expect(rows).toHaveLength(2 - expected.length);
		}
	});

	it('end the reading of a file whose header is too long', () => {
		const { rows, invalidRows } = read(chunks(['a,"\n', 1], [MILLION, 65], ['\n1,2\n3,4\n', 1]));
		expect(rows).toEqual([]);
		expect(invalidRows).toEqual([[1, `is the header, and ${TOO_LONG}`]]);
	});
});
