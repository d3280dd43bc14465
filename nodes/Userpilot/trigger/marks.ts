import type { IPollFunctions } from 'n8n-workflow';

import type { Memory } from './memory';
import { FORGET_AFTER_MS, readMemory } from './memory';

/**
 * A second place for what was marked when stock was taken: the workflow's global static data, filed by
 * node. With durable poll cursors n8n drops what the poll at activation writes to the node's own static
 * data, but keeps what it writes here. Nothing else is written here, because n8n saves this data as one
 * whole, over what other nodes may have written meanwhile.
 */
const KEY = 'userpilotTrigger';

type Entries = Record<string, Record<string, unknown>>;

const isEntries = (value: unknown): value is Entries =>
	typeof value === 'object' &&
	value !== null &&
	Object.values(value).every((entry) => typeof entry === 'object' && entry !== null);

function entriesOf(context: IPollFunctions): Entries {
	const entries = context.getWorkflowStaticData('global')[KEY];
	return isEntries(entries) ? entries : {};
}

/**
 * What a poll of this node has marked. Without durable poll cursors n8n files the node's own static data
 * by its name: marks of another name belong to a memory that is no longer this node's.
 */
export function readMarks(context: IPollFunctions): Memory | undefined {
	const { id, name } = context.getNode();
	const entries = entriesOf(context);
	const entry = Object.hasOwn(entries, id) ? entries[id]! : {};
	return entry.name === name ? readMemory(entry) : undefined;
}

/** Files what the node's own memory does not hold yet, and drops entries of nodes that are long gone. */
export function writeMarks(
	context: IPollFunctions,
	{ event, stock, handled }: Memory,
	own: Memory | undefined,
	now: number,
): void {
	const { id, name } = context.getNode();
	const marks = Object.entries(handled).filter(
		([jobId]) => !own || !Object.hasOwn(own.handled, jobId),
	);
	const others = Object.entries(entriesOf(context)).filter(
		([other, { at }]) => other !== id && typeof at === 'number' && now - at < FORGET_AFTER_MS,
	);
	context.getWorkflowStaticData('global')[KEY] = Object.fromEntries([
		...others,
		[id, { name, at: now, event, stock, handled: Object.fromEntries(marks) }],
	]);
}
