import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { flattener } from '../../../nodes/Userpilot/rows/flatten';
import { fieldPruner, fieldSelector } from '../../../nodes/Userpilot/rows/outputFields';
import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';

describe('output fields', () => {
	it('are the only columns, in their order, null where a row has none', () => {
		const select = fieldSelector(['event_type', 'metadata.plan', 'user_id', 'nowhere']);
		const selected = select({ user_id: 'u', metadata: { plan: 'pro' }, event_type: 'track', x: 1 });
		expect(Object.entries(selected)).toEqual([
			['event_type', 'track'],
			['metadata_plan', 'pro'],
			['user_id', 'u'],
			['nowhere', null],
		]);
	});

	it('keep nested values as they are', () => {
		const select = fieldSelector(['metadata', 'metadata.tags']);
		expect(select({ metadata: { tags: ['a'] } })).toEqual({
			metadata: { tags: ['a'] },
			metadata_tags: ['a'],
		});
	});

	it('have one column for a field that is named twice', () => {
		expect(fieldSelector(['a.b', 'a_b'])({ a: { b: 1 }, a_b: 2 })).toEqual({ a_b: 2 });
	});
});

/** Names that collide once they are joined by underscores. */
const name = fc.constantFrom('a', 'b', 'a_b', 'b_2', 'a_b_2', '2', '');
const rowsOf = fc.array(
	fc.letrec<{ value: unknown; object: IDataObject }>((tie) => ({
		value: fc.oneof({ depthSize: 'small' }, fc.integer(), fc.constant(null), tie('object')),
		object: fc.dictionary(name, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<IDataObject>,
	})).object,
	{ maxLength: 6 },
);

const flattened = (rows: IDataObject[]) => {
	const { add, flatten } = flattener();
	for (const row of rows) add(row);
	return rows.map(flatten);
};

describe('rows that are pruned before they are flattened', () => {
	it(
		'hold the same fields as without',
		() => {
			fc.assert(
				fc.property(
					rowsOf,
					fc.array(fc.constantFrom('a', 'a_b', 'a_b_2', 'a_b_3', 'a_2', 'b')),
					(rows, fields) => {
						const pick = (flat: IDataObject[]) => flat.map((row) => fieldSelector(fields)(row));
						const pruned = rows.map(fieldPruner(fields));
						expect(pick(flattened(pruned))).toEqual(pick(flattened(rows)));
					},
				),
				fuzzOptions(1_000),
			);
		},
		FUZZ_TIMEOUT_MS,
	);

	it('hold no other columns', () => {
		const prune = fieldPruner(['metadata_plan']);
		expect(
			prune({ user_id: 'u', metadata: { plan: 'pro', seats: 3 }, big: { nested: 1 } }),
		).toEqual({
			metadata: { plan: 'pro' },
		});
	});
});
