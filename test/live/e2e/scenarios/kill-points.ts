import { showStep } from '../../../../playground/progress.ts';
import { hasEnded } from '../../harness/database.ts';
import { until } from '../../harness/until.ts';
import { Watch } from '../../harness/watch.ts';
import { pollTimesEvery } from '../../harness/workflows.ts';
import { type Mode, MODES } from '../modes.ts';
import type { Context } from '../scenario.ts';
import {
	KILL_POINTS,
	type KillPoint,
	KillSwitch,
	SLOW_TRANSACTION,
} from './kill-points/kill-switch.ts';

/** How often n8n plans polls and starts them, in seconds. The defaults are 10 and 5. */
const PROMPT = {
	N8N_SCHEDULER_MATERIALIZATION_INTERVAL: '2',
	N8N_SCHEDULER_EXECUTOR_INTERVAL: '1',
};
const POLL_EVERY_SECONDS = 2;
/** Leaves time to publish, and for a job to finish, before the first scheduled poll. */
const FIRST_POLL_IN_SECONDS = 12;
const PATIENCE_MS = 90_000;

/** The trigger, with n8n killed at each point between two of its writes, in both modes. */
export async function killPoints(context: Context): Promise<void> {
	const { instance } = context;
	for (const mode of ['default', 'durable'] as const) {
		const killSwitch = new KillSwitch(instance);
		await instance.use({ ...MODES[mode], ...PROMPT, ...killSwitch.env });
		await killAtEachPoint(mode, killSwitch, context);
	}
	await beforeTheFirstScheduledPoll(context);
}

async function killAtEachPoint(
	mode: Mode,
	killSwitch: KillSwitch,
	context: Context,
): Promise<void> {
	const { instance, findings } = context;
	const pollTimes = pollTimesEvery(POLL_EVERY_SECONDS);
	const watch = await Watch.create(instance, `killed-${mode}`, { pollTimes });
	await watch.publish();
	await polled(watch, 2);
	const jobs = new Map<KillPoint, string>();
	await showStep(`Killing n8n at exact points, in ${mode} mode`, async (step) => {
		for (const point of KILL_POINTS[mode]) {
			step.detail(point.text);
			killSwitch.arm(point.id, watch.name);
			const [jobId = ''] = watch.addJobs();
			jobs.set(point, jobId);
			await killSwitch.killed();
			findings.equal(
				`${mode}, killed ${point.text}: the database confirms the point`,
				written(watch, jobId),
				{
					memory: point.memory,
					execution: point.execution,
				},
			);
			await instance.start();
			if (isGap(point)) await polled(watch, 2);
			else await until(() => watch.startedBy(jobId).some(hasEnded), PATIENCE_MS, 250);
		}
		// A job that fires twice has fired twice by then.
		await polled(watch, 3);
	});
	for (const [point, jobId] of jobs) {
		const statuses = watch.startedBy(jobId).map(({ status }) => status);
		const promise = `${mode}, killed ${point.text}: ${isGap(point) ? 'lost by n8n, and named in its log' : 'fires once'}`;
		const isKept = isGap(point)
			? statuses.length === 0 && instance.logsLostJob(jobId)
			: statuses.length === 1;
		findings.check(promise, isKept, `${statuses.length} executions ${statuses.join(', ')}`);
	}
	if (mode === 'durable') await withSlowTransaction(watch, killSwitch, context);
	await watch.close();
}

/** A poll that n8n starts meanwhile gets the memory as it was before. */
async function withSlowTransaction(watch: Watch, killSwitch: KillSwitch, { findings }: Context) {
	killSwitch.arm(SLOW_TRANSACTION, watch.name);
	const [jobId = ''] = watch.addJobs();
	await until(() => watch.startedBy(jobId).length > 0, PATIENCE_MS, 250);
	killSwitch.disarm();
	await polled(watch, 5);
	const fired = watch.startedBy(jobId).length;
	findings.check(
		'durable, a transaction that takes longer than the time between two polls: the job fires once',
		fired === 1,
		`${fired} executions`,
	);
}

/** A job can be lost only between two writes. */
const isGap = ({ memory, execution }: KillPoint) => memory && !execution;

/** What n8n has written about a job. */
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

/** With durable cursors n8n discards the results of the polls at publication and at its own start. */
async function beforeTheFirstScheduledPoll({ instance, findings }: Context): Promise<void> {
	const publish = async (name: string, restart = '') => {
		const first = (new Date().getSeconds() + FIRST_POLL_IN_SECONDS) % 60;
		const pollTimes = pollTimesEvery(20, first);
		const watch = await Watch.create(instance, name, { pollTimes });
		watch.addJobs();
		await watch.publish();
		const polls = watch.calls('listJobs').length;
		const [jobId = ''] = watch.addJobs();
		return { watch, jobId, polls, restart };
	};
	const runs = await showStep('Jobs that finish before the first scheduled poll', async () => {
		const restarted = await publish('first-poll-restarted', ', with a restart in between');
		await instance.kill();
		await instance.start();
		const plain = await publish('first-poll');
		const both = [plain, restarted];
		await until(
			() => both.every(({ watch, jobId }) => watch.startedBy(jobId).length > 0),
			30_000,
			500,
		);
		await polled(plain.watch, 1);
		return both;
	});
	for (const { watch, jobId, polls, restart } of runs) {
		const fired = watch.startedBy(jobId).length;
		findings.check(
			`durable, a job that finishes before the first scheduled poll${restart}: it fires once, and no older one fires`,
			fired === 1 && watch.fired().length === 1 && polls === 1,
			`${fired} executions, ${polls} polls before it finished`,
		);
		await watch.close();
	}
}
