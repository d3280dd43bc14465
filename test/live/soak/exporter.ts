import { setTimeout as sleep } from 'node:timers/promises';

import type { Emulator } from '../../../playground/emulator/server.ts';
import type { StoredWorkflow } from '../../../playground/rest.ts';
import { chain, userpilotNode, webhook } from '../bench/n8n/chains.ts';
import type { Receiver } from '../bench/n8n/receiver.ts';
import type { Instance } from '../e2e/instance.ts';
import { publishPatiently, userpilotOf } from '../e2e/watch.ts';

const FEWEST_ROWS = 10;
const MOST_ROWS = 20_000;
const LONGEST_JOB_S = 8;
const SHORTEST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 20_000;
const TRIES = 12;
const TRY_AGAIN_MS = 5_000;

/** What an exporter asks for, and how many items it owes for an export of so many rows. */
const WAYS = [
	{ parameters: { output: 'rows' }, items: (rows: number) => rows },
	{ parameters: { output: 'rows', options: { flatten: true } }, items: (rows: number) => rows },
	{ parameters: { output: 'rows', format: 'csv' }, items: (rows: number) => rows },
	{ parameters: { output: 'files' }, items: () => 1 },
	{ parameters: { output: 'links' }, items: () => 1 },
];

/** A workflow that exports again and again, with a Userpilot that it has for itself. */
export class Exporter {
	/** Exports that came whole, that ended in an error of the node, and what was wrong with others. */
	whole = 0;
	readonly errors: string[] = [];
	readonly wrong: string[] = [];
	rows = 0;
	/** How often n8n was not available. */
	unavailable = 0;
	readonly emulator: Emulator;
	private readonly instance: Instance;
	private readonly receiver: Receiver;
	private readonly stored: StoredWorkflow;
	private readonly way: (typeof WAYS)[number];
	private readonly random: () => number;

	private constructor(
		instance: Instance,
		receiver: Receiver,
		emulator: Emulator,
		stored: StoredWorkflow,
		way: (typeof WAYS)[number],
		random: () => number,
	) {
		this.instance = instance;
		this.receiver = receiver;
		this.emulator = emulator;
		this.stored = stored;
		this.way = way;
		this.random = random;
	}

	/** Puts the workflow into n8n and publishes it. Exporters of five indexes in a row ask for five things. */
	static async create(
		instance: Instance,
		receiver: Receiver,
		index: number,
		random: () => number,
	): Promise<Exporter> {
		const name = `export-${index}`;
		const way = WAYS[index % WAYS.length]!;
		const { emulator, credentialId } = await userpilotOf(instance, name);
		const parameters = {
			resource: 'export',
			operation: 'createAndWait',
			dateRange: 'yesterday',
			...way.parameters,
		};
		const arrive = '{ items: $("Userpilot").all().length, error: $json.error }';
		const nodes = [
			webhook(name, 'onReceived'),
			{ ...userpilotNode(credentialId, parameters), onError: 'continueRegularOutput' },
			receiver.node(arrive),
		];
		const stored = await instance.client.createWorkflow(chain(name, nodes));
		await publishPatiently(instance.client, stored);
		return new Exporter(instance, receiver, emulator, stored, way, random);
	}

	/** Exports of drawn sizes, with drawn pauses between them, until the time is over. */
	async exportUntil(deadline: number): Promise<void> {
		while (Date.now() < deadline) {
			await this.exportOnce();
			await sleep(SHORTEST_PAUSE_MS + this.random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS));
		}
	}

	private async exportOnce(): Promise<void> {
		const { control } = this.emulator;
		const rowsPerDay = Math.round(FEWEST_ROWS * (MOST_ROWS / FEWEST_ROWS) ** this.random());
		control.set({ rowsPerDay, jobSeconds: 1 + this.random() * (LONGEST_JOB_S - 1) });
		const before = control.ledger().jobs.length;
		const { run, arrival } = this.receiver.expect();
		arrival.catch(() => {});
		await this.callWebhook(run);
		const outcome = await arrival.then(
			({ last }) => last,
			(error: Error) => ({ wrong: error.message }),
		);
		const jobs = control.ledger().jobs.length - before;
		const owed = this.way.items(rowsPerDay);
		if ('wrong' in outcome) {
			this.wrong.push(String(outcome.wrong));
		} else if (outcome.error !== undefined) {
			this.errors.push(String(outcome.error));
			if (jobs > 1) this.wrong.push(`${jobs} exports were started for one`);
		} else if (outcome.items !== owed || jobs !== 1) {
			this.wrong.push(`${String(outcome.items)} items instead of ${owed}, ${jobs} exports`);
		} else {
			this.whole++;
			this.rows += rowsPerDay;
		}
	}

	/** n8n answers 503 when its database takes more than a moment, and has started nothing then. */
	private async callWebhook(run: string): Promise<void> {
		const url = `${this.instance.url}/webhook/${this.stored.id}?run=${run}`;
		for (let attempt = 1; ; attempt++) {
			const response = await fetch(url, { headers: { connection: 'close' } });
			const text = await response.text();
			if (response.ok) return;
			if (response.status !== 503 || attempt === TRIES) {
				throw new Error(`The webhook answered ${response.status}: ${text}`);
			}
			this.unavailable++;
			await sleep(TRY_AGAIN_MS);
		}
	}

	/** For the end: nobody goes on to ask a Userpilot that is gone. */
	async close(): Promise<void> {
		await this.instance.client.unpublishWorkflow(this.stored.id);
		await this.emulator.close();
	}
}
