import type { Fault } from '../../../../../playground/emulator/faults.ts';
import { mixedFaults } from '../../../harness/mixed-faults.ts';
import type { Mode } from '../../modes.ts';

/** How much is run. */
export interface Size {
	watches: number;
	jobsEach: number;
	restarts: number;
	pollEverySeconds: number;
	/** Minimum time between two restarts. */
	gapMs: number;
}

/** What is run, in which of n8n's modes, and with which faults. */
export interface Plan {
	/** Of the workflows. */
	name: string;
	mode: Mode;
	faults: Fault[];
	/** Whether a restart is a kill, or n8n is stopped as a person does it. */
	isKill(round: number): boolean;
	/** Whether no job may fire after a younger one, unless a request for it has failed. */
	isOrdered: boolean;
	/** Whether n8n's own nodes run beside it, for comparison. */
	compare: boolean;
	ci: Size;
	full: Size;
}

/** One request in twenty fails. Every other restart is a kill. */
export const anyRequestFails: Plan = {
	name: 'watch',
	mode: 'default',
	faults: mixedFaults(0.0102),
	isKill: (round) => round % 2 === 0,
	isOrdered: true,
	compare: true,
	ci: { watches: 4, jobsEach: 10, restarts: 4, pollEverySeconds: 5, gapMs: 0 },
	full: { watches: 10, jobsEach: 20, restarts: 20, pollEverySeconds: 5, gapMs: 0 },
};

/** Of the requests for details, one in ten fails and another one hangs. Each restart is a kill. */
export const detailsFail = (mode: Mode): Plan => ({
	name: mode,
	mode,
	faults: [
		{ operation: 'getJob', kind: 'status', status: 500, rate: 0.1 },
		// Drawn only where the first has not struck.
		{ operation: 'getJob', kind: 'silence', rate: 1 / 9 },
	],
	isKill: () => true,
	// A request that hangs delays those behind it.
	isOrdered: false,
	compare: false,
	ci: { watches: 3, jobsEach: 14, restarts: 3, pollEverySeconds: 5, gapMs: 10_000 },
	// n8n resumes a publication that a kill has interrupted after the lease of 45 s.
	full: { watches: 3, jobsEach: 100, restarts: 12, pollEverySeconds: 10, gapMs: 45_000 },
});
