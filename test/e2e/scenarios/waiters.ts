import { setTimeout as sleep } from 'node:timers/promises';

import type { Emulator } from '../../../playground/emulator/server.ts';
import { showStep } from '../../../playground/progress.ts';
import { hasEnded } from '../database.ts';
import type { Context } from '../scenario.ts';
import { until } from '../until.ts';
import { userpilotOf } from '../watch.ts';
import { exportWorkflow, START } from '../workflows.ts';

const WAITERS = 5;
const GAP_MS = { ci: 6_000, full: 40_000 };
const MINUTE_MS = 60_000;
const NEVER_BY_ITSELF_S = 3_600;
const OWN_JOB_S = 2;
const ENDS_WITHIN_MS = 240_000;
/** One that polls for all, from every second on: 30 requests; and four more for each that arrives. */
const MAX_IN_A_MINUTE = 50;
/** A list and a POST, after 5 s and then more and more. */
const MAX_UNLISTED_IN_A_MINUTE = 40;
const WAIT_FOR_IT = {
	resource: 'export',
	operation: 'createAndWait',
	dateRange: 'yesterday',
	output: 'job',
	options: { onConflict: 'wait' },
};

/** Workflows that wait for an export of somebody else, and so for each other. */
export async function waiters({ instance, findings, full }: Context): Promise<void> {
	const gapMs = full ? GAP_MS.full : GAP_MS.ci;
	const names = Array.from({ length: WAITERS }, (_, index) => `waiter-${index + 1}`);
	const listed = await withRunningJob({ instance }, 'waiters');
	const unlisted = await withRunningJob({ instance }, 'waiter-unlisted');
	unlisted.emulator.control.setFaults([{ operation: 'listJobs', kind: 'body', text: '[]' }]);
	for (const name of [...names, 'waiter-unlisted']) {
		const { credentialId } = name === 'waiter-unlisted' ? unlisted : listed;
		const parameters = { ...WAIT_FOR_IT, filters: { userIds: name } };
		await instance.client.createWorkflow(exportWorkflow(name, credentialId, parameters));
	}
	const startedAt = Date.now();
	await showStep(`${WAITERS} workflows that wait, ${gapMs / 1000} s apart`, async () => {
		const alone = await instance.client.runWorkflow('waiter-unlisted', START);
		for (const name of names) {
			await instance.client.runWorkflow(name, START);
			await sleep(gapMs);
		}
		await sleep(Math.max(0, startedAt + MINUTE_MS - Date.now()));
		await instance.client.stopExecution(alone);
	});
	const [minute, unlistedMinute] = [listed, unlisted].map(({ emulator }) =>
		requestsOf(emulator, startedAt),
	);
	await showStep('The export that they wait for ends', async () => {
		listed.emulator.control.set({ jobSeconds: OWN_JOB_S });
		listed.emulator.control.finishJob(listed.jobId);
		const last = (name: string) => instance.read((database) => database.executions(name)).at(-1);
		await until(() => names.every((name) => hasEnded(last(name))), ENDS_WITHIN_MS, 500);
	});
	const [, ...started] = listed.emulator.control.ledger().jobs;
	findings.equal(
		`${WAITERS} that wait, ${gapMs / 1000} s apart, start in the order in which they came`,
		started.map(({ request }) => request.user_id?.[0]),
		names,
	);
	findings.check(
		'one of them polls for all',
		minute!.requests <= MAX_IN_A_MINUTE,
		`${minute!.requests} requests in the first minute, ${minute!.posts} of them POST`,
	);
	findings.check(
		'an export that runs and is not listed: asked for less and less often',
		unlistedMinute!.requests <= MAX_UNLISTED_IN_A_MINUTE,
		`${unlistedMinute!.requests} requests in the first minute, ${unlistedMinute!.posts} of them POST`,
	);
	await listed.emulator.close();
	await unlisted.emulator.close();
}

/** A Userpilot at which somebody else's export is running. */
async function withRunningJob({ instance }: Pick<Context, 'instance'>, name: string) {
	const userpilot = await userpilotOf(instance, name, { jobSeconds: NEVER_BY_ITSELF_S });
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

function requestsOf({ control }: Emulator, startedAt: number) {
	const inTime = control
		.ledger()
		.requests.filter(({ at }) => Date.parse(at) < startedAt + MINUTE_MS);
	const posts = inTime.filter(({ operation }) => operation === 'createExport');
	return { requests: inTime.length, posts: posts.length };
}
