import { getLookup } from '../../api/calls';
import { namedRecord } from '../../rows/names';
import { limitField, readLimit, returnAllField } from '../fields';
import type { Operation, OutputItem } from '../operation';
import { namedLookups } from './lookups';

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
