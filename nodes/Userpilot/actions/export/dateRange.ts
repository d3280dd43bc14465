import { DateTime } from 'luxon';

export interface DateRange {
	/** First day, `YYYY-MM-DD`. */
	from: string;
	/** Last day, `YYYY-MM-DD`; it counts too. */
	to: string;
}

type Days = readonly [first: DateTime, last: DateTime];

/**
 * The ranges of the Date Range field. They keep the order of time, not that of the alphabet: people
 * look for the shortest first. Each gives its first and its last
 * day, reckoned from today in UTC; they end with the last full day, because rows are stamped in UTC.
 */
const RANGES = {
	yesterday: {
		name: 'Yesterday',
		description: 'The last full day',
		days: (today): Days => [today.minus({ days: 1 }), today.minus({ days: 1 })],
	},
	last7Days: {
		name: 'Last 7 Days',
		description: 'The 7 full days before today',
		days: (today): Days => [today.minus({ days: 7 }), today.minus({ days: 1 })],
	},
	last30Days: {
		name: 'Last 30 Days',
		description: 'The 30 full days before today',
		days: (today): Days => [today.minus({ days: 30 }), today.minus({ days: 1 })],
	},
	previousWeek: {
		name: 'Previous Week (Monday to Sunday)',
		description: 'The last full week',
		days: (today): Days => {
			const monday = today.startOf('week').minus({ weeks: 1 });
			return [monday, monday.plus({ days: 6 })];
		},
	},
	previousMonth: {
		name: 'Previous Month',
		description: 'The last full calendar month',
		days: (today): Days => {
			const first = today.startOf('month').minus({ months: 1 });
			return [first, first.endOf('month')];
		},
	},
} as const satisfies Record<
	string,
	{ name: string; description: string; days: (today: DateTime) => Days }
>;

export type RelativeRange = keyof typeof RANGES;

export const dateRangeOptions = [
	...(Object.keys(RANGES) as RelativeRange[]).map((value) => ({
		name: RANGES[value].name,
		value,
		description: RANGES[value].description,
	})),
	{ name: 'Custom', value: 'custom' as const, description: 'From a first to a last day' },
];

/** The first and last day of a relative range at that moment (Unix time in ms). */
export function relativeRange(range: RelativeRange, now: number): DateRange {
	const today = DateTime.fromMillis(now, { zone: 'utc' }).startOf('day');
	const [from, to] = RANGES[range].days(today);
	return { from: from.toFormat('yyyy-MM-dd'), to: to.toFormat('yyyy-MM-dd') };
}

/**
 * The calendar day of a value as `YYYY-MM-DD`; undefined when it is no date. Taken are
 * `YYYY-MM-DD`, ISO 8601 text, Luxon values and JavaScript dates. A value with a zone keeps its own
 * calendar day; a JavaScript date has none and is read in UTC.
 */
export function calendarDay(value: unknown): string | undefined {
	let date: DateTime | undefined;
	if (DateTime.isDateTime(value)) date = value;
	else if (value instanceof Date) date = DateTime.fromJSDate(value, { zone: 'utc' });
	else if (typeof value === 'string' && /^\s*\d{4}-\d{2}-\d{2}([T\s]|$)/.test(value)) {
		const text = value.trim();
		const iso = DateTime.fromISO(text, { setZone: true });
		date = iso.isValid ? iso : DateTime.fromSQL(text, { setZone: true });
	}
	return date?.isValid ? date.toFormat('yyyy-MM-dd') : undefined;
}
