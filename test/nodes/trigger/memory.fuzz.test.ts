import fc from 'fast-check';

import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';
import { Player } from './history/play';
import { history } from './history/steps';
import { logged } from './log';

describe('the trigger in the engine of n8n', () => {
	const log = logged();

	it(
		'fires once for each job, whatever happens to n8n, to Userpilot and in between',
		async () => {
			const all = { fired: 0, lostByKill: 0 };
			await fc.assert(
				fc.asyncProperty(history, async (given) => {
					const { fired, lostByKill } = await new Player(given, log).play();
					all.fired += fired;
					all.lostByKill += lostByKill;
				}),
				fuzzOptions(2_000),
			);
			// Histories without fired jobs and kills would prove nothing.
			expect(all.fired).toBeGreaterThan(0);
			expect(all.lostByKill).toBeGreaterThan(0);
		},
		FUZZ_TIMEOUT_MS,
	);
});
