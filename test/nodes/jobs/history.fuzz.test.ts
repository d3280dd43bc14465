import fc from 'fast-check';

import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';
import { check, play } from './history/play';
import { history } from './history/requests';

describe('whatever happens, one export for each request', () => {
	it(
		'in the engine of n8n',
		async () => {
			let delivered = 0;
			let exports = 0;
			await fc.assert(
				fc.asyncProperty(history, async (given) => {
					const outcome = await play(given);
					check(outcome);
					exports += outcome.jobs.filter(({ asked }) => asked !== null).length;
					delivered += outcome.requests.filter(({ jobId }) => jobId).length;
				}),
				{ ...fuzzOptions(2_000) },
			);
			// Histories in which nothing is ever started or delivered would prove nothing.
			expect(exports).toBeGreaterThan(0);
			expect(delivered).toBeGreaterThan(0);
		},
		FUZZ_TIMEOUT_MS,
	);
});
