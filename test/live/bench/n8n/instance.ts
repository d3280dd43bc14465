import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { JsonObject } from '../../../../playground/executions.ts';
import { Failure } from '../../../../playground/failure.ts';
import { ownerLogin } from '../../../../playground/login.ts';
import { type N8n, startN8n } from '../../../../playground/n8n.ts';
import { freePort } from '../../../../playground/ports.ts';
import { N8nClient } from '../../../../playground/rest.ts';
import type { StoredExport } from '../../harness/store/exports.ts';
import type { Workspace } from '../../harness/workspace.ts';
import { watchResidentMemory } from '../../harness/resident-memory.ts';

const TRIES = 40;
const TRY_AGAIN_MS = 250;

/** An n8n of its own for one side of the comparison. */
export interface Instance {
	readonly client: N8nClient;
	/** Runs a published chain; gives the last item that came out, and the time from call to answer. */
	run(chain: string, jobId: string): Promise<{ last: JsonObject; ms: number }>;
	/** Watches the memory of n8n's process; the function that it gives ends that. */
	watchMemory(): () => number;
}

export async function startInstance(workspace: Workspace, userFolder: string, name: string) {
	const n8n = await startN8n({
		userFolder,
		port: await freePort(),
		logFile: workspace.log(`n8n-${name}`),
		env: {
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		},
	});
	const client = new N8nClient(n8n.url);
	await client.logIn(ownerLogin(userFolder));
	return {
		client,
		run: async (chain, jobId) => await runChain(n8n, chain, jobId),
		watchMemory: () => watchResidentMemory(n8n.process.pid),
	} satisfies Instance;
}

async function runChain(n8n: N8n, chain: string, jobId: string) {
	for (let attempt = 1; ; attempt += 1) {
		const startedAt = performance.now();
		const response = await fetch(`${n8n.url}/webhook/${chain}?job=${jobId}`);
		const text = await response.text();
		const ms = performance.now() - startedAt;
		if (response.ok) return { last: JSON.parse(text) as JsonObject, ms };
		// A webhook listens a moment after its workflow is published.
		if (response.status !== 404 || attempt === TRIES) throw chainFailure(chain, text, n8n);
		await sleep(TRY_AGAIN_MS);
	}
}

/** @throws Failure when the answer of a chain is not the last row of this export, or not the size of its file */
export function requireWhole(chain: string, last: JsonObject, stored: StoredExport): void {
	const isWhole =
		'bytes' in last ? last.bytes === stored.bytes : last.internal_event_id === stored.lastEventId;
	if (!isWhole) throw new Failure(`${chain} lost something: the last is ${JSON.stringify(last)}`);
}

function chainFailure(chain: string, answer: string, n8n: N8n): Failure {
	const log = readFileSync(n8n.process.logFile, 'utf8').slice(-2_000);
	return new Failure(`The chain ${chain} failed in n8n: ${answer}\n${log}`);
}
