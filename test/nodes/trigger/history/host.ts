import type { JobSummary } from '../../../../nodes/Userpilot/api/schemas';
import type { StartFrom, TriggerEvent } from '../../../../nodes/Userpilot/trigger/memory';

export interface Parameters {
	event: TriggerEvent;
	startFrom: StartFrom;
}

/** What one poll meets. */
export interface Encounter {
	/** The answer to the list; undefined: the call fails. */
	listed: JobSummary[] | undefined;
	/** Jobs whose details cannot be had now. */
	withoutDetails: ReadonlySet<string>;
	/** They are refused for a reason that concerns all jobs: the poll throws unless it got others. */
	refused: boolean;
	/** n8n's clock, Unix time in ms. */
	now: number;
	parameters: Parameters;
}

/** The trigger under test: gives the ids of the jobs that fire, changes the static data; throws when the list fails. */
export type Poll = (staticData: Record<string, unknown>, encounter: Encounter) => Promise<string[]>;

/**
 * n8n as far as a polling trigger can tell: where the static data lives, and when it is saved. That
 * is when a poll gives items, in the same step, and after the first poll of an activation.
 */
export class Host {
	/** The database, the newest state last. A crash right after an activation can still lose its state. */
	private saves: string[];
	private live: Record<string, unknown>;
	/** Index of the last save that came with items: no crash goes back behind it. */
	private lastEmitted = 0;
	private needsActivation = true;
	private readonly poll: Poll;

	constructor(poll: Poll, staticData: unknown) {
		this.poll = poll;
		this.saves = [JSON.stringify(staticData)];
		this.live = this.load();
	}

	private load(): Record<string, unknown> {
		return JSON.parse(this.saves.at(-1)!) as Record<string, unknown>;
	}

	private save() {
		this.saves.push(JSON.stringify(this.live));
	}

	/** How many saves there are: a mark to come back to. */
	get version(): number {
		return this.saves.length;
	}

	/** One tick, or the first poll of an activation that is due. */
	async tick(encounter: Encounter): Promise<string[]> {
		const fired = await this.poll(this.live, encounter);
		if (fired.length > 0 || this.needsActivation) this.save();
		if (fired.length > 0) this.lastEmitted = this.saves.length - 1;
		this.needsActivation = false;
		return fired;
	}

	/** A poll whose outcome n8n drops, because the workflow was edited or the process died meanwhile. */
	async tickInVain(encounter: Encounter): Promise<void> {
		await this.poll(this.live, encounter).catch(() => {});
		this.restart(0);
	}

	/** The process ends and starts again, or the workflow is published anew; the newest saves may be lost. */
	restart(lost: number): number {
		const kept = Math.max(this.lastEmitted + 1, this.saves.length - lost);
		this.saves.length = kept;
		this.live = this.load();
		this.needsActivation = true;
		return kept;
	}
}
