import type { Fault } from '../../../playground/emulator/faults.ts';

/** Each kind of fault that a call can meet, in this share of the calls. */
export const mixedFaults = (share: number): Fault[] => [
	{ kind: 'status', status: 500, rate: share },
	{ kind: 'status', status: 429, retryAfter: 1, rate: share },
	{ kind: 'reset', rate: share },
	{ kind: 'html', rate: share },
	{ kind: 'slow', delayMs: 3_000, rate: share },
];
