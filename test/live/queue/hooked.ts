import { setTimeout as sleep } from 'node:timers/promises';

import type { Emulator, EmulatorOptions } from '../../../playground/emulator/server.ts';
import { type Execution, hasEnded } from '../../../playground/executions.ts';
import { until } from '../harness/until.ts';
import { publishPatiently } from '../harness/watch.ts';
import { startUserpilot } from '../harness/userpilot.ts';
import {
	exportWorkflow,
	type Node,
	TRIGGER,
	triggerNode,
	webhookNode,
} from '../harness/workflows.ts';
import type { Cluster } from '../harness/cluster.ts';

/** Machines may be busy; nothing here is measured by it. */
const PATIENCE_MS = 120_000;
/** Long enough for two more polls: what fires twice has fired by then. */
const SETTLE_MS = 12_000;

/** The jobs that have started these executions. */
export const firedBy = (executions: Execution[]): string[] =>
	executions.flatMap((execution) => execution.output(TRIGGER).map(({ job_id }) => String(job_id)));

interface Wish {
	/** Of our node. */
	parameters: Record<string, unknown>;
	userpilot?: EmulatorOptions;
	/** Whose Userpilot it shares, instead of one of its own. */
	startUserpilot?: Hooked;
	/** Settings of our node, such as Retry On Fail. */
	node?: Record<string, unknown>;
	/** Jobs of the trigger start it; otherwise, a webhook does. */
	onJobs?: boolean;
}

/** A published workflow with our node, and a Userpilot that it has for itself. */
export class Hooked {
	readonly name: string;
	readonly emulator: Emulator;
	readonly credentialId: string;
	private readonly cluster: Cluster;
	private readonly wish: Wish;

	private constructor(
		cluster: Cluster,
		name: string,
		wish: Wish,
		{ emulator, credentialId }: Pick<Hooked, 'emulator' | 'credentialId'>,
	) {
		this.cluster = cluster;
		this.name = name;
		this.wish = wish;
		this.emulator = emulator;
		this.credentialId = credentialId;
	}

	static async publish(cluster: Cluster, name: string, wish: Wish): Promise<Hooked> {
		const userpilot = wish.userpilotOf ?? (await startUserpilot(cluster, name, wish.userpilot));
		const { credentialId } = userpilot;
		const start: Node = wish.onJobs ? triggerNode(credentialId) : webhookNode(name);
		const extra = { start, node: wish.node };
		const workflow = exportWorkflow(name, credentialId, wish.parameters, extra);
		await publishPatiently(cluster.client, await cluster.client.createWorkflow(workflow));
		return new Hooked(cluster, name, wish, userpilot);
	}

	/** Starts an execution, as another program does; gives its id. */
	async start(): Promise<string> {
		const known = new Set((await this.executions()).map(({ id }) => id));
		const response = await fetch(`${this.cluster.main.url}/webhook/${this.name}`, {
			method: 'POST',
		});
		if (!response.ok) throw new Error(`The webhook answered ${response.status}`);
		return await this.nextExecution(known);
	}

	/** The id of the execution that comes beside those. */
	async nextExecution(known: ReadonlySet<string> = new Set()): Promise<string> {
		let id: string | undefined;
		await until(async () => {
			id = (await this.executions()).find((execution) => !known.has(execution.id))?.id;
			return id !== undefined;
		}, PATIENCE_MS);
		if (id === undefined) throw new Error(`No execution of ${this.name} has begun`);
		return id;
	}

	/** Newest first. */
	async executions() {
		return await this.cluster.client.listExecutions(this.name);
	}

	/** An execution, when it has ended. */
	async ended(id: string): Promise<Execution> {
		const isOver = async () =>
			(await this.executions()).some((execution) => execution.id === id && hasEnded(execution));
		if (!(await until(isOver, PATIENCE_MS, 250))) {
			throw new Error(`Execution ${id} of ${this.name} has not ended`);
		}
		return await this.cluster.client.getExecution(id);
	}

	/** All executions, once they have ended and as many jobs have started one, and two polls more. */
	async firedFor(jobs: number): Promise<Execution[]> {
		const ended = new Map<string, Execution>();
		const collect = async () => {
			for (const { id } of (await this.executions()).filter(hasEnded)) {
				if (!ended.has(id)) ended.set(id, await this.cluster.client.getExecution(id));
			}
			return [...ended.values()];
		};
		await until(async () => firedBy(await collect()).length >= jobs, PATIENCE_MS, 500);
		await sleep(SETTLE_MS);
		return await collect();
	}

	/** Waits for calls of an operation, the first by default. */
	async called(operation: string, times = 1): Promise<void> {
		const isCalled = () => this.calls(operation).length >= times;
		if (!(await until(isCalled, PATIENCE_MS, 20))) {
			throw new Error(`${this.name} has not called ${operation} ${times} times`);
		}
	}

	calls(operation: string) {
		const { requests } = this.emulator.control.ledger();
		return requests.filter((request) => request.operation === operation);
	}

	/** The jobs of its Userpilot. */
	jobIds(): string[] {
		return this.emulator.control.ledger().jobs.map(({ jobId }) => jobId);
	}

	/** For the end: nobody goes on to ask a Userpilot that is gone. */
	async close(): Promise<void> {
		await this.cluster.client.unpublishWorkflow(this.name);
		if (!this.wish.userpilotOf) await this.emulator.close();
	}
}
