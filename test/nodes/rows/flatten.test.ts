import type { IDataObject } from 'n8n-workflow';

import { flattener } from '../../../nodes/Userpilot/rows/flatten';
import { promptly } from '../../support/promptly';

function flattenAll(rows: IDataObject[]): IDataObject[] {
	const { add, flatten } = flattener();
	for (const row of rows) add(row);
	return rows.map(flatten);
}

const flatten = (row: IDataObject) => flattenAll([row])[0]!;

describe('flatten', () => {
	it.each([
		['nothing', {}, {}],
		['what is flat', { a: 1, b: 'x', c: null, d: false }, { a: 1, b: 'x', c: null, d: false }],
		[
			'nested values, in their order',
			{ a: 1, metadata: { plan: 'pro', owner: { id: 7, tags: ['x'] } }, z: 2 },
			{ a: 1, metadata_plan: 'pro', metadata_owner_id: 7, metadata_owner_tags: '["x"]', z: 2 },
		],
		[
			'arrays as JSON text',
			{ a: [], b: [1, 'x', null], c: [{ d: { e: 1 } }], f: { g: [[1]] } },
			{ a: '[]', b: '[1,"x",null]', c: '[{"d":{"e":1}}]', f_g: '[[1]]' },
		],
		['null', { a: null, b: { c: null } }, { a: null, b_c: null }],
		[
			'dates, which are text',
			{ a: { b: '2024-07-29T00:00:00Z' } },
			{ a_b: '2024-07-29T00:00:00Z' },
		],
		['empty objects, which have no columns', { a: {}, b: { c: {}, d: 1 } }, { b_d: 1 }],
		['names that are empty', { '': { '': 1 }, a: { '': 2 } }, { _: 1, a_: 2 }],
		['a column that is there already', { a_b: 1, a: { b: 2 } }, { a_b: 1, a_b_2: 2 }],
		['one that comes later', { a: { b: 2 }, a_b: 1 }, { a_b_2: 2, a_b: 1 }],
		['one that is an array', { a: { b: 2 }, a_b: [] }, { a_b_2: 2, a_b: '[]' }],
		['one that is null', { a: { b: 2 }, a_b: null }, { a_b_2: 2, a_b: null }],
		[
			'a number that is taken, too',
			{ a_b: 1, a: { b: 2 }, a_b_2: 3 },
			{ a_b: 1, a_b_3: 2, a_b_2: 3 },
		],
		['two flattened ones', { a: { b_c: 1 }, a_b: { c: 2 } }, { a_b_c: 1, a_b_c_2: 2 }],
		[
			'three of them, and one with a number',
			{ a: { b: { c: 1 }, b_c: 2, b_c_2: 4 }, a_b: { c: 3 } },
			{ a_b_c: 1, a_b_c_2: 2, a_b_c_2_2: 4, a_b_c_3: 3 },
		],
		[
			'a name of which only nested ones are left',
			{ a_b: { c: 1 }, a: { b: 2 } },
			{ a_b_c: 1, a_b: 2 },
		],
	])('flattens %s', (_what, row, columns) => {
		const before = structuredClone(row);
		const flat = flatten(row);
		expect(flat).toEqual(columns);
		expect(Object.keys(flat)).toEqual(Object.keys(columns));
		expect(row).toEqual(before);
	});

	it('turns names that objects inherit into plain columns', () => {
		const row = JSON.parse(
			'{"__proto__":{"a":1},"b":{"__proto__":2,"toString":3},"constructor":[4]}',
		);
		expect(Object.entries(flatten(row))).toEqual([
			['__proto___a', 1],
			['b___proto__', 2],
			['b_toString', 3],
			['constructor', '[4]'],
		]);
		const nested = JSON.parse('{"__proto__":1,"a":{"b":{"__proto__":{"c":2}}}}');
		const flat = flatten(nested);
		expect(Object.entries(flat)).toEqual([
			['__proto__', 1],
			['a_b___proto___c', 2],
		]);
		expect(Object.getPrototypeOf(flat)).toBe(Object.prototype);
	});

	it.each([
		[
			'a column that only another row has',
			[{ m: { p: 1 }, m_p: 2 }, { m: { p: 1 } }],
			[{ m_p_2: 1, m_p: 2 }, { m_p_2: 1 }],
		],
		[
			'a column that only a later row has',
			[{ m: { p: 1 } }, { m_p: 2 }, { m: { p: 3 } }],
			[{ m_p_2: 1 }, { m_p: 2 }, { m_p_2: 3 }],
		],
		[
			'properties that share a name in different rows',
			[{ a: { b_c: 1 } }, { a_b: { c: 2 } }, { a_b: { c: 3 }, a: { b_c: 4 } }],
			[{ a_b_c: 1 }, { a_b_c_2: 2 }, { a_b_c_2: 3, a_b_c: 4 }],
		],
		[
			'a property that is nested in one row only',
			[{ a: 1 }, { a: { b: 2 } }, { a: [3] }, { a: { b: { c: 4 } } }],
			[{ a: 1 }, { a_b: 2 }, { a: '[3]' }, { a_b_c: 4 }],
		],
	])('uses one column for a property in all rows: %s', (_what, rows, expected) => {
		expect(flattenAll(rows)).toEqual(expected);
	});

	it('takes no quadratic time for columns that need the same name', () => {
		const rows = Array.from({ length: 30_000 }, (_, index) => {
			const path = index
				.toString(2)
				.padStart(15, '0')
				.split('')
				.map((digit) => (digit === '0' ? 'a_a' : 'a'));
			return { path };
		});
		// Each bit splits the name elsewhere, or not at all: 2^14 properties, one name.
		const nested = rows.map(({ path }) => {
			const keys = path.flatMap((key) => (key === 'a' ? ['a', 'a'] : [key]));
			return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), 1) as IDataObject;
		});
		const flat = promptly(() => flattenAll(nested));
		expect(new Set(flat.map((row) => Object.keys(row)[0])).size).toBe(30_000);
	});

	it('returns a flat row as it is', () => {
		const row = { a: 1, b: null };
		expect(flatten(row)).toBe(row);
	});
});
