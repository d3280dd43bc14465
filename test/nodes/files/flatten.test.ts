import { flatten } from '../../../nodes/Userpilot/files/flatten';

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
	])('takes %s', (_what, row, columns) => {
		const before = structuredClone(row);
		const flat = flatten(row);
		expect(flat).toEqual(columns);
		expect(Object.keys(flat)).toEqual(Object.keys(columns));
		expect(row).toEqual(before);
	});

	it('makes plain columns of names that objects inherit', () => {
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

	it('gives a flat row back as it is', () => {
		const row = { a: 1, b: null };
		expect(flatten(row)).toBe(row);
	});
});
