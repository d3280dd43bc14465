import path from 'node:path';

import type { JsonObject } from '../../../playground/executions.ts';
import { Failure } from '../../../playground/failure.ts';
import { Cluster } from '../harness/cluster.ts';
import { startReceiver } from '../harness/receiver.ts';
import type { Store } from '../harness/store/store.ts';
import { until } from '../harness/until.ts';
import {
	chain,
	lastRow,
	type Node,
	NOT_SAVED,
	type Parameters,
	userpilotNode,
	webhookNode,
} from '../harness/workflows.ts';
import type { Workspace } from '../harness/workspace.ts';

const SAVED_WITHIN_MS = 240_000;

/** The job that the webhook is called with. */
export const JOB = '={{ $json.query.job }}';

interface ChainOptions {
	/** Of the node; default: of the store. */
	credentialId?: string;
	/** Makes one item of those that our node returns. */
	end?: Node;
	/** n8n saves executions with all of their items, as it does by default. */
	saved?: boolean;
}

/** What all parts measure: n8n in queue mode with our package, and a store of finished exports. */
export interface Plant {
	cluster: Cluster;
	store: Store;
	/** Publishes a workflow of our one node, with these parameters. */
	publish(id: string, parameters: Parameters, options?: ChainOptions): Promise<void>;
	/**
	 * Starts an execution of it; gives its last item, and the time until its worker had saved it and
	 * was free.
	 *
	 * @throws Failure when there is no last item within some minutes
	 */
	run(id: string, jobId?: string): Promise<{ last: JsonObject; ms: number }>;
	/** Replaces all workers: nothing is warm, and none has grown. */
	newWorkers(count: number): Promise<void>;
}

export async function startPlant(workspace: Workspace, store: Store): Promise<Plant> {
	const folder = workspace.folder('cluster');
	const cluster = await Cluster.start(folder, 1, {
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_BINARY_DATA_STORAGE_PATH: path.join(folder, 'binary-data'),
	});
	const receiver = await startReceiver();
	const ofStore = await cluster.client.saveCredential('Userpilot', 'userpilotApi', {
		apiKey: 'scale',
		baseUrl: store.origin,
	});
	return {
		cluster,
		store,
		async publish(id, parameters, { credentialId = ofStore.id, end = lastRow, saved } = {}) {
			const nodes = [
				webhookNode(id),
				userpilotNode(credentialId, parameters),
				end,
				receiver.node('$json'),
			];
			await cluster.main.publish(chain(id, nodes, saved ? {} : NOT_SAVED));
		},
		async run(id, jobId = '') {
			const { run, arrival } = receiver.expect();
			// A failure while nobody waits for it yet must not end the process.
			arrival.catch(() => {});
			const startedAt = performance.now();
			await cluster.main.callWebhook(`${id}?job=${jobId}&run=${run}`);
			const { executionId, last } = await arrival.catch(async (error: Error) => {
				throw new Failure(`${id}: ${error.message} ${await failuresOf(cluster, id)}`);
			});
			const isSaved = () =>
				cluster.workers.some((worker) => worker.finished().includes(executionId));
			if (!(await until(isSaved, SAVED_WITHIN_MS, 10))) {
				throw new Failure(`The worker has not finished ${id}.`);
			}
			return { last, ms: performance.now() - startedAt };
		},
		async newWorkers(count) {
			await cluster.stopWorkers();
			await cluster.addWorkers(count);
		},
	};
}

/** The saved executions of a workflow, each with its error. */
async function failuresOf({ client }: Cluster, id: string): Promise<string> {
	const executions = await client.listExecutions(id);
	const lines = executions.map(async ({ id, status }) => {
		const { error } = await client.getExecution(id);
		return `Execution ${id}: ${status} ${error ?? ''}`;
	});
	return (await Promise.all(lines)).join('\n');
}
