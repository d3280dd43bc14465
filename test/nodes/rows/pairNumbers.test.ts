import fc from 'fast-check';

import { PairNumbers } from '../../../nodes/Userpilot/rows/pairNumbers';
import { fuzzOptions } from '../../support/fuzz';

const MAX = 2 ** 26 - 1;

describe('numbers of pairs', () => {
	it('are those of a Map, in the order in which pairs come', () => {
		const one = fc.oneof(fc.nat(30), fc.constantFrom(0, 1, 2 ** 16, MAX), fc.nat(MAX));
		fc.assert(
			fc.property(fc.array(fc.tuple(one, one), { maxLength: 400 }), (pairs) => {
				const numbers = new PairNumbers();
				const expected = new Map<string, number>();
				for (const [first, second] of pairs) {
					const key = `${first} ${second}`;
					if (!expected.has(key)) expected.set(key, expected.size);
					expect(numbers.numberOf(first, second)).toBe(expected.get(key));
				}
				expect(numbers.size).toBe(expected.size);
			}),
			fuzzOptions(300),
		);
	});
});
