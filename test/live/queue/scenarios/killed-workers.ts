import { setTimeout as sleep } from 'node:timers/promises';

import type { Execution } from '../../../../playground/executions.ts';
import { showStep } from '../../../../playground/progress.ts';
import { downloadOf, getEvents, USERPILOT } from '../../harness/workflows.ts';
import { Hooked, SETTLE_MS } from '../hooked.ts';
import { type Context, DOWNLOAD_JOB, EXPORT_ROWS } from '../scenario.ts';

const ROWS = 2_000;
const NEVER_BY_ITSELF_S = 3_600;

/** Workers that are killed during a download and during waits, and one that is asked to end. */
export async function killedWorkers(context: Context): Promise<void> {
	const { cluster, findings } = context;
	const userpilot = { rowsPerDay: ROWS, jobSeconds: NEVER_BY_ITSELF_S };
	const downloading = await Hooked.publish(cluster, 'killed-in-download', {
		parameters: DOWNLOAD_JOB,
		onJobs: true,
		userpilot: {
			...userpilot,
			faults: [{ operation: 'file', kind: 'stall-body', bytes: 20_000, times: 1 }],
		},
	});
	const waitingWith = async (onConflict: string) => {
		const parameters = getEvents({ output: 'rows', options: { onConflict } });
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
	for (const worker of busy) await cluster.removeWorker(worker, 'kill');
	const killedAt = Date.now();
	const title = `Killed ${[...busy].map(({ name }) => name).join(' and ')}, starting new ones`;
	const executions = await showStep(title, async () => {
		await cluster.addWorkers(busy.size);
		return await Promise.all(ids.map((id, index) => workflows[index]!.ended(id)));
	});
	findings.check(
		"the executions of a killed worker end as failed, in n8n's words",
		executions.every(({ status }) => status === 'error' || status === 'crashed'),
		`after ${Math.round((Date.now() - killedAt) / 1000)} s: ${executions[0]!.error}`,
	);
	await retryInN8n(context, downloading, ids[0]!);
	await startAgain(context, { downloading, waiting, joining }, fileJob);
	for (const workflow of workflows) await workflow.close();
	await askToEnd(context);
}

/** n8n keeps no data of such an execution, so its own Retry has nothing to resume. */
async function retryInN8n({ cluster, findings }: Context, workflow: Hooked, id: string) {
	const retried = await workflow.ended(await cluster.client.retryExecution(id));
	findings.note(
		`n8n's own Retry of it: ${retried.status}, ${retried.output(USERPILOT).length} rows: ${retried.error}`,
	);
}

/** A person starts the same again. */
async function startAgain(
	{ cluster, findings }: Context,
	{ downloading, waiting, joining }: Record<'downloading' | 'waiting' | 'joining', Hooked>,
	fileJob: string,
): Promise<void> {
	const rows = ({ status, output }: Execution) => [status, output(USERPILOT).length];
	const complete = ['success', ROWS];

	const again = await Hooked.publish(cluster, 'download-again', {
		parameters: downloadOf(fileJob, 'rows'),
		sharedWith: downloading,
	});
	findings.equal(
		"the download: Job > Download with the job's ID returns all rows",
		rows(await again.ended(await again.start())),
		complete,
	);
	await again.close();

	const refused = await waiting.ended(await waiting.start());
	const [jobId = ''] = waiting.jobIds();
	findings.check(
		'the wait, started again with "Fail": the error names the running export',
		refused.status === 'error' && refused.error?.includes(jobId) === true,
		refused.error,
	);
	const joined = await joining.start();
	const calls = joining.calls('getJob').length;
	await joining.called('getJob', calls + 1);
	joining.emulator.control.finishJob(joining.jobIds()[0]!, 'completed');
	findings.equal(
		'the wait, started again with "Use the Running Export": all rows',
		rows(await joining.ended(joined)),
		complete,
	);
	await sleep(SETTLE_MS);
	findings.equal(
		"one export per request, one execution for the trigger's job",
		[
			waiting.jobIds().length,
			joining.jobIds().length,
			(await downloading.executions()).filter(({ mode }) => mode === 'trigger').length,
		],
		[1, 1, 1],
	);
}

/** As a new version of n8n is rolled out: SIGTERM, then n8n's own time to end. */
async function askToEnd({ cluster, findings }: Context): Promise<void> {
	const workflow = await Hooked.publish(cluster, 'asked-to-end', {
		parameters: EXPORT_ROWS,
		userpilot: { rowsPerDay: ROWS, jobSeconds: 6 },
	});
	const id = await workflow.start();
	await workflow.called('getJob');
	const worker = cluster.workerOf(id)!;
	await showStep(`Stopping ${worker.name}`, async () => await cluster.removeWorker(worker, 'stop'));
	const { status, output } = await workflow.ended(id);
	findings.equal(
		'a worker that is asked to end finishes its export first',
		[status, output(USERPILOT).length],
		['success', ROWS],
	);
	await cluster.addWorkers(1);
	await workflow.close();
}
