import {
	createEmulator,
	type Emulator,
	type EmulatorOptions,
} from '../../../playground/emulator/server.ts';
import type { JsonObject } from '../../../playground/executions.ts';
import type { N8nClient, StoredWorkflow } from '../../../playground/rest.ts';
import type { RecordedExecution } from './database.ts';
import type { Instance } from './instance.ts';
import { TRIGGER, watchWorkflow } from './workflows.ts';

const API_KEY = 'e2e-key';

/** A workflow with the trigger, and a Userpilot that it has for itself. */
export class Watch {
	readonly name: string;
	readonly emulator: Emulator;
	private readonly instance: Instance;
	private stored: StoredWorkflow;
	/** Execution → its jobs; only those that have ended. */
	private readonly firedBy = new Map<number, string[]>();

	private constructor(
		instance: Instance,
		name: string,
		emulator: Emulator,
		stored: StoredWorkflow,
	) {
		this.instance = instance;
		this.name = name;
		this.emulator = emulator;
		this.stored = stored;
	}

	/** Puts the workflow into n8n, not published yet. */
	static async create(
		instance: Instance,
		name: string,
		parameters: Record<string, unknown>,
		options: EmulatorOptions = {},
	): Promise<Watch> {
		const { emulator, credentialId } = await userpilotOf(instance, name, options);
		const workflow = watchWorkflow(name, credentialId, parameters);
		return new Watch(instance, name, emulator, await instance.client.createWorkflow(workflow));
	}

	async publish(): Promise<void> {
		await publishPatiently(this.instance.client, this.stored);
	}

	async unpublish(): Promise<void> {
		await this.instance.client.unpublishWorkflow(this.stored.id);
		this.stored = (await this.instance.client.findWorkflow(this.stored.id))!;
	}

	/** For the end: nobody goes on to ask a Userpilot that is gone. */
	async close(): Promise<void> {
		await this.unpublish();
		await this.emulator.close();
	}

	/** Edits the workflow and publishes what has come of it, as a person does while it is active. */
	async edit(change: (workflow: StoredWorkflow) => void): Promise<void> {
		const { client } = this.instance;
		const current = (await client.findWorkflow(this.stored.id))!;
		const { id, name, nodes, connections, settings } = current;
		const edited = structuredClone({ id, name, nodes, connections, settings }) as StoredWorkflow;
		change(edited);
		this.stored = await client.updateWorkflow(edited);
		await client.publishWorkflow(this.stored);
	}

	/** Jobs that end at those times (Unix time in ms of the emulator's clock), or now. */
	addJobs(...endTimes: number[]): string[] {
		return this.emulator.control.seedJobs({
			endTimes: (endTimes.length > 0 ? endTimes : [this.emulator.control.now()]).map((time) =>
				new Date(time).toISOString(),
			),
		});
	}

	/** The jobs for which an execution was started, in that order; each as often as it was. */
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

	/** The executions that a job has started, also those that were cut short. */
	startedBy(jobId: string): RecordedExecution[] {
		return this.instance
			.read((database) => database.executions(this.name))
			.filter((execution) => execution.started(TRIGGER).includes(jobId));
	}

	/** What n8n would give the trigger after a start. */
	memory(): JsonObject | undefined {
		return this.instance.read((database) => database.staticData(this.name, TRIGGER));
	}

	calls(operation: string) {
		return this.emulator.control
			.ledger()
			.requests.filter((request) => request.operation === operation);
	}
}

/** n8n takes up a publication that a kill has cut short after a while: that may take more than one try. */
export async function publishPatiently(client: N8nClient, workflow: StoredWorkflow): Promise<void> {
	await client.publishWorkflow(workflow).catch(async () => await client.publishWorkflow(workflow));
}

/** A Userpilot of its own, and its credential in n8n. */
export async function userpilotOf(
	instance: Pick<Instance, 'client'>,
	name: string,
	{ apiKeys = [API_KEY], ...options }: EmulatorOptions = {},
) {
	const emulator = await createEmulator({ apiKeys, ...options });
	const [apiKey] = apiKeys;
	const credential = await instance.client.saveCredential(`Userpilot ${name}`, 'userpilotApi', {
		apiKey,
		baseUrl: emulator.apiUrl,
	});
	return { emulator, credentialId: credential.id };
}
