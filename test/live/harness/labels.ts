import { LOOKUPS, type LookupName } from '../../../playground/emulator/lookup-records.ts';
import { defaultSettings } from '../../../playground/emulator/settings.ts';

/** The lookup of each entity type that interactions have. */
export const ENTITY_LOOKUPS: Record<string, LookupName> = {
	banner: 'banners',
	checklist: 'checklists',
	embed: 'embeds',
	experience: 'flows',
	resource_center_module: 'resource_center_modules',
	spotlight: 'spotlights',
	survey: 'surveys',
};

const { counts } = defaultSettings();

const recordsOf = (lookup: LookupName): Array<Record<string, unknown>> =>
	Array.from({ length: counts[lookup] }, (_, index) => LOOKUPS[lookup].record(index));

/** The title or display name of the first record that has this value in one of these fields. */
function titleOf(lookup: LookupName, value: string, fields: string[]): string | null {
	for (const field of fields) {
		const found = recordsOf(lookup).find((record) => String(record[field] ?? '') === value);
		if (found) return String(found.title ?? found.display_name);
	}
	return null;
}

/** What Resolve Names must give a row of the emulator as `event_label`, found the long way. */
export function labelOf(eventType: string, eventName: string | null): string | null {
	if (!eventName) return null;
	if (eventType === 'track') {
		return titleOf('features_events', eventName, ['key', 'id']) ?? eventName;
	}
	if (eventType === 'track_feature') {
		return titleOf('features_events', eventName, ['id', 'analytical_id', 'key']);
	}
	const [type = '', id = ''] = eventName.split(':');
	const lookup = eventType === 'interaction' ? ENTITY_LOOKUPS[type] : undefined;
	return lookup ? titleOf(lookup, id, ['id', 'key']) : null;
}
