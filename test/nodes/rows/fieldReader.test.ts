import { columnOf, columnsRead, fieldReader } from '../../../nodes/Userpilot/rows/fieldReader';

describe('a field of a row', () => {
	it.each([
		[{ 'a.b': 1, a: { b: 2 }, a_b: 3 }, 1],
		[{ a: { b: 2 }, a_b: 3 }, 2],
		[{ a: '{"b":2}', a_b: 3 }, 2],
		[{ a: {}, a_b: 3 }, 3],
	])('is read of some columns alone: %j', (row, expected) => {
		const some = columnsRead('a.b').flatMap((column) =>
			Object.entries(row).filter(([name]) => name === column),
		);
		expect(fieldReader('a.b')(Object.fromEntries(some))).toBe(expected);
	});

	it.each([
		['a column', 'user_id', { user_id: 'u1' }, 'u1'],
		['a column that is null', 'user_id', { user_id: null }, null],
		['a column that the row lacks', 'user_id', { company_id: 'c1' }, undefined],
		['a nested value', 'metadata.plan', { metadata: { plan: 'pro' } }, 'pro'],
		['a value nested twice', 'metadata.owner.id', { metadata: { owner: { id: 7 } } }, 7],
		['a list', 'metadata.tags', { metadata: { tags: ['a'] } }, ['a']],
		['a list, which has no fields', 'metadata.0', { metadata: ['a'] }, undefined],
		['a path that ends too soon', 'metadata.plan.name', { metadata: { plan: 'pro' } }, undefined],
		['a column with dots in its name', 'a.b', { 'a.b': 1, a: { b: 2 } }, 1],
		['nested JSON text, as in CSV', 'metadata.plan', { metadata: '{"plan":"pro"}' }, 'pro'],
		['text that only begins like JSON', 'metadata.plan', { metadata: '{plan' }, undefined],
		['a path in rows that are flat already', 'metadata.plan', { metadata_plan: 'pro' }, 'pro'],
		['what every object inherits', 'constructor.name', { a: 1 }, undefined],
		['an inherited column', 'toString', { a: 1 }, undefined],
	])('is read from %s', (_what, field, row, value) => {
		expect(fieldReader(field)(row)).toEqual(value);
	});

	it.each([
		['its flattened name', 'metadata_plan', { metadata: { plan: 'pro' } }, 'pro'],
		['a name with more underscores', 'a_b_c_d', { a_b: { c_d: 1 } }, 1],
		['a parent that is a column of its own, too', 'a_b', { a_b: 1, a: { b: 2 } }, 1],
		['an object, which has no column', 'a_b', { a: { b: { c: 1 } } }, undefined],
	])('is read with flattened names by %s', (_what, field, row, value) => {
		expect(fieldReader(field, true)(row)).toEqual(value);
	});

	it('has no flattened name unless rows are flattened', () => {
		expect(fieldReader('metadata_plan')({ metadata: { plan: 'pro' } })).toBeUndefined();
	});

	it('names its column as Flatten does', () => {
		expect(columnOf('metadata.owner.id')).toBe('metadata_owner_id');
	});
});
