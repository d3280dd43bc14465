import { type Execution, type ExecutionSummary, hasEnded } from '../../../playground/executions.ts';
import type { N8nClient } from '../../../playground/rest.ts';
import { until } from './until.ts';

/** For a busy machine: no time is measured by it. */
export const PATIENCE_MS = 180_000;

/**
 * Waits, by n8n's REST API, until an execution has ended.
 *
 * @throws Error after three minutes
 */
export async function endOf(client: N8nClient, workflowId: string, id: string): Promise<Execution> {
	// Not by getExecution: n8n 2.20 fails on an execution that has only just begun.
	const isOver = async () => (await ended(client, workflowId)).some((other) => other.id === id);
	if (!(await until(isOver, PATIENCE_MS, 250))) {
		throw new Error(`Execution ${id} of ${workflowId} has not ended`);
	}
	return await client.getExecution(id);
}

/** The executions of a workflow that have ended, newest first. */
export async function ended(client: N8nClient, workflowId: string): Promise<ExecutionSummary[]> {
	return (await client.listExecutions(workflowId)).filter(hasEnded);
}
