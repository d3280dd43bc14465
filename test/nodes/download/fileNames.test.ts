import { matchesName, mimeTypeOf } from '../../../nodes/Userpilot/download/fileNames';
import { withoutGz } from '../../../nodes/Userpilot/download/gzip';
import { promptly } from '../../support/promptly';

describe('withoutGz', () => {
	it.each([
		['2024-07-29.json.gz', '2024-07-29.json'],
		['2024-07-29.JSON.GZ', '2024-07-29.JSON'],
		['export.gz', 'export'],
		['2024-07-29.json', '2024-07-29.json'],
		['a.gz.json', 'a.gz.json'],
		['a.gz.gz', 'a.gz'],
		['agz', 'agz'],
		['.gz', '.gz'],
	])('%s becomes %s', (filename, expected) => {
		expect(withoutGz(filename)).toBe(expected);
	});
});

describe('mimeTypeOf', () => {
	it.each([
		['a.json', '{"a":1}\n', 'application/x-ndjson'],
		['a.json', '[{"a":1}]', 'application/json'],
		['a.json', '\uFEFF \r\n[', 'application/json'],
		['a.JSON', '[]', 'application/json'],
		['a.json', '', 'application/x-ndjson'],
		['a.json', 'x[', 'application/x-ndjson'],
		['a.ndjson', '[', 'application/x-ndjson'],
		['a.jsonl', '{', 'application/x-ndjson'],
		['a.csv', '[a],b', 'text/csv'],
		['a.json.gz', '\x1f', 'application/gzip'],
		['a.parquet', 'PAR1', 'application/vnd.apache.parquet'],
		['a.avro', 'Obj', 'application/vnd.apache.avro'],
		['a.txt', '{', 'application/octet-stream'],
		['export', '{', 'application/octet-stream'],
		['json', '{', 'application/octet-stream'],
		['a.', '{', 'application/octet-stream'],
		['a.constructor', '{', 'application/octet-stream'],
		['a.__proto__', '{', 'application/octet-stream'],
	])('%s that begins with %j is %s', (filename, start, expected) => {
		expect(mimeTypeOf(filename, Buffer.from(start))).toBe(expected);
	});

	it('of an empty file depends on its name only', () => {
		expect(mimeTypeOf('a.json', undefined)).toBe('application/x-ndjson');
		expect(mimeTypeOf('a.csv', undefined)).toBe('text/csv');
	});
});

describe('matchesName', () => {
	it.each([
		['2024-07-29.json.gz', ['2024-07-*'], true],
		['2024-07-29.json.gz', ['2024-08-*'], false],
		['2024-07-29.json.gz', ['2024-08-*', '*-29.*'], true],
		['2024-07-29.json.gz', ['2024-07-29.json.gz'], true],
		['2024-07-29.json.gz', ['2024-07-29.json'], true],
		['2024-07-29.json', ['2024-07-29.json.gz'], false],
		['2024-07-29.json.gz', ['*.json'], true],
		['2024-07-29.json.gz', ['*.gz'], true],
		['2024-07-29.json.gz', ['*.csv'], false],
		['2024-07-29.json.gz', ['*'], true],
		['2024-07-29.json.gz', ['***'], true],
		['2024-07-29.json.gz', ['*2024*29*'], true],
		['2024-07-29.json.gz', ['2024-07-29'], false],
		['2024-07-29.json.gz', ['07-29*'], false],
		['2024-07-29.json.gz', [''], false],
		['2024-07-29.json.gz', [], false],
		['2024-07-29xjson', ['2024-07-29.json'], false],
		['a+b(1)[2]{3}^$|?\\.json', ['a+b(1)[2]{3}^$|?\\.json'], true],
		['a+b(1)[2]{3}^$|?\\.json', ['*(1)[2]*?\\*'], true],
		['aab', ['a+b'], false],
		['ab', ['a|b'], false],
		['ab', ['a?b'], false],
		['a', ['[a]'], false],
		['two\nlines.json', ['two*'], true],
	])('%j and %j: %p', (filename, patterns, expected) => {
		expect(matchesName(filename, patterns)).toBe(expected);
	});

	it.each([
		['a.json', ['*a.json*.json'], false],
		['aXb', ['aX*Xb'], false],
		['aba', ['*ab*a'], true],
		['ab', ['ab*'], true],
		['a-b-c-b', ['a*b'], true],
		['a-b-c', ['a*b'], false],
		['a-b-c', ['*c*b*'], false],
	])('no part of %j matches twice for %j: %p', (filename, patterns, expected) => {
		expect(matchesName(filename, patterns)).toBe(expected);
	});

	it('returns at once, however many stars the pattern has', () => {
		const stars = [`${'*a'.repeat(30)}*b`];
		expect(promptly(() => matchesName('a'.repeat(2_000), stars))).toBe(false);
	});
});
