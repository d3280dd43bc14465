import { setTimeout as sleep } from 'node:timers/promises';

import { showStep } from '../../../../playground/progress.ts';
import { until } from '../../harness/until.ts';
import { Watch } from '../../harness/watch.ts';
import { TRIGGER } from '../../harness/workflows.ts';
import type { Context } from '../scenario.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MANY_JOBS = 1_000;
const FIRES_WITHIN_MS = 60_000;
/** A poll gets the details of about a hundred jobs, of a few dozen on a busy machine; the next poll goes on. */
const NEXT_FIRES_WITHIN_MS = 60_000;
/** How long Userpilot fails after n8n's start. */
const OUTAGE_MS = 25_000;
/** More than two polls. */
const SETTLE_MS = 12_000;

/** What people do to a workflow, and what happens to a machine, without network faults. */
export async function changes({ instance, findings }: Context): Promise<void> {
	const watches: Watch[] = [];
	const create = async (
		name: string,
		...more: [Record<string, unknown>?, { now?: () => number }?]
	) => {
		const watch = await Watch.create(instance, name, more[0] ?? {}, more[1]);
		watches.push(watch);
		return watch;
	};
	const reactivated = await create('reactivated');
	const edited = await create('edited');
	const sameSecond = await create('same-second');
	const shrinking = await create('shrinking');
	const behind = await create('clock-behind', {}, { now: () => Date.now() - 7 * MINUTE_MS });
	const ahead = await create('clock-ahead', {}, { now: () => Date.now() + 7 * MINUTE_MS });
	const down = await create('down-for-an-hour');
	const outage = await create('outage-at-start');
	const corrupt = await create('corrupt');
	const foreign = await create('foreign', { startFrom: 'existing' });
	const many = await create('many', { startFrom: 'existing' });

	/** Per workflow: the jobs that have to fire. */
	const expectedJobs = new Map<Watch, string[]>();
	const expectToFire = (watch: Watch, ids: string[]) =>
		expectedJobs.set(watch, [...(expectedJobs.get(watch) ?? []), ...ids]);
	for (const watch of watches) {
		const old = watch === many ? [] : watch.addJobs();
		if (watch === foreign) expectToFire(foreign, old);
	}
	const now = many.emulator.control.now();
	expectToFire(
		many,
		many.addJobs(...Array.from({ length: MANY_JOBS }, (_, index) => now - index * 1_000)),
	);

	let manyMs = 0;
	await showStep(
		`Publishing ${watches.length} workflows, one of them with ${MANY_JOBS} jobs`,
		async () => {
			for (const watch of watches) {
				const startedAt = Date.now();
				await watch.publish();
				if (watch === many) manyMs = Date.now() - startedAt;
			}
		},
	);

	await showStep(
		'Unpublishing, editing, jobs in one second, a shrinking list, clocks that differ',
		async () => {
			await reactivated.unpublish();
			expectToFire(reactivated, reactivated.addJobs());
			await reactivated.publish();

			expectToFire(edited, edited.addJobs());
			await edited.edit((workflow) => {
				const [trigger] = workflow.nodes as Array<{ parameters: Record<string, unknown> }>;
				trigger!.parameters.output = 'links';
			});
			expectToFire(edited, edited.addJobs());

			const end = Date.now();
			expectToFire(sameSecond, sameSecond.addJobs(end, end, end, end + 1, end + 2));

			expectToFire(shrinking, shrinking.addJobs());
			await until(() => shrinking.fired().length === 1, FIRES_WITHIN_MS, 500);
			shrinking.emulator.control.set({ jobTtlHours: 0 });
			await sleep(SETTLE_MS / 2);
			shrinking.emulator.control.set({ jobTtlHours: 72 });
			expectToFire(shrinking, shrinking.addJobs());

			for (const watch of [behind, ahead]) expectToFire(watch, watch.addJobs());
		},
	);

	await showStep('n8n is down, an hour passes, static data is damaged', async () => {
		await until(
			() => [sameSecond, edited].every((watch) => watch.fired().length >= 2),
			FIRES_WITHIN_MS,
			500,
		);
		await sleep(SETTLE_MS / 2);
		await instance.stop();
		expectToFire(down, down.addJobs());
		down.emulator.control.advance(HOUR_MS);
		instance.read((database) => {
			database.overwriteStaticData('corrupt', {
				[`node:${TRIGGER}`]: { event: 7, handled: ['x'] },
			});
			database.overwriteStaticData('foreign', {
				...{ global: { of: 'another' }, 'node:Other': { handled: {} } },
				[`node:${TRIGGER}`]: {
					...database.staticData('foreign', TRIGGER),
					lastTimeChecked: '2024-01-01T00:00:00Z',
				},
			});
		});
		// Five tries within 15 s, and n8n would give the workflow up.
		outage.emulator.control.setFaults([{ operation: 'listJobs', kind: 'status', status: 500 }]);
		expectToFire(outage, outage.addJobs());
		await instance.start();
		await sleep(OUTAGE_MS);
		outage.emulator.control.setFaults([]);
		for (const watch of [corrupt, foreign]) expectToFire(watch, watch.addJobs());
	});

	await showStep('Waiting for the last jobs', async (step) => {
		const openJobs = () =>
			watches.reduce(
				(sum, watch) =>
					sum + Math.max(0, (expectedJobs.get(watch) ?? []).length - watch.fired().length),
				0,
			);
		for (let open = openJobs(), before = Infinity; open > 0 && open < before; ) {
			step.detail(`${open} to come`);
			before = open;
			await until(() => openJobs() < before, NEXT_FIRES_WITHIN_MS, 1_000);
			open = openJobs();
		}
		await sleep(SETTLE_MS);
	});

	const promises: Array<[string, Watch]> = [
		[
			'unpublished and published again: jobs that finished meanwhile fire, and nothing else',
			reactivated,
		],
		['edited while active: nothing is lost, nothing fires again', edited],
		['five jobs in the same second', sameSecond],
		['a list that is empty for a while', shrinking],
		['Userpilot 7 minutes behind n8n', behind],
		['Userpilot 7 minutes ahead of n8n', ahead],
		['n8n down while a job finished, an hour ago', down],
		[`Userpilot fails while n8n starts, for ${OUTAGE_MS / 1000} s and more`, outage],
		['damaged static data: starts again with Start From', corrupt],
		["somebody else's entries beside ours are ignored", foreign],
		[`${MANY_JOBS} jobs in the list (published after ${(manyMs / 1000).toFixed(1)} s)`, many],
	];
	for (const [promise, watch] of promises) {
		const ids = watch.fired();
		const expected = expectedJobs.get(watch) ?? [];
		findings.check(
			promise,
			ids.length === expected.length && expected.every((id) => ids.includes(id)),
			`${ids.length} of ${expected.length} fired`,
		);
		await watch.close();
	}
}
