const MIN_SLOTS = 64;
/** More slots than pairs, so that few share one. */
const SLOTS_PER_PAIR = 2;
const FREE = -1;

/** Odd numbers without a pattern, which spread pairs over the slots. */
const SPREAD_FIRST = 0x9e3779b1;
const SPREAD_SECOND = 0x85ebca6b;

/**
 * Gives each pair of numbers a number, from 0 on. It is a hash table of its own, because a Map makes an
 * object of each key above 2^31, and a Set for each first number takes several times the memory.
 */
export class PairNumbers {
	size = 0;

	private keys = new Float64Array(MIN_SLOTS).fill(FREE);

	private numbers = new Int32Array(MIN_SLOTS);

	/** @param first,second whole numbers from 0 to 2^26 - 1, above the limit of cells of a summary */
	numberOf(first: number, second: number): number {
		const key = first * 2 ** 26 + second;
		const slot = this.slotOf(key, first, second);
		if (this.keys[slot] === key) return this.numbers[slot]!;
		this.keys[slot] = key;
		this.numbers[slot] = this.size++;
		if (this.size * SLOTS_PER_PAIR > this.keys.length) this.grow();
		return this.size - 1;
	}

	/** The slot of a pair, or the free one that it should take. */
	private slotOf(key: number, first: number, second: number): number {
		const { keys } = this;
		const mixed = Math.imul(first, SPREAD_FIRST) ^ Math.imul(second, SPREAD_SECOND);
		let slot = (mixed ^ (mixed >>> 15)) & (keys.length - 1);
		while (keys[slot] !== key && keys[slot] !== FREE) slot = (slot + 1) & (keys.length - 1);
		return slot;
	}

	private grow(): void {
		const { keys, numbers } = this;
		this.keys = new Float64Array(2 * keys.length).fill(FREE);
		this.numbers = new Int32Array(2 * keys.length);
		for (let index = 0; index < keys.length; index++) {
			const key = keys[index]!;
			if (key === FREE) continue;
			const slot = this.slotOf(key, Math.floor(key / 2 ** 26), key % 2 ** 26);
			this.keys[slot] = key;
			this.numbers[slot] = numbers[index]!;
		}
	}
}
