import { DateTime } from 'luxon';

export interface DateRange {
	/** First day, `YYYY-MM-DD`. */
	from: string;
	/** Last day, `YYYY-MM-DD`, included. */
	to: string;
}

type Days = readonly [first: DateTime, last: DateTime];

/**
 * The ranges of the Date Range field, in the order of time, not of the alphabet. Each gives its first and
 * last day, counted from today in UTC, because events have times in UTC. Each ends with a full day.
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
	{ name: 'Custom', value: 'custom' as const, description: 'From one day to another' },
];

/** @param now Unix time in ms */
export function relativeRange(range: RelativeRange, now: number): DateRange {
	const today = DateTime.fromMillis(now, { zone: 'utc' }).startOf('day');
	const [from, to] = RANGES[range].days(today);
	return { from: from.toFormat('yyyy-MM-dd'), to: to.toFormat('yyyy-MM-dd') };
}

/**
 * The calendar day of a value as `YYYY-MM-DD`; undefined when it is not a date. Accepts `YYYY-MM-DD`,
 * ISO 8601 text, Luxon values and JavaScript dates. A value with a time zone keeps its own calendar
 * day. A JavaScript date has none and is read in UTC.
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
