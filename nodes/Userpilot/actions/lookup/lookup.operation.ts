import { getLookup } from '../../api/calls';
import { limitField, readLimit, returnAllField } from '../fields';
import type { Operation } from '../operation';
import { lookups } from './lookups';
import { getNames } from './getNames.operation';

const properties = [returnAllField, limitField];

const ofLookups: Operation[] = lookups.map((lookup) => ({
	value: lookup.value,
	name: lookup.name,
	action: `Get many ${lookup.noun}`,
	description: `List the ${lookup.noun} of your account: ${lookup.fields} of each`,
	properties,
	async execute({ parameters, connect }) {
		const limit = readLimit(parameters);
		const connection = await connect();
		const onSkipped = (sentence: string) => connection.addHint(sentence, 'warning');
		const records = await getLookup({ ...connection, onSkipped }, lookup, limit);
		if (records.length === 0) connection.addHint(`This account has no ${lookup.noun}.`);
		return records.map((json) => ({ json }));
	},
}));

export const lookupOperations: Operation[] = [...ofLookups, getNames].sort((one, other) =>
	one.name.localeCompare(other.name),
);
