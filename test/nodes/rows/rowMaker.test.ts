import { setFlagsFromString } from 'node:v8';
import type { IDataObject } from 'n8n-workflow';

import { ColumnReader } from '../../../nodes/Userpilot/rows/columnReader';
import { csvParser } from '../../../nodes/Userpilot/rows/csv';
import { fieldReader } from '../../../nodes/Userpilot/rows/fieldReader';
import { flattener } from '../../../nodes/Userpilot/rows/flatten';
import { fieldPruner, fieldSelector } from '../../../nodes/Userpilot/rows/outputFields';
import { rowMaker, rowOfEntries } from '../../../nodes/Userpilot/rows/rowMaker';
import { Summary } from '../../../nodes/Userpilot/rows/summary';
import { parse } from './outcome';

describe('a row', () => {
	it('has its names in their order, also __proto__', () => {
		const names = ['b', '__proto__', 'constructor', 'a'];
		const row = rowMaker(names)([1, { c: 2 }, null, 'x']);
		expect(Object.entries(row)).toEqual([
			['b', 1],
			['__proto__', { c: 2 }],
			['constructor', null],
			['a', 'x'],
		]);
		expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
	});

	it('can have many names, also __proto__', () => {
		const names = ['__proto__', ...Array.from({ length: 300 }, (_, index) => `c${index}`)];
		expect(Object.keys(rowMaker(names)(names))).toEqual(names);
	});

	it('of any names is made of its entries', () => {
		const rowOf = rowOfEntries();
		for (let count = 0; count < 1_500; count++) {
			const entries: Array<[string, number]> = [
				['a', count],
				[`b${count}`, 1],
			];
			expect(Object.entries(rowOf(entries))).toEqual(entries);
		}
	});
});

describe('in a process that has made many kinds of objects, as n8n has', () => {
	/** Whether V8 holds the names of two objects in memory once. */
	let shareNames: (one: object, other: object) => boolean;
	const kinds: IDataObject[] = [];
	const row = { user_id: 'u1', metadata: { plan: 'pro', seats: 3 } };
	const flat = flattener();

	beforeAll(() => {
		setFlagsFromString('--allow-natives-syntax');
		shareNames = new Function('one', 'other', 'return %HaveSameMap(one, other)') as never;
		for (let count = 0; count < 2_000; count++) {
			const object: IDataObject = {};
			object[`kind ${count}`] = 1;
			kinds.push(object);
		}
		flat.add(row);
	});

	it('objects to which names are added do not share them', () => {
		const added = () => {
			const object: IDataObject = {};
			for (const name of ['a name of its own', 'b']) object[name] = 1;
			return object;
		};
		expect(shareNames(added(), added())).toBe(false);
		const entries = Object.entries(added());
		expect(shareNames(Object.fromEntries(entries), Object.fromEntries(entries))).toBe(false);
	});

	it.each<[string, () => object]>([
		['with Output Fields', () => fieldSelector(['user_id', 'metadata.plan'])(row)],
		['that are flattened', () => flat.flatten(row)],
		['that are pruned', () => fieldPruner(['user_id', 'metadata_plan'])(row)],
		[
			'whose nested values are pruned',
			() => fieldPruner(['metadata_plan'])(row).metadata as object,
		],
		['of CSV', () => parse((sink) => csvParser(sink), ['some,other\n1,2\n'])[0]!],
		[
			'of which some columns were read',
			() => {
				const reader = new ColumnReader(new Set(['one', 'two']));
				reader.learn({ one: 1, two: 2, three: 3 });
				return reader.read('{"one":1,"two":2,"three":3}')!;
			},
		],
		[
			'of a summary',
			() => {
				const summary = new Summary({
					groupBy: ['group'],
					values: [{ aggregation: 'count' }],
					readerOf: fieldReader,
				});
				summary.add({ group: 'a' });
				return summary.rows()[0]!;
			},
		],
	])('rows %s share them', (_, make) => {
		expect(shareNames(make(), make())).toBe(true);
	});
});
