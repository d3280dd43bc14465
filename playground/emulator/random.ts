import { createHash } from 'node:crypto';

/** The first 32 bits of the text's SHA-256, so that similar texts give unrelated seeds. */
export function hash32(text: string): number {
	return createHash('sha256').update(text).digest().readUInt32BE(0);
}

/** Mulberry32, a small generator with 32 bits of state. Returns numbers in [0, 1), the same for the same seed. */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
	};
}

/** A random element of a list that is not empty. */
export function pick<T>(random: () => number, list: readonly T[]): T {
	return list[Math.floor(random() * list.length)] as T;
}
