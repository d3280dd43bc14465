import fc from 'fast-check';

import {
	afterFiring,
	dueJobs,
	openMemory,
	readMemory,
} from '../../../nodes/Userpilot/trigger/memory';
import { useMockApi } from '../../support/api';
import { ActiveTrigger } from '../../support/engine';
import { fuzzOptions } from '../../support/fuzz';
import { JOBS, jobPath } from '../../support/paths';
import type { Poll } from './history/host';
import { play } from './history/run';
import { history } from './history/steps';

/** The memory alone, used as a poll uses it. */
const memoryOnly: Poll = async (staticData, encounter) => {
	const { listed, withoutDetails, now, parameters } = encounter;
	if (!listed) throw new Error('The list could not be had');
	const stored = readMemory(staticData);
	const memory = openMemory(stored, listed, { ...parameters, now });
	const due = dueJobs(memory, listed);
	const fetched = due.filter(({ job_id }) => !withoutDetails.has(job_id));
	if (encounter.refused && due.length > 0 && fetched.length === 0) throw new Error('Refused');
	const ids = fetched.map(({ job_id }) => job_id);
	if (memory !== stored || ids.length > 0) {
		Object.assign(staticData, afterFiring(memory, ids, listed, now));
	}
	return ids;
};

describe('whatever happens, each job fires once', () => {
	it('by the memory alone', async () => {
		let fired = 0;
		await fc.assert(
			fc.asyncProperty(history, async (given) => {
				fired += (await play(given, memoryOnly)).fired;
			}),
			fuzzOptions(1_000),
		);
		// A history in which nothing ever fires would prove nothing.
		expect(fired).toBeGreaterThan(0);
	});

	describe('by the node in the engine of n8n', () => {
		const api = useMockApi();

		it('too', async () => {
			const clock = jest.spyOn(Date, 'now');
			/** The same, through poll() and HTTP. */
			const node: Poll = async (staticData, encounter) => {
				const { listed, withoutDetails, refused, now, parameters } = encounter;
				clock.mockReturnValue(now);
				api().get(JOBS, listed ? { body: listed } : { status: 401, body: '' });
				const details = (id: string) =>
					withoutDetails.has(id)
						? { status: refused ? 401 : 404, body: '' }
						: { body: listed?.find(({ job_id }) => job_id === id) };
				const trigger = new ActiveTrigger({ ...parameters }, structuredClone(staticData) as never);
				for (const { job_id } of listed ?? []) {
					// Which of them are asked for is up to the node.
					api().always(jobPath(encodeURIComponent(job_id)), () => details(job_id));
				}
				try {
					const items = await trigger.poll();
					return (items ?? []).map(({ json }) => json.job_id as string);
				} finally {
					for (const name of Object.keys(staticData)) delete staticData[name];
					Object.assign(staticData, JSON.parse(JSON.stringify(trigger.memory)));
					api().verify();
				}
			};
			try {
				await fc.assert(
					fc.asyncProperty(history, async (given) => {
						await play(given, node);
					}),
					fuzzOptions(25),
				);
			} finally {
				clock.mockRestore();
			}
		});
	});
});
