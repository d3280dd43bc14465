import type { IPollFunctions } from 'n8n-workflow';

import type { Memory } from './memory';
import { FORGET_AFTER_MS, readMemory } from './memory';

/**
 * A copy of what a poll has newly skipped, in the workflow's global static data, by node. With durable poll
 * cursors n8n drops what the poll at publishing writes to the node's own static data, but keeps this. Nothing
 * else is written here: n8n saves this data as a whole, over what other nodes may have written meanwhile.
 */
const KEY = 'userpilotTrigger';

type Copies = Record<string, Record<string, unknown>>;

const areCopies = (value: unknown): value is Copies =>
	typeof value === 'object' &&
	value !== null &&
	Object.values(value).every((copy) => typeof copy === 'object' && copy !== null);

function copiesIn(context: IPollFunctions): Copies {
	const copies = context.getWorkflowStaticData('global')[KEY];
	return areCopies(copies) ? copies : {};
}

/**
 * The copy of this node, if any. A copy under another name is not used: without durable poll cursors, n8n
 * stores the node's own static data by name, so a renamed node starts again.
 */
export function readCopy(context: IPollFunctions): Memory | undefined {
	const { id, name } = context.getNode();
	const copies = copiesIn(context);
	const copy = Object.hasOwn(copies, id) ? copies[id]! : {};
	return copy.name === name ? readMemory(copy) : undefined;
}

/** Writes what `stored`, the node's own memory, does not hold yet. Copies of nodes long gone are dropped. */
export function writeCopy(
	context: IPollFunctions,
	{ event, baselines, handled }: Memory,
	stored: Memory | undefined,
	now: number,
): void {
	const { id, name } = context.getNode();
	const unsaved = Object.entries(handled).filter(
		([jobId]) => !stored || !Object.hasOwn(stored.handled, jobId),
	);
	const others = Object.entries(copiesIn(context)).filter(
		([other, { at }]) => other !== id && typeof at === 'number' && now - at < FORGET_AFTER_MS,
	);
	context.getWorkflowStaticData('global')[KEY] = Object.fromEntries([
		...others,
		[id, { name, at: now, event, baselines, handled: Object.fromEntries(unsaved) }],
	]);
}
