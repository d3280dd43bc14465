import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { type Execution, type ExecutionSummary, hasEnded } from '../../../playground/executions.ts';
import { PROJECT } from '../../../playground/paths.ts';
import type { StoredWorkflow, WorkflowFile } from '../../../playground/rest.ts';
import { endOf, ended, PATIENCE_MS } from '../harness/executions.ts';
import type { Instance } from '../harness/n8n.ts';
import { until } from '../harness/until.ts';

interface ExampleNode {
	name: string;
	type: string;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	webhookId?: string;
}

interface ExampleFile extends WorkflowFile {
	nodes: ExampleNode[];
}

export const readExample = (name: string): ExampleFile =>
	JSON.parse(readFileSync(path.join(PROJECT, 'examples', `${name}.json`), 'utf8')) as ExampleFile;

/** A workflow of `examples/`, imported, with everything set that its sticky note names. */
export class Example {
	private readonly instance: Instance;
	private stored: StoredWorkflow;

	private constructor(instance: Instance, stored: StoredWorkflow) {
		this.instance = instance;
		this.stored = stored;
	}

	/**
	 * @param credentials their ids, by type
	 * @param set what a person changes in a node, by its name
	 * @param setOptions what a person changes in its options
	 */
	static async create(
		instance: Instance,
		name: string,
		credentials: Record<string, string>,
		set: Record<string, Record<string, unknown>> = {},
		setOptions: Record<string, Record<string, unknown>> = {},
	): Promise<Example> {
		const file = readExample(name);
		for (const node of file.nodes) {
			for (const [type, credential] of Object.entries(node.credentials ?? {})) {
				credential.id = credentials[type]!;
			}
			Object.assign(node.parameters, set[node.name]);
			// As the editor does on import.
			if (node.type === 'n8n-nodes-base.webhook') node.webhookId = randomUUID();
			const options = setOptions[node.name];
			if (options) Object.assign(node.parameters.options as object, options);
		}
		return new Example(instance, await instance.client.createWorkflow(file));
	}

	get id(): string {
		return this.stored.id;
	}

	async publish(): Promise<void> {
		await this.instance.client.publishWorkflow(this.stored);
	}

	async unpublish(): Promise<void> {
		await this.instance.client.unpublishWorkflow(this.stored.id);
	}

	/** Runs it from one of its triggers, as the button in the editor does; gives the execution's id. */
	async start(triggerName: string): Promise<string> {
		return await this.instance.client.runWorkflow(this.stored.id, triggerName);
	}

	/** The same, and waits for its end. */
	async run(triggerName: string): Promise<Execution> {
		const { client } = this.instance;
		return await endOf(client, this.stored.id, await this.start(triggerName));
	}

	/** Its executions that n8n has saved and that have ended, newest first. */
	async ended(): Promise<ExecutionSummary[]> {
		return await ended(this.instance.client, this.stored.id);
	}

	/** Waits until none of its executions runs, also where n8n does not save them. */
	async idle(timeoutMs = PATIENCE_MS): Promise<void> {
		const { client } = this.instance;
		const isIdle = async () =>
			(await client.listExecutions(this.stored.id)).every((execution) => hasEnded(execution));
		if (!(await until(isIdle, timeoutMs, 500))) throw new Error('It still runs');
	}

	/** All executions, oldest first, once so many have ended. */
	async executions(count: number): Promise<Execution[]> {
		const { client } = this.instance;
		if (!(await until(async () => (await this.ended()).length >= count, PATIENCE_MS, 500))) {
			throw new Error(`${(await this.ended()).length} executions of ${count}`);
		}
		const ids = (await this.ended()).map(({ id }) => id).reverse();
		return await Promise.all(ids.map(async (id) => await client.getExecution(id)));
	}
}
