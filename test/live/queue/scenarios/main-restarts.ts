import { setTimeout as sleep } from 'node:timers/promises';

import { showStep } from '../../../../playground/progress.ts';
import { USERPILOT } from '../../harness/workflows.ts';
import { firedBy, Hooked } from '../hooked.ts';
import { type Context, DOWNLOAD_JOB, EXPORT_ROWS } from '../scenario.ts';

const ROWS = 500;
const DOWN_MS = 5_000;
/** Longer than the main is down. */
const JOB_SECONDS = 25;

/** The main is restarted, and killed, while the workers work. */
export async function mainRestarts({ cluster, findings }: Context): Promise<void> {
	for (const way of ['stop', 'kill'] as const) {
		const exporting = await Hooked.publish(cluster, `main-${way}-exporting`, {
			parameters: EXPORT_ROWS,
			userpilot: { rowsPerDay: ROWS, jobSeconds: JOB_SECONDS },
		});
		const triggered = await Hooked.publish(cluster, `main-${way}-triggered`, {
			parameters: DOWNLOAD_JOB,
			onJobs: true,
			userpilot: { rowsPerDay: ROWS },
		});
		const addJob = () => triggered.emulator.control.seedJobs();
		const id = await exporting.start();
		await exporting.called('getJob');
		addJob();
		await triggered.nextExecution();
		await showStep(`Main: ${way}, start`, async () => {
			await cluster.main[way]();
			addJob();
			await sleep(DOWN_MS);
			await cluster.main.start();
		});
		addJob();

		const [ended, fired] = await Promise.all([exporting.ended(id), triggered.firedFor(3)]);
		findings.equal(
			`main: ${way}. The export of a worker runs to its end`,
			[ended.status, ended.output(USERPILOT).length, exporting.jobIds().length],
			['success', ROWS, 1],
		);
		findings.equal(
			`main: ${way}. Each job fires once, also one that finishes while the main is down`,
			firedBy(fired).sort(),
			triggered.jobIds().sort(),
		);
		await exporting.close();
		await triggered.close();
	}
}
