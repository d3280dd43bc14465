import type { Fault } from '../../../../playground/emulator/faults.ts';
import { mixedFaults } from '../../mixedFaults.ts';
import type { Mode } from '../../modes.ts';

/** How much of it. */
interface Size {
	watches: number;
	jobsEach: number;
	restarts: number;
	/** Least time between two restarts. */
	gapMs: number;
}

/** What is run, in which of n8n's modes, and what goes wrong meanwhile. */
export interface Plan {
	/** Of the workflows. */
	name: string;
	mode: Mode;
	pollEverySeconds: number;
	faults: Fault[];
	/** Whether a restart is a kill; if not, n8n is stopped as a person does it. */
	isKill(round: number): boolean;
	/** Whether n8n's own nodes run beside it, for comparison. */
	compare: boolean;
	ci: Size;
	full: Size;
}

/** Each call may fail: one in twenty. Every other restart is a kill. */
export const anyCallFails: Plan = {
	name: 'watch',
	mode: 'default',
	pollEverySeconds: 5,
	faults: mixedFaults(0.0102),
	isKill: (round) => round % 2 === 0,
	compare: true,
	ci: { watches: 4, jobsEach: 10, restarts: 4, gapMs: 0 },
	full: { watches: 10, jobsEach: 20, restarts: 20, gapMs: 0 },
};

/** Of the requests for details, one in ten fails and another one hangs. Each restart is a kill. */
export const detailsFail = (mode: Mode): Plan => ({
	name: `big-${mode}`,
	mode,
	pollEverySeconds: 10,
	faults: [
		{ operation: 'getJob', kind: 'status', status: 500, rate: 0.1 },
		// Drawn only where the first has not struck.
		{ operation: 'getJob', kind: 'silence', rate: 1 / 9 },
	],
	isKill: () => true,
	compare: false,
	ci: { watches: 3, jobsEach: 14, restarts: 3, gapMs: 10_000 },
	// n8n takes up to 45 s to take a workflow up again that it was taking up when it was killed.
	full: { watches: 3, jobsEach: 100, restarts: 12, gapMs: 45_000 },
});
