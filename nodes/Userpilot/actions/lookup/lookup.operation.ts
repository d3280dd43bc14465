import { getLookup } from '../../api/calls';
import { connect } from '../../api/client';
import { parameterReader } from '../parameters';
import { limitFields, readLimit } from '../fields';
import { addHint } from '../hints';
import type { Operation } from '../operation';
import { lookups } from './lookups';

export const lookupOperations: Operation[] = lookups.map((lookup) => ({
	value: lookup.value,
	name: lookup.name,
	action: `Get many ${lookup.noun}`,
	description: `List the ${lookup.noun} of your account: ${lookup.fields} of each`,
	properties: limitFields,
	async execute(context, itemIndex) {
		const limit = readLimit(parameterReader(context, itemIndex));
		const connection = await connect(context, { itemIndex });
		const onSkipped = (sentence: string) => addHint(context, sentence, 'warning');
		const records = await getLookup({ ...connection, onSkipped }, lookup, limit);
		if (records.length === 0) addHint(context, `This account has no ${lookup.noun}.`);
		return records.map((json) => ({ json }));
	},
}));
