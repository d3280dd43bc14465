import { NodeOperationError, sleep } from 'n8n-workflow';

import type { ApiContext } from './context';
import { cancelSignal } from './context';

/** Older hosts have no sleep that can be interrupted, so a pause looks up this often. */
const SLICE_MS = 250;

/** @throws {NodeOperationError} whose word "canceled" makes n8n show the execution as such */
export function throwIfStopped(context: ApiContext): void {
	if (cancelSignal(context)?.aborted) {
		throw new NodeOperationError(context.getNode(), 'The execution was canceled');
	}
}

/**
 * Waits, and ends at once (within a quarter of a second) when the execution is stopped.
 *
 * @throws {NodeOperationError} when it was stopped
 */
export async function pause(context: ApiContext, ms: number): Promise<void> {
	const end = Date.now() + Math.ceil(ms);
	do {
		throwIfStopped(context);
		await sleep(Math.max(0, Math.min(SLICE_MS, end - Date.now())));
	} while (Date.now() < end);
}
