import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { Names } from '../../../nodes/Userpilot/rows/names';
import type { StepOptions } from '../../../nodes/Userpilot/rows/steps';
import { fieldReaderOf, rowShape, RowSteps } from '../../../nodes/Userpilot/rows/steps';
import { Summary } from '../../../nodes/Userpilot/rows/summary';
import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';

const RECORDS: Record<'feature' | 'checklist', IDataObject[]> = {
	feature: [
		{ id: 1, key: 'save', display_name: 'Save' },
		{ id: '2', key: 'open', analytical_id: 'a2', display_name: 'Open' },
		{ id: 3, key: 'share', display_name: 'Save' },
	],
	checklist: [{ id: 2, key: 'setup', display_name: 'Setup' }],
};

const EVENTS: Array<[type: string, name: string | null]> = [
	['track_feature', '1'],
	['track_feature', 'a2'],
	['track_feature', '9'],
	['track', 'save'],
	['track', 'Custom'],
	['track', '3'],
	['interaction', 'checklist:2:SEEN'],
	['interaction', 'hologram:1:SEEN'],
	['page_view', ''],
	['identify_user', null],
];

/** What the documents say of each of these events: its label, and all that it may be filtered by. */
const MEANING: Record<string, [label: string | null, ...names: string[]]> = {
	'track_feature 1': ['Save', '1', 'save', 'Save'],
	'track_feature a2': ['Open', 'a2', '2', 'open', 'Open'],
	'track_feature 9': [null, '9'],
	'track save': ['Save', 'save', '1', 'Save'],
	'track Custom': ['Custom', 'Custom'],
	'track 3': ['Save', '3', 'share', 'Save'],
	'interaction checklist:2:SEEN': ['Setup', 'checklist:2:SEEN', 'checklist:2'],
	'interaction hologram:1:SEEN': [null, 'hologram:1:SEEN', 'hologram:1'],
	'page_view ': [null],
	'identify_user null': [null],
};

const meaning = ({ event_type: type, event_name: name }: IDataObject) =>
	MEANING[`${type} ${name}`]!;

const row: fc.Arbitrary<IDataObject> = fc
	.record({
		event: fc.constantFrom(...EVENTS),
		user_id: fc.constantFrom('u1', 'u2', 'u3', '', null),
		second: fc.integer({ min: 0, max: 3 }),
		plan: fc.constantFrom('pro', 'trial', null),
	})
	.map(({ event: [event_type, event_name], user_id, second, plan }) => ({
		...{ event_type, event_name, user_id },
		inserted_at: `2024-07-29T00:00:0${second}.000001Z`,
		metadata: { plan },
	}));

const options = fc.record<StepOptions>({
	eventNames: fc.option(
		fc.subarray(['1', 'Save', 'open', 'Custom', 'checklist:2', 'hologram:1:SEEN'], {
			minLength: 1,
		}),
		{ nil: undefined },
	),
	resolveNames: fc.boolean(),
	latestOf: fc.constantFrom(undefined, 'user' as const),
	flatten: fc.boolean(),
	outputFields: fc.option(
		fc.subarray(['user_id', 'event_name', 'event_label', 'metadata.plan', 'inserted_at'], {
			minLength: 1,
		}),
		{ nil: undefined },
	),
});

/** Steps 1 to 3 by loading all rows first. */
function naiveRows(rows: IDataObject[], { eventNames, resolveNames, latestOf }: StepOptions) {
	const kept = rows.filter(
		(one) =>
			!eventNames ||
			meaning(one)
				.slice(1)
				.some((name) => eventNames.includes(name!)),
	);
	const labeled = kept.map((one) => {
		if (!resolveNames) return one;
		const parts = one.event_type === 'interaction' ? String(one.event_name).split(':') : [];
		const [entity_type = null, entity_id = null, entity_status = null] = parts;
		return { ...one, event_label: meaning(one)[0], entity_type, entity_id, entity_status };
	});
	if (!latestOf) return labeled;
	return labeled.filter((one, index) => {
		const isLater = (other: IDataObject, at: number) =>
			other.user_id === one.user_id &&
			(other.inserted_at! > one.inserted_at! ||
				(other.inserted_at === one.inserted_at && at > index));
		return one.user_id && !labeled.some(isLater);
	});
}

/** Steps 4 and 5. */
const naiveShape =
	({ flatten, outputFields }: StepOptions) =>
	(one: IDataObject) => {
		const { metadata, ...rest } = one;
		const { plan } = metadata as IDataObject;
		if (!outputFields) return flatten ? { ...rest, metadata_plan: plan } : one;
		const all: IDataObject = { ...rest, metadata_plan: plan };
		const columns = outputFields.map((field) => field.replace('.', '_'));
		return Object.fromEntries(columns.map((column) => [column, all[column] ?? null]));
	};

/** A row as it comes from a file of which only these columns are read. */
const withColumns = (one: IDataObject, columns?: ReadonlySet<string>): IDataObject =>
	Object.fromEntries(Object.entries(one).filter(([name]) => columns?.has(name) ?? true));

function namesAsNeeded() {
	const names = new Names();
	const take = (steps: RowSteps, rows: IDataObject[]) => {
		for (const whole of rows) {
			const one = withColumns(whole, steps.columns);
			const kind = steps.missingKind(one);
			if (kind !== null) names.add(kind, RECORDS[kind as 'feature'] ?? []);
			steps.take(one);
		}
		steps.finish();
	};
	return { names, take };
}

describe('drawn rows on their way to the output', () => {
	it(
		'become the same items as with all rows in memory',
		() => {
			fc.assert(
				fc.property(fc.array(row, { maxLength: 30 }), options, (rows, request) => {
					const expected = naiveRows(rows, request).map(naiveShape(request));
					const { names, take } = namesAsNeeded();
					const shape = rowShape(request, names);
					const items: IDataObject[] = [];
					const steps = new RowSteps(request, names, {
						fields: request.outputFields,
						keep: shape.keep,
						receive(kept) {
							shape.add(kept);
							items.push(kept);
						},
					});
					take(steps, structuredClone(rows));
					expect(items.map((item) => shape.finish?.(item) ?? item)).toEqual(expected);
				}),
				fuzzOptions(300),
			);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		'become the same summary',
		() => {
			fc.assert(
				fc.property(fc.array(row, { maxLength: 30 }), options, (rows, drawn) => {
					const request = { ...drawn, resolveNames: true };
					const { names, take } = namesAsNeeded();
					const summary = new Summary({
						groupBy: ['event_label', 'metadata.plan', 'day'],
						values: [{ aggregation: 'count' }, { aggregation: 'countUnique', field: 'user_id' }],
						readerOf: fieldReaderOf(request, names),
					});
					const receive = (one: IDataObject) => summary.add(one);
					take(
						new RowSteps(request, names, { fields: summary.fields, keep: (one) => one, receive }),
						structuredClone(rows),
					);

					const groups = new Map<string, IDataObject[]>();
					for (const one of naiveRows(rows, request)) {
						const { event_label, metadata } = one as IDataObject;
						const key = JSON.stringify([event_label, (metadata as IDataObject).plan]);
						groups.set(key, [...(groups.get(key) ?? []), one]);
					}
					const expected = [...groups].map(([key, members]) => {
						const [event_label, metadata_plan] = JSON.parse(key) as [string | null, string | null];
						const users = new Set(members.flatMap(({ user_id }) => user_id || []));
						return {
							event_label,
							metadata_plan,
							day: '2024-07-29',
							count: members.length,
							unique_count_user_id: users.size,
						};
					});
					const sorted = (list: object[]) => list.map((one) => JSON.stringify(one)).sort();
					expect(sorted(summary.rows())).toEqual(sorted(expected));
				}),
				fuzzOptions(300),
			);
		},
		FUZZ_TIMEOUT_MS,
	);
});
