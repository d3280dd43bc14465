import path from 'node:path';

import type { WorkflowFile } from '../../playground/rest.ts';
import { runChain } from '../bench/n8n/instance.ts';
import type { Store } from '../bench/store/store.ts';
import type { Workspace } from '../bench/workspace.ts';
import { publishPatiently } from '../e2e/watch.ts';
import { Cluster } from '../queue/cluster.ts';

/** What all parts measure: n8n in queue mode with our package, and a store of finished exports. */
export interface Plant {
	cluster: Cluster;
	store: Store;
	/** Of the store. */
	credentialId: string;
	publish(workflow: WorkflowFile): Promise<void>;
	/** Calls a published chain; gives the last item that came out, and the time from call to answer. */
	run(chain: string, jobId?: string): Promise<{ last: Record<string, unknown>; ms: number }>;
	/** Ends all workers and starts as many anew: nothing is warm, and none has grown. */
	newWorkers(count: number): Promise<void>;
}

export async function startPlant(workspace: Workspace, store: Store): Promise<Plant> {
	const folder = workspace.folder('cluster');
	const cluster = await Cluster.start(folder, 1, {
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_BINARY_DATA_STORAGE_PATH: path.join(folder, 'binary-data'),
	});
	const { client } = cluster;
	const { id: credentialId } = await client.saveCredential('Userpilot', 'userpilotApi', {
		apiKey: 'scale',
		baseUrl: store.origin,
	});
	return {
		cluster,
		store,
		credentialId,
		publish: async (workflow) =>
			await publishPatiently(client, await client.createWorkflow(workflow)),
		run: async (chain, jobId = '') =>
			await runChain(cluster.main.url, chain, jobId, cluster.main.process.logFile),
		async newWorkers(count) {
			await cluster.stopWorkers();
			await cluster.addWorkers(count);
		},
	};
}
