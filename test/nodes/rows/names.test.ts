import type { IDataObject } from 'n8n-workflow';

import { EventFilter, eventTypesOf } from '../../../nodes/Userpilot/rows/eventNames';
import { entityOf, Names } from '../../../nodes/Userpilot/rows/names';

const FEATURES = [
	{ id: 668, key: 'save', display_name: 'Save Draft' },
	{ id: '669', analytical_id: 'an-1', key: 'open', display_name: 'Open Report' },
	{ id: 670, key: 'invite_sent', display_name: 'Invite Sent' },
	{ id: 671, key: 'save_2', display_name: 'Save Draft' },
	{ id: 672, key: 'nameless', display_name: null },
];

function namesWith(
	records: Partial<
		Record<
			'feature' | 'checklist' | 'experience' | 'survey' | 'resource_center_module',
			IDataObject[]
		>
	>,
) {
	const names = new Names();
	for (const [kind, list] of Object.entries(records)) names.add(kind as 'feature', list);
	return names;
}

const all = () =>
	namesWith({
		feature: FEATURES,
		checklist: [{ id: 2, key: 'setup', display_name: 'Setup' }],
		experience: [{ id: '448', title: 'Onboarding', display_name: 'ignored' }],
		survey: [],
		resource_center_module: [{ key: 'help', display_name: 'Help' }],
	});

const NO_ENTITY = { entity_type: null, entity_id: null, entity_status: null };

describe('the label of a row', () => {
	it.each([
		['track, by key', 'track', 'invite_sent', 'Invite Sent'],
		['track, by ID', 'track', '670', 'Invite Sent'],
		['track that no lookup knows', 'track', 'Plan Chosen', 'Plan Chosen'],
		['track without a name', 'track', '', null],
		['track_feature, by ID', 'track_feature', '668', 'Save Draft'],
		['track_feature, by a number', 'track_feature', 668, 'Save Draft'],
		['track_feature, by analytical ID', 'track_feature', 'an-1', 'Open Report'],
		['track_feature, by key', 'track_feature', 'save_2', 'Save Draft'],
		['track_feature that is unknown', 'track_feature', '9', null],
		['a feature without a name', 'track_feature', '672', null],
		['page_view', 'page_view', '', null],
		['page_view with null', 'page_view', null, null],
		['identify_user', 'identify_user', '668', null],
		['a type that nobody knows', 'hover', '668', null],
	])('of %s', (_what, event_type, event_name, event_label) => {
		const row: IDataObject = { event_type, event_name };
		all().addLabel(row);
		expect(row).toEqual({ event_type, event_name, event_label, ...NO_ENTITY });
	});

	it.each([
		['checklist:2:SEEN', 'Setup', 'checklist', '2', 'SEEN'],
		['experience:448:DISMISSED', 'Onboarding', 'experience', '448', 'DISMISSED'],
		['flow:448:SEEN', 'Onboarding', 'flow', '448', 'SEEN'],
		['survey:1:SEEN', null, 'survey', '1', 'SEEN'],
		['resource_center_module:help:CLICKED', 'Help', 'resource_center_module', 'help', 'CLICKED'],
		['hologram:1:SEEN', null, 'hologram', '1', 'SEEN'],
		['constructor:1:SEEN', null, 'constructor', '1', 'SEEN'],
		['checklist:2', 'Setup', 'checklist', '2', null],
	])('of interaction %s', (event_name, event_label, entity_type, entity_id, entity_status) => {
		const row: IDataObject = { event_type: 'interaction', event_name };
		all().addLabel(row);
		expect(row).toMatchObject({ event_label, entity_type, entity_id, entity_status });
	});

	it('of an interaction without an entity is null', () => {
		const row: IDataObject = { event_type: 'interaction', event_name: 'click' };
		all().addLabel(row);
		expect(row).toMatchObject({ event_label: null, ...NO_ENTITY });
	});

	it('leaves a column that the API sends as it is', () => {
		const row: IDataObject = { event_type: 'track', event_name: 'x', event_label: 'own' };
		all().addLabel(row);
		expect(row.event_label).toBe('own');
	});

	it('needs only the records that the row points to, until they are added', () => {
		const names = new Names();
		const row = { event_type: 'interaction', event_name: 'checklist:2:SEEN' };
		expect(names.missingKind(row)).toBe('checklist');
		expect(names.missingKind({ event_type: 'page_view', event_name: '' })).toBeNull();
		names.add('checklist', []);
		expect(names.missingKind(row)).toBeNull();
	});

	it('is found anew once records are added', () => {
		const names = new Names();
		const label = () => {
			const row: IDataObject = { event_type: 'track', event_name: 'invite_sent' };
			names.addLabel(row);
			return row.event_label;
		};
		expect(label()).toBe('invite_sent');
		names.add('feature', FEATURES);
		expect(label()).toBe('Invite Sent');
	});
});

describe('the entity of an interaction', () => {
	it('keeps colons within its ID', () => {
		expect(entityOf('banner:a:b:SEEN')).toEqual({ type: 'banner', id: 'a:b', status: 'SEEN' });
	});
});

describe('a filter by event names or IDs', () => {
	const ROWS = [
		{ event_type: 'track_feature', event_name: '668' },
		{ event_type: 'track_feature', event_name: '671' },
		{ event_type: 'track_feature', event_name: 'an-1' },
		{ event_type: 'track', event_name: 'invite_sent' },
		{ event_type: 'track', event_name: 'Plan Chosen' },
		{ event_type: 'interaction', event_name: 'checklist:2:SEEN' },
		{ event_type: 'interaction', event_name: 'checklist:2:DONE' },
		{ event_type: 'page_view', event_name: '' },
		{ event_type: 'identify_user', event_name: null },
	];

	it.each([
		['an ID', ['668'], ['668']],
		['a key', ['save'], ['668']],
		['a name that two features share', ['Save Draft'], ['668', '671']],
		['the name of a feature that rows name otherwise', ['Open Report'], ['an-1']],
		['the ID of a feature that rows name otherwise', ['669'], ['an-1']],
		['the display name of an event', ['Invite Sent'], ['invite_sent']],
		['an event that no lookup knows', ['Plan Chosen'], ['Plan Chosen']],
		['an interaction', ['checklist:2:SEEN'], ['checklist:2:SEEN']],
		['an entity', ['checklist:2'], ['checklist:2:SEEN', 'checklist:2:DONE']],
		['several names', ['668', 'Plan Chosen'], ['668', 'Plan Chosen']],
		['the name of a checklist, which is no event', ['Setup'], []],
	])('keeps rows by %s', (_what, wanted, kept) => {
		const filter = new EventFilter(wanted, all());
		expect(ROWS.filter((row) => filter.keeps(row)).map((row) => row.event_name)).toEqual(kept);
	});

	it('tells the names that no row has matched', () => {
		const filter = new EventFilter(['668', 'Nowhere'], all());
		for (const row of ROWS) filter.keeps(row);
		expect(filter.unmatched()).toEqual(['Nowhere']);
	});

	it('does not tell a second name of an event that was matched by its first', () => {
		const names = new Names();
		const filter = new EventFilter(['668', 'Save Draft', 'checklist:9'], names);
		expect(filter.keeps(ROWS[0]!)).toBe(true);
		expect(filter.unmatched()).toEqual(['checklist:9']);
		names.add('feature', FEATURES);
		expect(filter.unmatched()).toEqual(['checklist:9']);
	});

	it('needs features only for rows that it cannot tell without them', () => {
		const filter = new EventFilter(['668'], new Names());
		expect(ROWS.map((row) => filter.missingKind(row))).toEqual([
			null,
			'feature',
			'feature',
			'feature',
			'feature',
			null,
			null,
			null,
			null,
		]);
	});

	it.each([
		[['checklist:2'], ['interaction']],
		[['checklist:2:SEEN', 'experience:448'], ['interaction']],
		[['Save Draft'], ['track', 'track_feature']],
		[
			['checklist:2', '668'],
			['interaction', 'track', 'track_feature'],
		],
		[['Step 1: Sign Up'], ['interaction', 'track', 'track_feature']],
	])('%p are of the types %p', (names, types) => {
		expect(eventTypesOf(names)).toEqual(types);
	});
});
