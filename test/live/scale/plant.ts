import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { JsonObject } from '../../../playground/executions.ts';
import { Failure } from '../../../playground/failure.ts';
import { chain, type ChainNode, lastRow, userpilotNode, webhook } from '../bench/n8n/chains.ts';
import type { Store } from '../harness/store/store.ts';
import type { Workspace } from '../harness/workspace.ts';
import { until } from '../harness/until.ts';
import { publishPatiently } from '../harness/watch.ts';
import { Cluster } from '../harness/cluster.ts';
import { startReceiver } from '../harness/receiver.ts';

/** A webhook listens a moment after its workflow is published. */
const TRIES = 40;
const TRY_AGAIN_MS = 250;
const SAVE_PATIENCE_MS = 240_000;

/** The job that the webhook is called with. */
export const JOB = '={{ $json.query.job }}';

interface ChainOptions {
	/** Of the node; default: of the store. */
	credentialId?: string;
	/** Makes one item of those that our node gives. */
	end?: ChainNode;
	/** n8n keeps its executions with all of their items, as it does by default. */
	kept?: boolean;
}

/** What all parts measure: n8n in queue mode with our package, and a store of finished exports. */
export interface Plant {
	cluster: Cluster;
	store: Store;
	/** Publishes a workflow of our one node, with these parameters. */
	publish(id: string, parameters: Record<string, unknown>, options?: ChainOptions): Promise<void>;
	/**
	 * Starts an execution of it; gives the last item that came out, and the time until its worker had
	 * saved it and was free.
	 *
	 * @throws Failure when nothing comes out within some minutes
	 */
	run(id: string, jobId?: string): Promise<{ last: JsonObject; ms: number }>;
	/** Ends all workers and starts as many anew: nothing is warm, and none has grown. */
	newWorkers(count: number): Promise<void>;
}

export async function startPlant(workspace: Workspace, store: Store): Promise<Plant> {
	const folder = workspace.folder('cluster');
	const cluster = await Cluster.start(folder, 1, {
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_BINARY_DATA_STORAGE_PATH: path.join(folder, 'binary-data'),
	});
	const receiver = await startReceiver();
	const { client } = cluster;
	const ofStore = await client.saveCredential('Userpilot', 'userpilotApi', {
		apiKey: 'scale',
		baseUrl: store.origin,
	});
	return {
		cluster,
		store,
		async publish(id, parameters, { credentialId = ofStore.id, end = lastRow, kept } = {}) {
			const nodes = [
				webhook(id, 'onReceived'),
				userpilotNode(credentialId, parameters),
				end,
				receiver.node('$json'),
			];
			const workflow = chain(id, nodes, kept ? {} : undefined);
			await publishPatiently(client, await client.createWorkflow(workflow));
		},
		async run(id, jobId = '') {
			const { run, arrival } = receiver.expect();
			// What is not waited for at once must not end the process.
			arrival.catch(() => {});
			const startedAt = performance.now();
			await callWebhook(`${cluster.main.url}/webhook/${id}?job=${jobId}&run=${run}`);
			const { executionId, last } = await arrival.catch(async (error: Error) => {
				throw new Failure(`${id}: ${error.message} ${await whatFailed(cluster, id)}`);
			});
			const hasSaved = () =>
				cluster.workers.some((worker) => worker.finished().includes(executionId));
			if (!(await until(hasSaved, SAVE_PATIENCE_MS, 10))) {
				throw new Failure(`The worker has not come to the end of ${id}.`);
			}
			return { last, ms: performance.now() - startedAt };
		},
		async newWorkers(count) {
			await cluster.stopWorkers();
			await cluster.addWorkers(count);
		},
	};
}

/** The executions of a workflow that have failed or not ended, which n8n keeps. */
async function whatFailed({ client }: Cluster, id: string): Promise<string> {
	const executions = await client.listExecutions(id);
	const told = executions.map(async ({ id, status }) => {
		const { error } = await client.getExecution(id);
		return `Execution ${id}: ${status} ${error ?? ''}`;
	});
	return (await Promise.all(told)).join('\n');
}

async function callWebhook(url: string): Promise<void> {
	for (let attempt = 1; ; attempt += 1) {
		const response = await fetch(url);
		const text = await response.text();
		if (response.ok) return;
		if (response.status !== 404 || attempt === TRIES) throw new Failure(`n8n answered: ${text}`);
		await sleep(TRY_AGAIN_MS);
	}
}
