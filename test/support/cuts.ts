import fc from 'fast-check';

/** Places to cut something at, as shares of its length. */
export const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

/** The chunks of something that is cut there, in their order. */
export function inPieces<T extends { length: number; slice(start: number, end?: number): T }>(
	whole: T,
	shares: number[],
): T[] {
	const ends = shares.map((share) => Math.round(share * whole.length)).sort((a, b) => a - b);
	return [0, ...ends].map((start, index) => whole.slice(start, ends[index]));
}
