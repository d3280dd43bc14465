import type { Emulator, EmulatorOptions } from '../../../playground/emulator/server.ts';
import type { JsonObject } from '../../../playground/executions.ts';
import type { StoredWorkflow } from '../../../playground/rest.ts';
import type { RecordedExecution } from './database.ts';
import type { Instance } from './n8n.ts';
import { requestsFor, startUserpilot } from './userpilot.ts';
import { type Parameters, TRIGGER, watchWorkflow } from './workflows.ts';

/** A workflow with the trigger, and a Userpilot of its own. */
export class Watch {
	readonly name: string;
	readonly emulator: Emulator;
	private readonly instance: Instance;
	private stored: StoredWorkflow;
	/** Execution → its jobs; only those that have ended. */
	private readonly firedBy = new Map<number, string[]>();

	private constructor(instance: Instance, emulator: Emulator, stored: StoredWorkflow) {
		this.instance = instance;
		this.name = stored.name;
		this.emulator = emulator;
		this.stored = stored;
	}

	/** Saves the workflow in n8n, not published yet. */
	static async create(
		instance: Instance,
		name: string,
		parameters: Parameters,
		options: EmulatorOptions = {},
	): Promise<Watch> {
		const { emulator, credentialId } = await startUserpilot(instance, name, options);
		const workflow = watchWorkflow(name, credentialId, parameters);
		return new Watch(instance, emulator, await instance.client.createWorkflow(workflow));
	}

	async publish(): Promise<void> {
		await this.instance.republish(this.stored);
	}

	async unpublish(): Promise<void> {
		await this.instance.client.unpublishWorkflow(this.stored.id);
		this.stored = (await this.instance.client.findWorkflow(this.stored.id))!;
	}

	/** Unpublished first, so that n8n does not poll a Userpilot that is gone. */
	async close(): Promise<void> {
		await this.unpublish();
		await this.emulator.close();
	}

	/** Edits the workflow and publishes the new version, as a person does while it is active. */
	async edit(change: (workflow: StoredWorkflow) => void): Promise<void> {
		const { client } = this.instance;
		const current = (await client.findWorkflow(this.stored.id))!;
		const { id, name, nodes, connections, settings } = current;
		const edited = structuredClone({ id, name, nodes, connections, settings }) as StoredWorkflow;
		change(edited);
		this.stored = await client.updateWorkflow(edited);
		await client.publishWorkflow(this.stored);
	}

	/** Adds jobs that end at these times (Unix time in ms of the emulator's clock), or now. */
	addJobs(...endTimes: number[]): string[] {
		const { control } = this.emulator;
		const times = endTimes.length > 0 ? endTimes : [control.now()];
		return control.seedJobs({ endTimes: times.map((time) => new Date(time).toISOString()) });
	}

	/** The jobs that have started an execution, in that order; each as often as it did. */
	fired(): string[] {
		const known = new Set(this.firedBy.keys());
		for (const execution of this.instance.read((database) =>
			database.executions(this.name, known),
		)) {
			if (!Number.isNaN(execution.stoppedAt)) {
				this.firedBy.set(execution.id, execution.started(TRIGGER));
			}
		}
		return [...this.firedBy.values()].flat();
	}

	/** The executions that a job has started, also those that were interrupted. */
	startedBy(jobId: string): RecordedExecution[] {
		return this.instance
			.read((database) => database.executions(this.name))
			.filter((execution) => execution.started(TRIGGER).includes(jobId));
	}

	/** What n8n would hand the trigger after a start. */
	memory(): JsonObject | undefined {
		return this.instance.read((database) => database.staticData(this.name, TRIGGER));
	}

	calls(operation: string) {
		return requestsFor(this.emulator, operation);
	}
}
