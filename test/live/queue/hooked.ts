import { setTimeout as sleep } from 'node:timers/promises';

import type { Emulator, EmulatorOptions } from '../../../playground/emulator/server.ts';
import type { Execution } from '../../../playground/executions.ts';
import type { Cluster } from '../harness/cluster.ts';
import { endOf, ended, PATIENCE_MS } from '../harness/executions.ts';
import { until } from '../harness/until.ts';
import { requestsFor, startUserpilot, type Userpilot } from '../harness/userpilot.ts';
import {
	exportWorkflow,
	type Parameters,
	TRIGGER,
	triggerNode,
	webhookNode,
} from '../harness/workflows.ts';

/** Two more polls: a job that fires twice has fired twice by then. */
export const SETTLE_MS = 12_000;

/** The jobs that have started these executions. */
export const firedBy = (executions: Execution[]): string[] =>
	executions.flatMap((execution) => execution.output(TRIGGER).map(({ job_id }) => String(job_id)));

interface Setup {
	/** Of our node. */
	parameters: Parameters;
	/** Of its own Userpilot. */
	userpilot?: EmulatorOptions;
	/** Another workflow, whose Userpilot it shares. */
	sharedWith?: Hooked;
	/** Settings of our node, such as Retry On Fail. */
	node?: Record<string, unknown>;
	/** The trigger starts it; by default, a webhook does. */
	onJobs?: boolean;
}

/** A published workflow with our node, which a webhook or the trigger starts. */
export class Hooked {
	readonly name: string;
	readonly emulator: Emulator;
	readonly credentialId: string;
	private readonly cluster: Cluster;
	private readonly isShared: boolean;

	private constructor(cluster: Cluster, name: string, isShared: boolean, userpilot: Userpilot) {
		this.cluster = cluster;
		this.name = name;
		this.isShared = isShared;
		this.emulator = userpilot.emulator;
		this.credentialId = userpilot.credentialId;
	}

	static async publish(cluster: Cluster, name: string, setup: Setup): Promise<Hooked> {
		const { sharedWith, parameters, node, onJobs } = setup;
		const userpilot = sharedWith ?? (await startUserpilot(cluster, name, setup.userpilot));
		const { credentialId } = userpilot;
		const start = onJobs ? triggerNode(credentialId) : webhookNode(name);
		await cluster.main.publish(exportWorkflow(name, credentialId, parameters, { start, node }));
		return new Hooked(cluster, name, sharedWith !== undefined, userpilot);
	}

	/** Starts an execution by the webhook; gives its id. */
	async start(): Promise<string> {
		const known = new Set((await this.executions()).map(({ id }) => id));
		await this.cluster.main.callWebhook(this.name);
		return await this.nextExecution(known);
	}

	/** The id of an execution that is not among those, once it has started. */
	async nextExecution(known: ReadonlySet<string> = new Set()): Promise<string> {
		let id: string | undefined;
		await until(async () => {
			id = (await this.executions()).find((execution) => !known.has(execution.id))?.id;
			return id !== undefined;
		}, PATIENCE_MS);
		if (id === undefined) throw new Error(`No execution of ${this.name} has started`);
		return id;
	}

	/** Newest first. */
	async executions() {
		return await this.cluster.client.listExecutions(this.name);
	}

	/** An execution, once it has ended. */
	async ended(id: string): Promise<Execution> {
		return await endOf(this.cluster.client, this.name, id);
	}

	/** All executions, once they have ended, as many jobs have started one, and two more polls were made. */
	async firedFor(jobs: number): Promise<Execution[]> {
		const known = new Map<string, Execution>();
		const collect = async () => {
			for (const { id } of await ended(this.cluster.client, this.name)) {
				if (!known.has(id)) known.set(id, await this.cluster.client.getExecution(id));
			}
			return [...known.values()];
		};
		await until(async () => firedBy(await collect()).length >= jobs, PATIENCE_MS, 500);
		await sleep(SETTLE_MS);
		return await collect();
	}

	/** Waits for requests for an operation, one by default. */
	async called(operation: string, times = 1): Promise<void> {
		const isCalled = () => this.calls(operation).length >= times;
		if (!(await until(isCalled, PATIENCE_MS, 20))) {
			throw new Error(`${this.name} has not called ${operation} ${times} times`);
		}
	}

	calls(operation: string) {
		return requestsFor(this.emulator, operation);
	}

	/** The jobs of its Userpilot. */
	jobIds(): string[] {
		return this.emulator.control.ledger().jobs.map(({ jobId }) => jobId);
	}

	/** Unpublished first, so that n8n does not poll a Userpilot that is gone. */
	async close(): Promise<void> {
		await this.cluster.client.unpublishWorkflow(this.name);
		if (!this.isShared) await this.emulator.close();
	}
}
