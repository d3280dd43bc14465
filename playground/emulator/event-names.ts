import { LOOKUPS, type LookupName } from './lookup-records.ts';

/** Rows name the first records of each lookup, so most ids can be looked up with the default counts. */
const NAMED_RECORDS = 6;

const recordsOf = (lookup: LookupName): Record<string, unknown>[] =>
	Array.from({ length: NAMED_RECORDS }, (_, index) => LOOKUPS[lookup].record(index));

/** Entity types of interactions, each with the lookup that has its ids. */
const ENTITY_LOOKUPS: readonly [type: string, lookup: LookupName][] = [
	['banner', 'banners'],
	['checklist', 'checklists'],
	['embed', 'embeds'],
	['experience', 'flows'],
	['resource_center_module', 'resource_center_modules'],
	['spotlight', 'spotlights'],
	['survey', 'surveys'],
];
const STATUSES = ['SEEN', 'COMPLETED', 'DISMISSED'];

/** An entity that was deleted, and one of a type that no lookup has. */
const UNKNOWN_ENTITIES = ['experience:9', 'launcher:3'];

const entities = ENTITY_LOOKUPS.flatMap(([type, lookup]) =>
	recordsOf(lookup).map(({ id }) => `${type}:${String(id)}`),
);

const featuresAndEvents = Array.from({ length: 2 * NAMED_RECORDS }, (_, index) =>
	LOOKUPS.features_events.record(index),
);
const features = featuresAndEvents.filter((_, index) => index % 2 === 0);
const events = featuresAndEvents.filter((_, index) => index % 2 === 1);

/**
 * The values of `event_name` by event type. Most types have no name: null and an empty text both
 * occur. The last `track` and `track_feature` are of an event and a feature that no lookup has.
 */
export const EVENT_NAMES: Readonly<Record<string, readonly (string | null)[]>> = {
	identify_user: [null],
	identify_company: [null],
	page_view: [''],
	session_start: [''],
	track: [...events.map(({ key }) => String(key)), 'legacy_import'],
	track_feature: [
		...features.map(({ id, analytical_id: analyticalId }) => String(analyticalId ?? id)),
		'99',
	],
	interaction: [...entities, ...UNKNOWN_ENTITIES].flatMap((entity) =>
		STATUSES.map((status) => `${entity}:${status}`),
	),
};
