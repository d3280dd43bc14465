import type { IPollFunctions } from 'n8n-workflow';

import { firedJustBefore } from './memory';
import type { Memory } from './memory';
import { triggerKey } from './overlap';

/** n8n makes a context when it activates a workflow, and uses it for all polls. */
const knownContexts = new WeakSet<IPollFunctions>();

/** Whether this poll is part of activating the workflow. To be asked once for each poll. */
export function isActivationPoll(context: IPollFunctions): boolean {
	const isFirst = !knownContexts.has(context);
	knownContexts.add(context);
	return isFirst;
}

/**
 * Whether a poll that activates the workflow does so while n8n starts. If such polls throw five times
 * within about 15 s, n8n 2.41 never polls the workflow again, even after its next start.
 */
export const isWhileStarting = (context: IPollFunctions): boolean =>
	['init', 'leadershipChange'].includes(context.getActivationMode());

/** By trigger: the start of the process (Unix time in ms) for which the check below is done. */
const checked = new Map<string, number>();

/**
 * A warning about executions that may be missing, once per start of n8n. By default n8n saves the memory
 * before it writes the execution. If it is killed in between, nothing else tells of the job.
 */
export function missingExecutionsWarning(
	context: IPollFunctions,
	memory: Memory | undefined,
): string | undefined {
	const { timeOrigin } = performance;
	const trigger = triggerKey(context);
	if (!memory || checked.get(trigger) === timeOrigin) return undefined;
	checked.set(trigger, timeOrigin);
	const ids = firedJustBefore(memory, timeOrigin).map((id) => `"${id}"`);
	if (ids.length === 0) return undefined;
	return `${ids.length === 1 ? 'Job' : 'Jobs'} ${ids.join(', ')} triggered workflow "${context.getWorkflow().name}" less than 2 minutes before n8n started. If n8n was killed, and does not use durable poll cursors, an execution may be missing. Check the executions of the workflow, and get missing data with Job > Download.`;
}
