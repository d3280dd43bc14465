import type { LookupEndpoint } from '../../api/calls';
import type { Kind } from '../../rows/names';

interface Lookup extends LookupEndpoint {
	/** The operation's value in saved workflows. */
	value: string;
	/** The operation's name in the editor. */
	name: string;
	/** The fields of a record, as part of a sentence. */
	fields: string;
	/** What rows call its records, if they point to them. */
	kind?: Kind;
}

export const segments = {
	value: 'getSegments',
	name: 'Get Segments',
	path: 'segments',
	noun: 'segments',
	fields: 'ID, title and status',
	paged: true,
} as const satisfies Lookup;

export const features = {
	value: 'getFeaturesAndEvents',
	name: 'Get Features and Events',
	path: 'features_events',
	noun: 'features and events',
	fields: 'ID, key and name',
	paged: false,
	kind: 'feature',
} as const satisfies Lookup;

/** Every lookup of the API. A new one is one more row. */
export const lookups = [
	{
		value: 'getBanners',
		name: 'Get Banners',
		path: 'banners',
		noun: 'banners',
		fields: 'ID and title',
		paged: false,
		kind: 'banner',
	},
	{
		value: 'getChecklists',
		name: 'Get Checklists',
		path: 'checklists',
		noun: 'checklists',
		fields: 'ID, key, name and tasks',
		paged: false,
		kind: 'checklist',
	},
	{
		value: 'getCompanyProperties',
		name: 'Get Company Properties',
		path: 'company_properties',
		noun: 'company properties',
		fields: 'ID, key, name and data type',
		paged: false,
	},
	{
		value: 'getEmbeds',
		name: 'Get Embeds',
		path: 'embeds',
		noun: 'embeds',
		fields: 'ID, title and type (banner or card)',
		paged: false,
		kind: 'embed',
	},
	{
		value: 'getEventProperties',
		name: 'Get Event Properties',
		path: 'events_properties',
		noun: 'event properties',
		fields: 'ID, key, name and event',
		paged: true,
	},
	features,
	{
		value: 'getFlows',
		name: 'Get Flows',
		path: 'flows',
		noun: 'flows',
		fields: 'ID and title',
		paged: false,
		kind: 'experience',
	},
	{
		value: 'getResourceCenterModules',
		name: 'Get Resource Center Modules',
		path: 'resource_center_modules',
		noun: 'resource center modules',
		fields: 'ID, key and name',
		paged: false,
		kind: 'resource_center_module',
	},
	segments,
	{
		value: 'getSpotlights',
		name: 'Get Spotlights',
		path: 'spotlights',
		noun: 'spotlights',
		fields: 'ID and title',
		paged: false,
		kind: 'spotlight',
	},
	{
		value: 'getSurveys',
		name: 'Get Surveys',
		path: 'surveys',
		noun: 'surveys',
		fields: 'ID, title, platform and modules',
		paged: false,
		kind: 'survey',
	},
	{
		value: 'getUserProperties',
		name: 'Get User Properties',
		path: 'user_properties',
		noun: 'user properties',
		fields: 'ID, key, name and data type',
		paged: false,
	},
] as const satisfies readonly Lookup[];

/** The lookups whose records rows point to. */
export const namedLookups = lookups.filter((lookup) => 'kind' in lookup);
