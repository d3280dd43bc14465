import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { fieldReader } from '../../../nodes/Userpilot/rows/fieldReader';
import type { Aggregation, SummaryValue } from '../../../nodes/Userpilot/rows/summary';
import {
	MAX_SUMMARY_CELLS,
	Summary,
	SummaryTooLargeError,
} from '../../../nodes/Userpilot/rows/summary';
import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';

const COUNT: SummaryValue = { aggregation: 'count' };

function summarize(
	rows: IDataObject[],
	groupBy: string[],
	values: SummaryValue[] = [COUNT],
	flatten = false,
) {
	const summary = new Summary({
		groupBy,
		values,
		readerOf: (field) => fieldReader(field, flatten),
	});
	for (const row of rows) summary.add(row);
	return { rows: summary.rows(), skippedValues: summary.skippedValues };
}

const ROWS = [
	{ event: 'a', user_id: 'u1', amount: 1, inserted_at: '2024-12-31T10:00:00Z' },
	{ event: 'b', user_id: 'u1', amount: '2.5', inserted_at: '2025-01-01T10:00:00Z' },
	{ event: 'b', user_id: 'u2', amount: 'n/a', inserted_at: '2025-01-01T11:00:00Z' },
	{ event: 'b', user_id: '', amount: null, inserted_at: '2025-01-06T10:00:00Z' },
	{ user_id: 'u3', amount: -4, inserted_at: null },
];

describe('a summary', () => {
	it('counts rows by group, the greatest first', () => {
		expect(summarize(ROWS, ['event']).rows).toEqual([
			{ event: 'b', count: 3 },
			{ event: 'a', count: 1 },
			{ event: null, count: 1 },
		]);
	});

	it.each<[Aggregation, unknown[]]>([
		['countUnique', [2, 1, 1]],
		['sum', [2.5, 1, -4]],
		['average', [2.5, 1, -4]],
		['max', ['n/a', 1, -4]],
		['min', ['2.5', 1, -4]],
	])('reckons %s', (aggregation, expected) => {
		const field = aggregation === 'countUnique' ? 'user_id' : 'amount';
		const column =
			{ countUnique: 'unique_count_user_id', count: 'count' }[aggregation as string] ??
			`${aggregation}_amount`;
		const { rows } = summarize(ROWS, ['event'], [COUNT, { aggregation, field }]);
		expect(rows.map((row) => row[column])).toEqual(expected);
	});

	it('skips text that is no number in sums, and counts it', () => {
		expect(summarize(ROWS, [], [{ aggregation: 'sum', field: 'amount' }])).toEqual({
			rows: [{ sum_amount: -0.5 }],
			skippedValues: 1,
		});
	});

	it('has no average of nothing', () => {
		expect(summarize([{ a: null }], [], [{ aggregation: 'average', field: 'a' }]).rows).toEqual([
			{ average_a: null },
		]);
	});

	it('has no rows of no rows', () => {
		expect(summarize([], ['event']).rows).toEqual([]);
		expect(summarize([], []).rows).toEqual([]);
	});

	it('groups by day, week and month, also in a week that begins in another year', () => {
		expect(summarize(ROWS, ['week', 'month', 'day']).rows).toEqual([
			{ week: '2024-12-30', month: '2025-01-01', day: '2025-01-01', count: 2 },
			{ week: '2024-12-30', month: '2024-12-01', day: '2024-12-31', count: 1 },
			{ week: '2025-01-06', month: '2025-01-01', day: '2025-01-06', count: 1 },
			{ week: null, month: null, day: null, count: 1 },
		]);
	});

	it('groups by a path, and names the columns as Flatten does', () => {
		const rows = [{ metadata: { plan: 'pro', seats: 2 } }, { metadata: { plan: 'pro', seats: 5 } }];
		expect(
			summarize(rows, ['metadata.plan'], [{ aggregation: 'sum', field: 'metadata.seats' }]).rows,
		).toEqual([{ metadata_plan: 'pro', sum_metadata_seats: 7 }]);
	});

	it('reads flattened columns where rows are flattened', () => {
		const rows = [{ metadata: { plan: 'pro' } }];
		expect(summarize(rows, ['metadata_plan'], [COUNT], true).rows).toEqual([
			{ metadata_plan: 'pro', count: 1 },
		]);
	});

	it('takes a number and its text for one group, and nested values for their JSON text', () => {
		const rows: IDataObject[] = [{ a: 7 }, { a: '7' }, { a: { b: 1 } }, { a: [1] }, { a: '' }];
		expect(summarize(rows, ['a']).rows).toEqual([
			{ a: 7, count: 2 },
			{ a: '', count: 1 },
			{ a: '[1]', count: 1 },
			{ a: '{"b":1}', count: 1 },
		]);
	});

	it('tells groups apart whose texts are the same once they are joined', () => {
		const rows = [
			{ a: '1:x', b: '' },
			{ a: '1', b: 'x' },
			{ a: '', b: '1:x' },
			{ a: null, b: '-' },
		];
		expect(summarize(rows, ['a', 'b']).rows).toHaveLength(4);
	});

	it('keeps both columns when a group is named like a value', () => {
		expect(summarize([{ count: 5 }], ['count']).rows).toEqual([{ count: 5, count_2: 1 }]);
	});

	it('ends with the number of groups when they would fill the memory', () => {
		const summary = new Summary({ groupBy: ['id'], values: [COUNT], readerOf: fieldReader });
		const addAll = () => {
			for (let id = 0; id <= MAX_SUMMARY_CELLS; id++) summary.add({ id });
		};
		expect(addAll).toThrow(SummaryTooLargeError);
		expect(addAll).toThrow('1,250,001 groups and 0 distinct values so far');
	});
});

/** The same by loading all rows first. */
function naiveSummary(rows: IDataObject[], groupBy: string[]) {
	const groups = new Map<string, IDataObject[]>();
	for (const row of rows) {
		const key = JSON.stringify(groupBy.map((field) => row[field] ?? null));
		groups.set(key, [...(groups.get(key) ?? []), row]);
	}
	return [...groups].map(([key, members]) => ({
		...Object.fromEntries(
			(JSON.parse(key) as unknown[]).map((value, index) => [groupBy[index], value]),
		),
		count: members.length,
		unique_count_u: new Set(
			members.map(({ u }) => u).filter((u) => u !== null && u !== '' && u !== undefined),
		).size,
		sum_n: members.reduce((sum, { n }) => sum + ((n as number) ?? 0), 0),
		max_n: members.reduce<number | null>(
			(max, { n }) => (typeof n === 'number' && (max === null || n > max) ? n : max),
			null,
		),
	}));
}

describe('summaries of drawn rows', () => {
	it(
		'equal those of all rows in memory',
		() => {
			const row = fc.record(
				{
					a: fc.constantFrom('x', 'y', '', null),
					b: fc.constantFrom('p', 'q:', ':q', 'x'),
					u: fc.constantFrom('u1', 'u2', 'u3', '', null),
					n: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(null)),
				},
				{ requiredKeys: [] },
			);
			fc.assert(
				fc.property(fc.array(row), fc.subarray(['a', 'b']), (rows, groupBy) => {
					const values: SummaryValue[] = [
						COUNT,
						{ aggregation: 'countUnique', field: 'u' },
						{ aggregation: 'sum', field: 'n' },
						{ aggregation: 'max', field: 'n' },
					];
					const actual = summarize(rows as IDataObject[], groupBy, values).rows;
					const expected = naiveSummary(rows as IDataObject[], groupBy);
					const sorted = (list: unknown[]) => list.map((entry) => JSON.stringify(entry)).sort();
					expect(sorted(actual)).toEqual(sorted(expected));
					const counts = actual.map(({ count }) => count as number);
					expect(counts).toEqual([...counts].sort((x, y) => y - x));
				}),
				fuzzOptions(500),
			);
		},
		FUZZ_TIMEOUT_MS,
	);
});
