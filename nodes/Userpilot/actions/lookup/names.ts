import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import { getLookup } from '../../api/calls';
import type { Kind } from '../../rows/names';
import { Names } from '../../rows/names';
import type { ItemConnection } from '../operation';
import { namedLookups } from './lookups';

/** One for each execution of a node, so that no lookup is requested twice in it. */
const namesOfExecution = new WeakMap<IExecuteFunctions, Names>();

export function namesOf({ context }: ItemConnection): Names {
	const names = namesOfExecution.get(context) ?? new Names();
	namesOfExecution.set(context, names);
	return names;
}

/** Adds the records of one kind. Without them rows lack names, which is no reason to fail. */
export async function addNames(
	connection: ItemConnection,
	names: Names,
	kind: Kind,
): Promise<void> {
	const lookup = namedLookups.find((candidate) => candidate.kind === kind)!;
	const records = await getLookup(connection, lookup, Infinity).catch(async (error: unknown) => {
		// Stopped by a person, or by n8n.
		if (!(error instanceof NodeApiError)) return await Promise.reject(error);
		connection.addHint(`Names of ${lookup.noun} are missing. ${error.message}`, 'warning');
		return [];
	});
	names.add(kind, records);
}
