import type { TriggerEvent } from '../../../../nodes/Userpilot/trigger/memory';
import { ActiveTrigger } from '../../../support/engine';
import { inVirtualTime, transportOf } from '../../../support/virtualTime';
import type { Items } from '../jobs';
import { ids } from '../jobs';
import type { Job } from './api';
import { answerOf, apiOf, idOf, isListed, listedJobs } from './api';
import type { History, Step, Weather } from './steps';
import { FAIR } from './steps';

const START = Date.parse('2024-10-06T10:00:00Z');
const STEP_MS = 1_500;
/** Jobs without faults must fire at the second poll at the latest, whatever happens to others. */
const MAX_CHANCES = 2;
/** Between two polls of n8n's scheduler, unless they overlap. */
const INTERVAL_MS = 20_000;

const STATUSES: Record<TriggerEvent, readonly string[]> = {
	completed: ['completed'],
	failed: ['failed'],
	finished: ['completed', 'failed'],
};
const matches = ({ status }: Job, event: TriggerEvent) => STATUSES[event].includes(status);

export interface Played {
	fired: number;
	/** Jobs that were lost by a kill between n8n's two writes. */
	lostByKill: number;
}

type Publication = Pick<Step & { kind: 'publish' }, 'event' | 'startFrom' | 'weather'>;

let histories = 0;

/**
 * Plays a history with the trigger in n8n's engine, and checks what is promised of it: a job fires once,
 * if it finished after the trigger skipped finished jobs and matches the event, and soon.
 *
 * @param log what the trigger has logged
 * @throws Error that says what fired wrongly, or did not fire
 */
export class Player {
	private readonly jobs: Job[] = [];

	private weather = FAIR;

	/** Userpilot's clock is ahead of n8n's by this. */
	private aheadMs = 0;

	private event: TriggerEvent;

	/** The event for which finished jobs were skipped. */
	private baselineOf: TriggerEvent | undefined;

	private readonly passedOver = new Set<string>();

	private readonly fired = new Set<string>();

	private readonly lostByKill = new Set<string>();

	/** How often each job could have fired. */
	private readonly chances = new Map<string, number>();

	private readonly trigger: ActiveTrigger;

	private readonly options: { transport: ReturnType<typeof transportOf> };

	private readonly history: History;

	private readonly log: { warnings: string[] };

	constructor(history: History, log: { warnings: string[] }) {
		const { event, startFrom, staticData, durable } = history;
		this.history = history;
		this.log = log;
		this.event = event;
		const id = `history ${++histories}`;
		this.trigger = new ActiveTrigger({ event, startFrom }, staticData as never, id, { durable });
		const api = apiOf(
			this.jobs,
			() => this.now,
			() => this.weather,
		);
		this.options = { transport: transportOf(api) };
	}

	private get now() {
		return Date.now() + this.aheadMs;
	}

	async play(): Promise<Played> {
		return await inVirtualTime(START, async () => {
			const { event, startFrom, existing, isPolledMeanwhile } = this.history;
			await this.beginProcess();
			for (let index = 0; index < existing; index++) {
				const times = { startedAt: this.now, endedAt: this.now };
				this.jobs.push({ id: idOf(index), ...times, status: 'completed' });
			}
			const first = { event, startFrom, weather: FAIR };
			await (isPolledMeanwhile ? this.pollDuringPublishing(first) : this.publish(first));
			for (const step of this.history.steps) await this.apply(step);
			for (let poll = 0; poll < MAX_CHANCES + 1; poll++) await this.poll(FAIR);
			const missing = this.jobs.filter(
				(job) => isListed(job, this.now) && this.isOwed(job) && !this.lostByKill.has(job.id),
			);
			expect(missing).toEqual([]);
			return { fired: this.fired.size, lostByKill: this.lostByKill.size };
		});
	}

	private async apply(step: Step): Promise<void> {
		const { jobs } = this;
		switch (step.kind) {
			case 'start':
				jobs.push({ id: idOf(jobs.length), startedAt: this.now, status: 'in_progress' });
				return;
			case 'finish': {
				const running = jobs.filter(({ endedAt }) => endedAt === undefined);
				const job = running[step.job % running.length];
				if (!job) return;
				if (!step.still) await this.wait(STEP_MS);
				Object.assign(job, { endedAt: this.now, status: step.status });
				return;
			}
			case 'wait':
				return await this.wait(step.ms);
			case 'skew':
				jest.setSystemTime(Date.now() + step.ms);
				this.aheadMs -= step.ms;
				return;
			case 'poll': {
				const before = this.trigger.database;
				const isOneWrite = this.history.durable && step.kill === 'between';
				if (step.kill === 'before' || isOneWrite) {
					this.weather = step.weather;
					await this.outcome(this.trigger.poll(this.options));
					return await this.start(FAIR, before);
				}
				await this.poll(step.weather, step.kill === 'between');
				if (step.kill) await this.start(FAIR);
				return;
			}
			case 'restart':
				return await this.start(step.weather);
			case 'publish': {
				if (!step.during) return await this.publish(step);
				if (step.during === 'a poll') return await this.publishDuringPoll(step);
				return await this.pollDuringPublishing(step);
			}
		}
	}

	private async wait(ms: number) {
		await new Promise((resolve) => setTimeout(resolve, ms));
	}

	/** What a poll fires for; undefined for an error. */
	private async outcome(poll: Promise<Items>): Promise<string[] | undefined> {
		return await poll.then(
			(items) => ids(items) ?? [],
			() => undefined,
		);
	}

	private isOwed = (job: Job, event = this.event) =>
		matches(job, event) && !this.passedOver.has(job.id) && !this.fired.has(job.id);

	private async poll(weather: Weather, isLostByKill = false) {
		if (this.history.durable) await this.wait(INTERVAL_MS);
		this.weather = weather;
		const polled = await this.outcome(this.trigger.poll(this.options));
		this.note(polled, isLostByKill);
		if (weather.list !== 'right') return;
		for (const job of listedJobs(this.jobs, this.now, weather).filter((job) => this.isOwed(job))) {
			if (answerOf(this.jobs, job.id, weather) !== 'right' || this.lostByKill.has(job.id)) continue;
			const chances = (this.chances.get(job.id) ?? 0) + 1;
			this.chances.set(job.id, chances);
			if (chances >= MAX_CHANCES) throw new Error(`"${job.id}" has not fired, and could have`);
		}
	}

	/** All jobs that fired had to, in the order in which they finished. */
	private note(polled: string[] | undefined, isLostByKill = false, event = this.event) {
		const fired = (polled ?? []).map((id) => this.jobs.find((job) => job.id === id)!);
		for (const job of fired) {
			if (!this.isOwed(job, event) || this.lostByKill.has(job.id)) {
				throw new Error(`"${job.id}" fired, and must not`);
			}
			(isLostByKill ? this.lostByKill : this.fired).add(job.id);
		}
		const ends = fired.map(({ endedAt }) => endedAt!);
		expect(ends).toEqual([...ends].sort((a, b) => a - b));
	}

	private async beginProcess() {
		await this.wait(STEP_MS);
		jest.spyOn(performance, 'timeOrigin', 'get').mockReturnValue(Date.now());
		this.log.warnings = [];
	}

	/** n8n starts with its database. By default it polls then. */
	private async start(weather: Weather, database = this.trigger.database) {
		this.trigger.database = database;
		// n8n takes at least this long to start.
		await this.wait(INTERVAL_MS);
		await this.beginProcess();
		this.weather = weather;
		const lost = [...this.lostByKill].filter((id) => !this.named.has(id));
		if (this.history.durable) this.trigger.restart();
		else this.note(await this.outcome(this.trigger.takeUp('init', this.options)));
		for (const id of lost) {
			expect(this.log.warnings.join()).toMatch(/Job > Download/);
			expect(this.log.warnings.join()).toContain(`"${id}"`);
			this.named.add(id);
		}
	}

	private readonly named = new Set<string>();

	/** If the poll at publishing fails, n8n does not publish, and a person tries again. */
	private async publish({ event, startFrom, weather }: Publication): Promise<void> {
		this.trigger.setParameters({ event, startFrom });
		this.event = event;
		this.weather = weather;
		const polled = await this.outcome(this.trigger.activate(this.options));
		if (!polled) return await this.publish({ event, startFrom, weather: FAIR });
		this.takeStock(startFrom === 'now' ? listedJobs(this.jobs, this.now, weather) : []);
		this.note(polled);
	}

	/** Skips finished jobs, as the description of Start From promises. */
	private takeStock(listed: Job[]) {
		const before = this.baselineOf;
		if (before === this.event) return;
		this.baselineOf = this.event;
		for (const job of listed) {
			const isOwed = before !== undefined && matches(job, before);
			if (matches(job, 'finished') && !isOwed) this.passedOver.add(job.id);
		}
	}

	/** n8n's scheduler does not wait for a publication; without it, the poll would be one of the new version. */
	private async pollDuringPublishing(step: Publication) {
		if (!this.history.durable) return await this.publish(step);
		this.weather = { ...FAIR, list: 'slow' };
		const publishing = this.publish({ ...step, weather: this.weather });
		await this.wait(1_000);
		const polling = this.outcome(this.trigger.poll(this.options));
		await publishing;
		this.note(await polling);
	}

	private async publishDuringPoll(step: Step & { kind: 'publish' }) {
		const { event } = this;
		const before = this.trigger.database;
		this.weather = { ...FAIR, list: 'slow' };
		const polling = this.outcome(this.trigger.poll(this.options));
		await this.wait(1_000);
		await this.publish({ ...step, weather: this.weather });
		const polled = await polling;
		// Without durable cursors, n8n always drops it.
		if (!this.history.durable) expect(polled ?? []).toEqual([]);
		else if (step.isDropped) {
			this.trigger.refuseCursor(before);
			// The next poll is not earlier.
			await this.wait(INTERVAL_MS);
		} else this.note(polled, false, event);
	}
}
