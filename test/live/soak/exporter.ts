import { setTimeout as sleep } from 'node:timers/promises';

import type { Emulator } from '../../../playground/emulator/server.ts';
import type { Instance } from '../harness/n8n.ts';
import type { Receiver } from '../harness/receiver.ts';
import { startUserpilot } from '../harness/userpilot.ts';
import {
	chain,
	getEvents,
	NOT_SAVED,
	USERPILOT,
	userpilotNode,
	webhookNode,
} from '../harness/workflows.ts';

const MIN_ROWS = 10;
const MAX_ROWS = 20_000;
const MAX_JOB_S = 8;
const MIN_PAUSE_MS = 2_000;
const MAX_PAUSE_MS = 20_000;

/** What an exporter requests, and how many items an export of so many rows must return. */
const WAYS = [
	{ parameters: { output: 'rows' }, items: (rows: number) => rows },
	{ parameters: { output: 'rows', options: { flatten: true } }, items: (rows: number) => rows },
	{ parameters: { output: 'rows', format: 'csv' }, items: (rows: number) => rows },
	{ parameters: { output: 'files' }, items: () => 1 },
	{ parameters: { output: 'links' }, items: () => 1 },
];

/** A workflow that exports repeatedly, with a Userpilot of its own. */
export class Exporter {
	/** Exports that were complete, errors of the node, and what was wrong with other exports. */
	whole = 0;
	readonly errors: string[] = [];
	readonly wrong: string[] = [];
	rows = 0;
	/** How often n8n was not available. */
	unavailable = 0;
	readonly emulator: Emulator;
	private readonly instance: Instance;
	private readonly receiver: Receiver;
	private readonly name: string;
	private readonly way: (typeof WAYS)[number];
	private readonly random: () => number;

	private constructor(
		instance: Instance,
		name: string,
		receiver: Receiver,
		emulator: Emulator,
		way: (typeof WAYS)[number],
		random: () => number,
	) {
		this.instance = instance;
		this.receiver = receiver;
		this.emulator = emulator;
		this.name = name;
		this.way = way;
		this.random = random;
	}

	/** Publishes the workflow. Five indexes in a row have five different outputs. */
	static async create(
		instance: Instance,
		receiver: Receiver,
		index: number,
		random: () => number,
	): Promise<Exporter> {
		const name = `export-${index}`;
		const way = WAYS[index % WAYS.length]!;
		const { emulator, credentialId } = await startUserpilot(instance, name);
		const arrive = `{ items: $("${USERPILOT}").all().length, error: $json.error }`;
		const nodes = [
			webhookNode(name),
			{
				...userpilotNode(credentialId, getEvents(way.parameters)),
				onError: 'continueRegularOutput',
			},
			receiver.node(arrive),
		];
		await instance.publish(chain(name, nodes, NOT_SAVED));
		return new Exporter(instance, name, receiver, emulator, way, random);
	}

	/** Exports of drawn sizes, with drawn pauses between them, until the time is over. */
	async exportUntil(deadline: number): Promise<void> {
		while (Date.now() < deadline) {
			await this.exportOnce();
			await sleep(MIN_PAUSE_MS + this.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS));
		}
	}

	private async exportOnce(): Promise<void> {
		const { control } = this.emulator;
		const rowsPerDay = Math.round(MIN_ROWS * (MAX_ROWS / MIN_ROWS) ** this.random());
		control.set({ rowsPerDay, jobSeconds: 1 + this.random() * (MAX_JOB_S - 1) });
		const before = control.ledger().jobs.length;
		const { run, arrival } = this.receiver.expect();
		arrival.catch(() => {});
		await this.instance.callWebhook(`${this.name}?run=${run}`, () => this.unavailable++);
		const outcome = await arrival.then(
			({ last }) => last,
			(error: Error) => ({ wrong: error.message }),
		);
		const jobs = control.ledger().jobs.length - before;
		const expected = this.way.items(rowsPerDay);
		if ('wrong' in outcome) {
			this.wrong.push(String(outcome.wrong));
		} else if (outcome.error !== undefined) {
			this.errors.push(String(outcome.error));
			if (jobs > 1) this.wrong.push(`${jobs} exports were started for one`);
		} else if (outcome.items !== expected || jobs !== 1) {
			this.wrong.push(`${String(outcome.items)} items instead of ${expected}, ${jobs} exports`);
		} else {
			this.whole++;
			this.rows += rowsPerDay;
		}
	}

	/** Unpublished first, so that n8n does not request a Userpilot that is gone. */
	async close(): Promise<void> {
		await this.instance.client.unpublishWorkflow(this.name);
		await this.emulator.close();
	}
}
