import { showStep } from '../../../playground/progress.ts';
import { KILL_POINTS, type KillPoint, KillSwitch } from '../killPoints.ts';
import { type Mode, MODES } from '../modes.ts';
import type { Context } from '../scenario.ts';
import { until } from '../until.ts';
import { Watch } from '../watch.ts';
import { pollTimesEvery } from '../workflows.ts';

/** n8n plans polls, and begins them, this often here; by itself, every 10 and 5 seconds. */
const PROMPT = {
	N8N_SCHEDULER_MATERIALIZATION_INTERVAL: '2',
	N8N_SCHEDULER_EXECUTOR_INTERVAL: '1',
};
const POLL_EVERY_SECONDS = 2;
/** A first scheduled poll that comes so late leaves time to publish, and for a job to finish before it. */
const FIRST_POLL_IN_SECONDS = 12;
const PATIENCE_MS = 90_000;

/** n8n, killed at each point at which it has written something else of a job; in both modes. */
export async function killPoints(context: Context): Promise<void> {
	const { instance } = context;
	for (const mode of ['default', 'durable'] as const) {
		const killSwitch = new KillSwitch(instance);
		await instance.use({ ...MODES[mode], ...PROMPT, ...killSwitch.env });
		await killedWhileHandingOver(mode, killSwitch, context);
	}
	await beforeTheFirstScheduledPoll(context);
	await instance.use({});
}

async function killedWhileHandingOver(
	mode: Mode,
	killSwitch: KillSwitch,
	{ instance, findings }: Context,
): Promise<void> {
	const pollTimes = pollTimesEvery(POLL_EVERY_SECONDS);
	const watch = await Watch.create(instance, `killed-${mode}`, { pollTimes });
	await watch.publish();
	await polled(watch, 2);
	const jobs = new Map<KillPoint, string>();
	await showStep(`Killing n8n at exact points, in ${mode} mode`, async (step) => {
		for (const point of KILL_POINTS[mode]) {
			step.detail(point.text);
			killSwitch.arm(point, watch.name);
			const [jobId = ''] = watch.addJobs();
			jobs.set(point, jobId);
			await killSwitch.killed();
			findings.equal(`${mode}, killed ${point.text}: so much is written`, written(watch, jobId), {
				memory: point.memory,
				execution: point.execution,
			});
			await instance.start();
			if (isGap(point)) await polled(watch, 2);
			else await until(() => watch.startedBy(jobId).length > 0, PATIENCE_MS, 250);
		}
		// What fires twice has fired by then.
		await polled(watch, 3);
	});
	for (const [point, jobId] of jobs) {
		const statuses = watch.startedBy(jobId).map(({ status }) => status);
		const promise = `${mode}, killed ${point.text}: ${isGap(point) ? "lost by n8n, and named in n8n's log" : 'fires once'}`;
		const isKept = isGap(point)
			? statuses.length === 0 && instance.tellsOfLostJob(jobId)
			: statuses.length === 1;
		findings.check(promise, isKept, `${statuses.length} executions ${statuses.join(', ')}`);
	}
	await watch.close();
}

/** Only between two writes can a job get lost. */
const isGap = ({ memory, execution }: KillPoint) => memory && !execution;

/** While n8n is down: what it has written of a job. */
function written(watch: Watch, jobId: string) {
	const handled = watch.memory()?.handled as object | undefined;
	return {
		memory: Object.hasOwn(handled ?? {}, jobId),
		execution: watch.startedBy(jobId).length > 0,
	};
}

async function polled(watch: Watch, times: number): Promise<void> {
	const before = watch.calls('listJobs').length;
	await until(() => watch.calls('listJobs').length >= before + times, PATIENCE_MS);
}

/** With durable cursors, n8n drops what the poll learns that it runs when a workflow is published, or taken up at its start. */
async function beforeTheFirstScheduledPoll({ instance, findings }: Context): Promise<void> {
	const publish = async (name: string) => {
		const first = (new Date().getSeconds() + FIRST_POLL_IN_SECONDS) % 60;
		const pollTimes = pollTimesEvery(20, first);
		const watch = await Watch.create(instance, name, { pollTimes });
		watch.addJobs();
		await watch.publish();
		const polls = watch.calls('listJobs').length;
		const [jobId = ''] = watch.addJobs();
		return { watch, jobId, polls };
	};
	const runs = await showStep('Jobs that finish before the first scheduled poll', async () => {
		const restarted = await publish('before-first-poll-restarted');
		await instance.kill();
		await instance.start();
		const plain = await publish('before-first-poll');
		const both = [plain, restarted];
		await until(
			() => both.every(({ watch, jobId }) => watch.startedBy(jobId).length > 0),
			30_000,
			500,
		);
		await polled(plain.watch, 1);
		return both;
	});
	for (const { watch, jobId, polls } of runs) {
		const fired = watch.startedBy(jobId).length;
		findings.check(
			`durable, ${watch.name.replaceAll('-', ' ')}: a job that finishes then fires once, no older one does`,
			fired === 1 && watch.fired().length === 1 && polls === 1,
			`${fired} executions, ${polls} poll before it finished`,
		);
		await watch.close();
	}
}
