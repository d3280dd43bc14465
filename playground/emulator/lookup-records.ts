/** One record of a lookup as the API sends it. */
export type LookupRecord = Record<string, unknown>;

interface Lookup {
	operationId: string;
	/** Whether the API sends pages of `{data, metadata}` instead of one array. */
	paged: boolean;
	/** The record at a position, counted from 0. */
	record: (index: number) => LookupRecord;
}

const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

/** The text at a position. From the second round on it has a number, so that titles stay unique. */
const named = (list: readonly string[], index: number): string => {
	const round = Math.floor(index / list.length);
	return round === 0 ? at(list, index) : `${at(list, index)} ${round + 1}`;
};

const keyOf = (title: string): string => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');

const dateOf = (index: number): Date =>
	new Date(Date.UTC(2023, 7, 16, 6, 22, 44) + index * 86_400_000);
const instant = (index: number): string => dateOf(index).toISOString().replace('.000Z', 'Z');
/** The guide's example has times at +03:00, the OpenAPI document's in UTC. */
const instantAtOffset = (index: number): string =>
	`${new Date(dateOf(index).getTime() + 3 * 3_600_000).toISOString().slice(0, 19)}+03:00`;

const DATA_TYPES = ['string', 'number', 'date', 'boolean', 'list'] as const;

const property = (type: string, firstId: number, names: readonly string[]) => (index: number) => {
	const display = named(names, index);
	return {
		id: firstId + index,
		type,
		key: keyOf(display),
		display_name: display,
		data_type: at(DATA_TYPES, index),
		is_auto_property: index % 4 === 3,
	};
};

/** Records that the documents show without an id, though rows name them by one. */
const keyed = (firstId: number, names: readonly string[]) => (index: number) => {
	const display = named(names, index);
	return { id: firstId + index, display_name: display, key: keyOf(display), data_type: 'string' };
};

const titled = (firstId: number, names: readonly string[]) => (index: number) => ({
	id: firstId + index,
	title: named(names, index),
});

const EVENT_PROPERTIES = [
	'URL',
	'Page',
	'Element Text',
	'Button Color',
	'Plan',
	'Amount',
	'Currency',
];

/** The first records are like the guide's (negative text ids, no event of their own), the others like the OpenAPI document's. */
function eventProperty(index: number): LookupRecord {
	const display = named(EVENT_PROPERTIES, index);
	const isAuto = index < 2;
	return {
		category: isAuto ? null : at(['css_attribute', 'custom'], index),
		data_type: at(DATA_TYPES, isAuto ? 0 : index),
		description: isAuto ? null : `${display} of the event`,
		display_name: display,
		event: isAuto
			? { display_name: 'All events', id: null }
			: { display_name: at(['page_view', 'track', 'interaction'], index), id: 33 + (index % 3) },
		id: isAuto ? String(index - 2) : 10 + index,
		inserted_at: isAuto ? instantAtOffset(index) : instant(index),
		is_archived: index % 17 === 16,
		is_auto_property: isAuto,
		is_mobile_auto_property: false,
		key: keyOf(display),
		last_seen: isAuto ? instantAtOffset(index + 400) : instant(index + 400),
	};
}

const SEGMENTS = [
	'Active Users',
	'Trial Accounts',
	'Enterprise Customers',
	'Churn Risk',
	'New This Week',
	'Admins, Owners & Editors',
	'Invited, Never Logged In',
	'Power Users',
];

const segment = (index: number): LookupRecord => ({
	id: 101 + index,
	title: named(SEGMENTS, index),
	usage: at(['all', 'content', 'analytics'], index),
	category: at(['user_id', 'company_id'], index),
	is_hidden: index % 10 === 9,
	is_protected: index % 8 === 7,
	status: index % 6 === 5 ? 'draft' : index % 11 === 10 ? 'unpublished' : 'published',
});

const survey = (index: number): LookupRecord => ({
	id: 45 + index,
	title: named(['CSAT Survey', 'NPS Survey', 'Churn Reasons', 'Feature Request'], index),
	platform: at(['web', 'mobile'], index),
	modules: Array.from({ length: 1 + (index % 3) }, (_, position) => ({
		id: index * 10 + position + 1,
		order: position + 1,
		type: at(['open_text', 'rating', 'single_choice'], position),
		question: at(['How was it?', 'What should we improve?', 'Would you recommend us?'], position),
	})),
});

const FEATURES = [
	'Open Report',
	'Save Draft',
	'Invite Teammate',
	'Export Clicked',
	'Search Used',
	'Café Menu ☕',
];

/** Events by the name that rows have. Some have quotes, commas and line ends, which CSV readers must handle. */
const EVENTS: readonly [key: string, displayName: string][] = [
	['report_exported', 'Report Exported'],
	['Invite Sent', 'Invitation Sent'],
	['Plan "Growth" Chosen', 'Growth Plan Chosen'],
	['Search, Filter & Sort', 'Search Used'],
	['Note saved "as, text\nfile"', 'Note Saved'],
	['Ligne 1\r\nLigne 2', 'Two Lines'],
];

/**
 * Features and events take turns. Ids are numbers or text. Rows name every fifth feature by its
 * `analytical_id`, the others by their `id`. A feature and an event share the name "Search Used".
 */
function featureOrEvent(index: number): LookupRecord {
	const position = Math.floor(index / 2);
	const isFeature = index % 2 === 0;
	const id = (isFeature ? 668 : 301) + position * 1_000;
	const names = isFeature ? FEATURES : EVENTS.map(([, name]) => name);
	const display = named(names, position);
	return {
		id: position % 2 === 0 ? id : String(id),
		analytical_id: isFeature && position % 5 === 4 ? 900_000 + id : null,
		display_name: display,
		key: isFeature
			? keyOf(display)
			: named(
					EVENTS.map(([key]) => key),
					position,
				),
		data_type: 'string',
	};
}

const USER_PROPERTIES = ['Email', 'Name', 'Role', 'Created At', 'Plan', 'Seats', 'Locale'];
const COMPANY_PROPERTIES = ['Company Name', 'Industry', 'Employees', 'Created At', 'Plan', 'MRR'];
const FLOWS = ['Onboarding Flow', 'Upgrade Prompt', 'Feature Tour', 'Checklist Welcome'];
const BANNERS = ['Promo Banner', 'Maintenance Notice', 'Webinar Invitation'];
const CARDS = ['Feature Card', 'Release Card'];
const SPOTLIGHTS = ['New Feature Spotlight', 'Filter Tooltip', 'Shortcut Hint'];
const MODULES = ['Resource Center Module A', 'Help Articles', 'Contact Support'];
const CHECKLISTS = ['Checklist A', 'Setup Tasks', 'First Week Goals'];

const embed = (index: number): LookupRecord =>
	index % 2 === 0
		? { ...titled(77, BANNERS)(index / 2), type: 'banner' }
		: { ...titled(1092, CARDS)((index - 1) / 2), type: 'card' };

const list = (operationId: string, record: Lookup['record']): Lookup => ({
	operationId,
	paged: false,
	record,
});

/** The twelve lookups, by the last part of their path. */
export const LOOKUPS = {
	user_properties: list('getUserProperties', property('user_property', 1, USER_PROPERTIES)),
	company_properties: list(
		'getCompanyProperties',
		property('company_property', 10, COMPANY_PROPERTIES),
	),
	features_events: list('getFeaturesAndEvents', featureOrEvent),
	events_properties: { operationId: 'getEventProperties', paged: true, record: eventProperty },
	segments: { operationId: 'getSegments', paged: true, record: segment },
	flows: list('getFlows', titled(123, FLOWS)),
	banners: list('getBanners', titled(77, BANNERS)),
	embeds: list('getEmbeds', embed),
	spotlights: list('getSpotlights', titled(88, SPOTLIGHTS)),
	surveys: list('getSurveys', survey),
	resource_center_modules: list('getResourceCenterModules', keyed(5, MODULES)),
	checklists: list('getChecklists', keyed(2, CHECKLISTS)),
} as const satisfies Record<string, Lookup>;

export type LookupName = keyof typeof LOOKUPS;

export const LOOKUP_NAMES = Object.keys(LOOKUPS) as LookupName[];
