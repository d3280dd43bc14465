import { setTimeout as sleep } from 'node:timers/promises';

import type { Execution } from '../../../../playground/executions.ts';
import { showStep } from '../../../../playground/progress.ts';
import { USERPILOT } from '../../harness/workflows.ts';
import { Hooked } from '../hooked.ts';
import { type Context, downloadJob, EXPORT_ROWS } from '../scenario.ts';

const ROWS = 2_000;
const NEVER_BY_ITSELF_S = 3_600;
/** Long enough for two polls of the trigger. */
const SETTLE_MS = 12_000;

/** Workers that are killed in the middle of a download and of waits, and one that is asked to end. */
export async function killedWorkers(context: Context): Promise<void> {
	const { cluster, findings } = context;
	const userpilot = { rowsPerDay: ROWS, jobSeconds: NEVER_BY_ITSELF_S };
	const downloading = await Hooked.publish(cluster, 'killed-in-download', {
		parameters: downloadJob('rows'),
		onJobs: true,
		userpilot: {
			...userpilot,
			faults: [{ operation: 'file', kind: 'stall-body', bytes: 20_000, times: 1 }],
		},
	});
	const waitingWith = async (onConflict: string) => {
		const parameters = { ...EXPORT_ROWS, options: { onConflict } };
		return await Hooked.publish(cluster, `killed-in-wait-${onConflict}`, { parameters, userpilot });
	};
	const waiting = await waitingWith('fail');
	const joining = await waitingWith('useRunning');
	const workflows = [downloading, waiting, joining];
	const [fileJob = ''] = downloading.emulator.control.seedJobs();
	const ids = [await downloading.nextExecution(), await waiting.start(), await joining.start()];
	await downloading.called('file');
	await waiting.called('getJob');
	await joining.called('getJob');

	const busy = new Set(ids.map((id) => cluster.workerOf(id)!));
	for (const worker of busy) await cluster.killWorker(worker);
	const killedAt = Date.now();
	const title = `Killed ${[...busy].map(({ name }) => name).join(' and ')}, starting as many anew`;
	const executions = await showStep(title, async () => {
		await cluster.addWorkers(busy.size);
		return await Promise.all(ids.map((id, index) => workflows[index]!.ended(id)));
	});
	findings.check(
		"what a killed worker had ends as failed, in n8n's words",
		executions.every(({ status }) => status === 'error' || status === 'crashed'),
		`after ${Math.round((Date.now() - killedAt) / 1000)} s: ${executions[0]!.error}`,
	);
	await retryInN8n(context, downloading, ids[0]!);
	await again(context, { downloading, waiting, joining }, fileJob);
	for (const workflow of workflows) await workflow.close();
	await askedToEnd(context);
}

/** n8n keeps nothing of such an execution, so its own Retry has nothing to go on from. */
async function retryInN8n({ cluster, findings }: Context, workflow: Hooked, id: string) {
	const retried = await workflow.ended(await cluster.client.retryExecution(id));
	findings.note(
		`n8n's own Retry of it: ${retried.status}, ${retried.output(USERPILOT).length} rows: ${retried.error}`,
	);
}

/** A person starts the same again. */
async function again(
	{ cluster, findings }: Context,
	{ downloading, waiting, joining }: Record<'downloading' | 'waiting' | 'joining', Hooked>,
	fileJob: string,
): Promise<void> {
	const rows = ({ status, output }: Execution) => [status, output(USERPILOT).length];
	const whole = ['success', ROWS];

	const byId = await Hooked.publish(cluster, 'download-again', {
		parameters: { ...downloadJob('rows'), jobId: { __rl: true, mode: 'id', value: fileJob } },
		userpilotOf: downloading,
	});
	findings.equal(
		"the download: Job > Download with the job's ID gives all rows",
		rows(await byId.ended(await byId.start())),
		whole,
	);
	await byId.close();

	const refused = await waiting.ended(await waiting.start());
	const [jobId = ''] = waiting.jobIds();
	findings.check(
		'the wait, started again with "Fail": the node names the export that goes on',
		refused.status === 'error' && refused.error?.includes(jobId) === true,
		refused.error,
	);
	const joined = await joining.start();
	const calls = joining.calls('getJob').length;
	await joining.called('getJob', calls + 1);
	joining.emulator.control.finishJob(joining.jobIds()[0]!, 'completed');
	findings.equal(
		'the wait, started again with "Use the Running One": all rows',
		rows(await joining.ended(joined)),
		whole,
	);
	await sleep(SETTLE_MS);
	findings.equal(
		'one export for each wish, one execution for the job of the trigger',
		[
			waiting.jobIds().length,
			joining.jobIds().length,
			(await downloading.executions()).filter(({ mode }) => mode === 'trigger').length,
		],
		[1, 1, 1],
	);
}

/** As a new version of n8n is rolled out: SIGTERM, then n8n's own time to come to an end. */
async function askedToEnd({ cluster, findings }: Context): Promise<void> {
	const workflow = await Hooked.publish(cluster, 'asked-to-end', {
		parameters: EXPORT_ROWS,
		userpilot: { rowsPerDay: ROWS, jobSeconds: 6 },
	});
	const id = await workflow.start();
	await workflow.called('getJob');
	const worker = cluster.workerOf(id)!;
	await showStep(`Stopping ${worker.name}`, async () => await cluster.stopWorker(worker));
	const { status, output } = await workflow.ended(id);
	findings.equal(
		'a worker that is asked to end brings its export to its end first',
		[status, output(USERPILOT).length],
		['success', ROWS],
	);
	await cluster.addWorkers(1);
	await workflow.close();
}
