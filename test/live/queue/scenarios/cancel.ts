import { setTimeout as sleep } from 'node:timers/promises';

import { showStep } from '../../../../playground/progress.ts';
import { until } from '../../harness/until.ts';
import { Hooked } from '../hooked.ts';
import { type Context, EXPORT_ROWS } from '../scenario.ts';

const EXPORTS = 4;
/** A wait that goes on would poll again within this time. */
const QUIET_MS = 8_000;

/** Stopping an execution in the main reaches the worker that has it, and no other execution. */
export async function cancel({ cluster, findings }: Context): Promise<void> {
	const workflows: Hooked[] = [];
	const ids: string[] = [];
	const place = (index: number) => cluster.workerOf(ids[index]!)?.name;
	await showStep(`${EXPORTS} waits on both workers`, async () => {
		do {
			const workflow = await Hooked.publish(cluster, `cancel-${workflows.length}`, {
				parameters: EXPORT_ROWS,
				userpilot: { jobSeconds: 600 },
			});
			workflows.push(workflow);
			ids.push(await workflow.start());
			await workflow.called('getJob');
		} while (workflows.length < EXPORTS || new Set(ids.map((_, i) => place(i))).size < 2);
	});
	// One of each worker is stopped, the others stay.
	const stopped = cluster.workers.map(({ name }) => ids.findIndex((_, i) => place(i) === name));
	const stay = ids.map((_, index) => index).filter((index) => !stopped.includes(index));
	const stoppedAt = Date.now();
	for (const index of stopped) await cluster.client.stopExecution(ids[index]!);
	await Promise.all(stopped.map(async (index) => await workflows[index]!.ended(ids[index]!)));
	const endedAfterMs = Date.now() - stoppedAt;
	await sleep(1_000);
	const callsOf = (index: number) => workflows[index]!.calls('getJob').length;
	const before = ids.map((_, index) => callsOf(index));
	await showStep('Watching for more requests', async () => await sleep(QUIET_MS));

	const statusOf = async (index: number) => (await cluster.client.getExecution(ids[index]!)).status;
	findings.equal(
		'one execution of each worker is stopped',
		await Promise.all(stopped.map(statusOf)),
		stopped.map(() => 'canceled'),
	);
	findings.check(
		'their workers send no more requests',
		stopped.every((index) => callsOf(index) === before[index]),
		`recorded after ${endedAfterMs} ms`,
	);
	const stillWaits = async (index: number) =>
		await until(() => callsOf(index) > before[index]!, 60_000);
	findings.equal(
		'all the others keep waiting',
		[...(await Promise.all(stay.map(statusOf))), ...(await Promise.all(stay.map(stillWaits)))],
		[...stay.map(() => 'running'), ...stay.map(() => true)],
	);
	for (const index of stay) await cluster.client.stopExecution(ids[index]!);
	await Promise.all(stay.map(async (index) => await workflows[index]!.ended(ids[index]!)));
	for (const workflow of workflows) await workflow.close();
}
