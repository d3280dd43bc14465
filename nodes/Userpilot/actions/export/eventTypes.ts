import { shown } from '../fieldSchemas';
import type { ItemConnection } from '../operation';

/** The event types that Userpilot documents. Another one is one more entry. */
export const eventTypeOptions = [
	{
		name: 'Identify Company',
		value: 'identify_company',
		description: 'A company was identified, with its properties',
	},
	{
		name: 'Identify User',
		value: 'identify_user',
		description: 'A user was identified, with their properties',
	},
	{ name: 'Interaction', value: 'interaction', description: 'A click or an input was captured' },
	{ name: 'Page View', value: 'page_view', description: 'A page was opened' },
	{
		name: 'Session Start',
		value: 'session_start',
		description: 'A session began. Exported only if you select it here.',
	},
	{ name: 'Track', value: 'track', description: 'Your product sent a named event' },
	{ name: 'Track Feature', value: 'track_feature', description: 'A tagged feature was used' },
];

const MAX_SHOWN = 5;

const known = eventTypeOptions.map(({ value }) => value);

/** The known type that is meant by `Page View` or `pageview`. */
function meantBy(type: string): string | undefined {
	const letters = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
	return known.find((value) => letters(value) === letters(type));
}

/** Warns of types that the API may not know: it accepts any text, and exports no events for it. */
export function addEventTypesHint({ addHint }: ItemConnection, types: string[] = []): void {
	const unknown = types.filter((type) => !known.includes(type));
	if (unknown.length === 0) return;
	const names = unknown.slice(0, MAX_SHOWN).map((type) => {
		const meant = meantBy(type);
		return meant ? `${shown(type)} (did you mean ${meant}?)` : shown(type);
	});
	addHint(
		`No known event type: ${names.join(', ')}${unknown.length > MAX_SHOWN ? ' …' : ''}. Userpilot ignores unknown types without an error. Event names are not types: export Track or Track Feature, and filter the rows by event_name.`,
		'warning',
	);
}
