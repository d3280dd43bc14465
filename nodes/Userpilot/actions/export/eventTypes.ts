import type { IExecuteFunctions } from 'n8n-workflow';

import { shown } from '../parameters';
import { addHint } from '../hints';
import { eventTypeOptions } from './fields';

const MAX_SHOWN = 5;

const known = eventTypeOptions.map(({ value }) => value);

/** The known type that somebody may mean who writes `Page View` or `pageview`. */
function meantBy(type: string): string | undefined {
	const letters = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
	return known.find((value) => letters(value) === letters(type));
}

/** Warns of types that the API may not know: it takes any text, and exports no events of it. */
export function addEventTypesHint(context: IExecuteFunctions, types: string[] = []): void {
	const unknown = types.filter((type) => !known.includes(type));
	if (unknown.length === 0) return;
	const names = unknown.slice(0, MAX_SHOWN).map((type) => {
		const meant = meantBy(type);
		return meant ? `${shown(type)} (did you mean ${meant}?)` : shown(type);
	});
	addHint(
		context,
		`No known event type: ${names.join(', ')}${unknown.length > MAX_SHOWN ? ' …' : ''}. Userpilot ignores unknown types without an error. Event names are not types: export Track or Track Feature, and filter the rows by event_name.`,
		'warning',
	);
}
