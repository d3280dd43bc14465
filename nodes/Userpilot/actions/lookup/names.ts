import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import { getLookup } from '../../api/calls';
import type { Kind } from '../../rows/names';
import { namedRecord, Names } from '../../rows/names';
import { limitField, readLimit, returnAllField } from '../fields';
import type { ItemConnection, Operation, OutputItem } from '../operation';
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

export const getNames: Operation = {
	value: 'getNames',
	name: 'Get Names of All IDs',
	action: 'Get names of all IDs',
	description: 'List what IDs in rows stand for: kind, ID, key and name of each record',
	properties: [{ ...returnAllField, default: true }, limitField],
	async execute({ parameters, connect }) {
		const limit = readLimit(parameters);
		const connection = await connect();
		const items: OutputItem[] = [];
		for (const lookup of namedLookups) {
			if (items.length >= limit) break;
			const records = await getLookup(connection, lookup, limit - items.length);
			for (const record of records) {
				const { id, key, name } = namedRecord(record);
				items.push({ json: { kind: lookup.kind, id, key, name } });
			}
		}
		if (items.length === 0) connection.addHint('This account has no content with IDs.');
		return items;
	},
};
