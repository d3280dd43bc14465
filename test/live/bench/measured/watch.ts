import type { TimerDelays } from './task';

const TIMER_MS = 10;
const MEMORY_EVERY_MS = 10;
const KILOBYTE = 1024;

/** Watches how late a timer is. Both functions that it gives may be called while it runs. */
export function watchTimer() {
	const delays: number[] = [];
	let expected = performance.now() + TIMER_MS;
	const sample = () => {
		const now = performance.now();
		delays.push(Math.max(0, now - expected));
		expected = now + TIMER_MS;
	};
	const timer = setInterval(sample, TIMER_MS);
	return {
		/** So far, the delay that is building up included. */
		delays(): TimerDelays {
			const sorted = [...delays, Math.max(0, performance.now() - expected)].sort((a, b) => a - b);
			return { p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0, worstMs: sorted.at(-1) ?? 0 };
		},
		stop: () => clearInterval(timer),
	};
}

/** Watches the resident memory from now on; the function that it gives ends that. */
export function watchMemory(): () => number {
	globalThis.gc?.();
	const before = process.memoryUsage.rss();
	const peakBefore = peakEver();
	let peak = before;
	const sample = () => {
		peak = Math.max(peak, process.memoryUsage.rss());
	};
	const timer = setInterval(sample, MEMORY_EVERY_MS);
	return () => {
		clearInterval(timer);
		sample();
		// The system's own peak is exact, but is this one's only where it exceeds that of the start.
		const exact = peakEver();
		return (exact > peakBefore ? Math.max(exact, peak) : peak) - before;
	};
}

const peakEver = (): number => process.resourceUsage().maxRSS * KILOBYTE;
