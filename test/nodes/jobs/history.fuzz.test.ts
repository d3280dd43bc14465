import fc from 'fast-check';

import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';
import { check, play } from './history/play';
import type { History } from './history/requests';
import { history } from './history/requests';

const create = { by: 'node', operation: 'create', maxTries: 2 } as const;
const plainJob = { durationMs: 0, ending: 'completed', detailsRefused: false } as const;

/**
 * What the first POST did is not known while the list cannot be had. Before its next try, the response of
 * another request is lost, too, and its job is found in the list: the first one must not take it.
 */
const twoLostResponses: History = {
	world: {
		lagMs: 0,
		jobs: [
			{ ...plainJob, fate: 'dropped' },
			{ ...plainJob, fate: 'lost' },
		],
		strangers: [],
		outage: [30, 12_090],
	},
	executions: [
		{ ...create, asked: ['alice'], onConflict: 'fail', delayMs: 0 },
		{ ...create, asked: ['bob'], onConflict: 'fail', delayMs: 12_075 },
	],
};

describe('one export per request, whatever happens', () => {
	it(
		'in the engine of n8n',
		async () => {
			// When the time is up, fast-check abandons the current history.
			let playing: Promise<unknown> = Promise.resolve();
			let delivered = 0;
			let exports = 0;
			await fc.assert(
				fc.asyncProperty(history, async (given) => {
					const played = play(given);
					playing = played;
					const outcome = await played;
					check(given.world, outcome);
					exports += outcome.jobs.filter(({ asked }) => asked !== null).length;
					delivered += outcome.requests.filter(({ jobId }) => jobId).length;
				}),
				{ ...fuzzOptions(500), examples: [[twoLostResponses]] },
			);
			await Promise.allSettled([playing]);
			// Histories without started and returned exports would prove nothing.
			expect(exports).toBeGreaterThan(0);
			expect(delivered).toBeGreaterThan(0);
		},
		FUZZ_TIMEOUT_MS,
	);
});
