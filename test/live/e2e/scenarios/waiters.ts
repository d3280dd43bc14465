import { setTimeout as sleep } from 'node:timers/promises';

import type { Emulator } from '../../../../playground/emulator/server.ts';
import { showStep } from '../../../../playground/progress.ts';
import { hasEnded } from '../../harness/database.ts';
import type { Instance } from '../../harness/n8n.ts';
import { until } from '../../harness/until.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { exportWorkflow, getEvents, START } from '../../harness/workflows.ts';
import type { Context } from '../scenario.ts';

const NAMES = Array.from({ length: 5 }, (_, index) => `waiter-${index + 1}`);
const UNLISTED = 'waiter-unlisted';
const NEVER_BY_ITSELF_S = 3_600;
const OWN_JOB_S = 2;
/** A young job is polled every second. */
const MAX_PAUSE_MS = 4_000;
const ENDS_WITHIN_MS = 240_000;
/**
 * The limits allow for one workflow that polls for all, every second at first and then less often, and for
 * the list and the POST of each workflow when it starts. A job that is not listed takes a list and a POST
 * each time, after 5 s at first and then less often.
 */
const SIZES = {
	ci: { gapMs: 4_000, windowMs: 30_000, maxRequests: 45, maxUnlisted: 20 },
	full: { gapMs: 40_000, windowMs: 60_000, maxRequests: 80, maxUnlisted: 60 },
};
/** Workflows that wait for somebody else's export, and so for each other. */
export async function waiters({ instance, findings, full }: Context): Promise<void> {
	const size = full ? SIZES.full : SIZES.ci;
	const { gapMs, windowMs } = size;
	const listed = await withRunningJob(instance, 'waiters');
	const unlisted = await withRunningJob(instance, UNLISTED);
	unlisted.emulator.control.setFaults([{ operation: 'listJobs', kind: 'body', text: '[]' }]);
	for (const name of [...NAMES, UNLISTED]) {
		const { credentialId } = name === UNLISTED ? unlisted : listed;
		const parameters = getEvents({
			output: 'job',
			options: { onConflict: 'wait' },
			filters: { userIds: name },
		});
		await instance.client.createWorkflow(exportWorkflow(name, credentialId, parameters));
	}
	const startedAt = Date.now();
	await showStep(`${NAMES.length} workflows that wait, ${gapMs / 1000} s apart`, async () => {
		const alone = await instance.client.runWorkflow(UNLISTED, START);
		for (const name of NAMES) {
			await instance.client.runWorkflow(name, START);
			await sleep(gapMs);
		}
		await sleep(Math.max(0, startedAt + windowMs - Date.now()));
		await instance.client.stopExecution(alone);
	});
	const checkRequests = (promise: string, { control }: Emulator, max: number) => {
		const { requests } = control.ledger();
		const early = requests.filter(({ at }) => Date.parse(at) < startedAt + windowMs);
		const posts = early.filter(({ operation }) => operation === 'createExport');
		const detail = `${early.length} requests in the first ${windowMs / 1000} s, ${posts.length} of them POST; ${requests.length} in all`;
		findings.check(promise, requests.length <= max, detail);
	};
	checkRequests('one of them polls for all', listed.emulator, size.maxRequests);
	checkRequests(
		'a running export that is never listed: polled less and less often',
		unlisted.emulator,
		size.maxUnlisted,
	);
	await showStep('The export that they wait for ends', async () => {
		listed.emulator.control.set({ jobSeconds: OWN_JOB_S });
		listed.emulator.control.finishJob(listed.jobId);
		const haveEnded = () => NAMES.every((name) => hasEnded(instance.lastExecution(name)));
		await until(haveEnded, ENDS_WITHIN_MS, 500);
	});
	const [, ...started] = listed.emulator.control.ledger().jobs;
	findings.equal(
		`${NAMES.length} that wait, ${gapMs / 1000} s apart, start in order of arrival`,
		started.map(({ request }) => request.user_id?.[0]),
		NAMES,
	);
	const pausesMs = started
		.slice(1)
		.map((job, index) => Date.parse(job.startedAt) - Date.parse(started[index]!.endedAt!));
	const longestMs = Math.max(...pausesMs);
	findings.check(
		'each starts soon after the one before it: its status is polled by the age of that job, not by the time waited',
		longestMs <= MAX_PAUSE_MS,
		`at most ${(longestMs / 1000).toFixed(1)} s`,
	);
	await listed.emulator.close();
	await unlisted.emulator.close();
}

/** A Userpilot at which somebody else's export is running. */
async function withRunningJob(instance: Instance, name: string) {
	const userpilot = await startUserpilot(instance, name, { jobSeconds: NEVER_BY_ITSELF_S });
	const { emulator } = userpilot;
	const [apiKey] = emulator.control.settings().apiKeys;
	const response = await fetch(`${emulator.apiUrl}/api/v1/analytics/exports`, {
		method: 'POST',
		headers: { authorization: `Token ${apiKey}`, 'content-type': 'application/json' },
		body: JSON.stringify({ from: '2024-05-01', to: '2024-05-01' }),
	});
	const { job_id: jobId } = (await response.json()) as { job_id: string };
	emulator.control.clearRequests();
	return { ...userpilot, jobId };
}
