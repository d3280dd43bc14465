import { setTimeout as sleep } from 'node:timers/promises';

import type { Fault } from '../../../../../playground/emulator/faults.ts';
import type { Emulator } from '../../../../../playground/emulator/server.ts';
import type { Step } from '../../../../../playground/progress.ts';
import type { Database } from '../../../harness/database.ts';
import type { Instance } from '../../../harness/n8n.ts';
import { until } from '../../../harness/until.ts';
import type { Watch } from '../../../harness/watch.ts';
import type { Plan } from './plan.ts';

/** When n8n is killed. `execution starting`: when the last request of a poll with a new job has its response. */
const MOMENTS = [
	'first poll',
	'execution begun',
	'in a poll',
	'execution starting',
	'any time',
] as const;
type Moment = (typeof MOMENTS)[number];

const SPREAD_MS: Partial<Record<Moment, number>> = { 'in a poll': 1_200, 'any time': 5_000 };
const MOMENT_WITHIN_MS = 20_000;

/**
 * n8n 2.41.1 ends at its start where it finds an execution whose start it has logged, but not yet written to
 * its database. It marks the execution as crashed first, so the next start succeeds.
 */
const N8N_ENDS_AT_START =
	/reading 'getTime'[^]*InsightsCollectionService[^]*Exiting due to an error/;

interface Setting {
	instance: Instance;
	plan: Plan;
	watches: Watch[];
	/** Those of the watches, and others. */
	emulators: Emulator[];
	seed: number;
	random: () => number;
	/** Called while n8n is down, to read its database. */
	whileDown(): void;
}

/** Stops n8n, or kills it at a chosen moment, and starts it again. */
export class Restarts {
	done = 0;
	kills = 0;
	/** Starts that n8n has ended unexpectedly. */
	failedStarts = 0;
	private lastAt = -Infinity;
	private readonly setting: Setting;

	constructor(setting: Setting) {
		this.setting = setting;
	}

	/** Draws the faults of the plan again. */
	setFaults(extra: Fault[] = []): void {
		const { emulators, plan, seed } = this.setting;
		emulators.forEach(({ control }, index) => {
			control.set({ seed: seed + this.done * 100 + index });
			control.setFaults([...extra, ...plan.faults]);
		});
	}

	async next(step: Step, gapMs: number): Promise<void> {
		const { instance, plan } = this.setting;
		const round = this.done;
		const kills = plan.isKill(round);
		const moment = this.moment(round);
		step.detail(`restart ${round + 1}, ${kills ? `kill: ${moment}` : 'stop'}`);
		await sleep(Math.max(0, this.lastAt + gapMs - Date.now()));
		if (kills) await this.killAt(moment);
		else await instance.stop();
		this.lastAt = Date.now();
		this.setting.whileDown();
		this.done++;
		this.setFaults();
		await this.start();
	}

	/** A start that fails by n8n's own fault is repeated, as any process supervisor does. */
	private async start(): Promise<void> {
		const { instance } = this.setting;
		await instance.start().catch(async (error: unknown) => {
			if (!N8N_ENDS_AT_START.test(instance.log())) throw error;
			this.failedStarts++;
			await instance.start();
		});
	}

	/** The first is a kill in the very first poll, which happens only once. */
	private moment(round: number): Moment {
		const moment = MOMENTS[this.kills % MOMENTS.length]!;
		return round > 0 && moment === 'first poll' ? 'any time' : moment;
	}

	private async killAt(moment: Moment): Promise<void> {
		const { instance, watches, random } = this.setting;
		this.kills++;
		const watch = watches[Math.floor(random() * watches.length)]!;
		const before = watch.calls('getJob').length;
		if (moment === 'in a poll') this.setFaults([{ kind: 'slow', delayMs: 1_000, times: 4 }]);
		if (!['first poll', 'any time'].includes(moment)) watch.addJobs();
		const lastId = instance.read((database) => database.lastExecutionId());
		const isNow: Record<Moment, () => boolean> = {
			'first poll': () => true,
			'execution begun': () => instance.read((database) => hasBegun(database, watch, lastId)),
			'in a poll': () => watch.calls('listJobs').at(-1)?.status === null,
			'execution starting': () =>
				watch
					.calls('getJob')
					.slice(before)
					.some(({ status }) => status === 200),
			'any time': () => true,
		};
		await until(isNow[moment], MOMENT_WITHIN_MS, 1);
		await sleep(random() * (SPREAD_MS[moment] ?? 25));
		await instance.kill();
	}
}

function hasBegun(database: Database, watch: Watch, lastId: number): boolean {
	if (database.lastExecutionId() === lastId) return false;
	return database.executions(watch.name).some(({ id, mode }) => id > lastId && mode === 'trigger');
}
