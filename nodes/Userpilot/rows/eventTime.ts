/** Documented: UTC with microseconds. Text without a zone is UTC, too. */
const TIME =
	/^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

const MS_PER_DAY = 86_400_000;

interface EventTime {
	/** `YYYY-MM-DD` in UTC. */
	day: string;
	/** `HH:MM:SS` in UTC. */
	clock: string;
	/** Digits of the second's fraction. */
	fraction: string;
}

function parse(value: unknown): EventTime | undefined {
	const match = typeof value === 'string' ? TIME.exec(value.trim()) : null;
	if (!match) return undefined;
	const [, day = '', clock = '00:00:00', fraction = '', zone = 'Z'] = match;
	const seconds = clock.length === 5 ? `${clock}:00` : clock;
	if (/^z$/i.test(zone)) return { day, clock: seconds, fraction };
	const time = Date.parse(`${day}T${seconds}${zone}`);
	if (Number.isNaN(time)) return undefined;
	const [utcDay = '', rest = ''] = new Date(time).toISOString().split('T');
	return { day: utcDay, clock: rest.slice(0, 8), fraction };
}

/** A text that sorts as the event's time does, to the last digit; empty where there is no time. */
export function timeSortKey(insertedAt: unknown): string {
	const time = parse(insertedAt);
	return time ? `${time.day}T${time.clock}.${time.fraction.replace(/0+$/, '')}` : '';
}

/** The calendar day, week (its Monday) and month (its first day) of a moment, each as `YYYY-MM-DD`. */
export interface CalendarDay {
	day: string;
	week: string;
	month: string;
}

function calendarDay(day: string): CalendarDay | undefined {
	const time = Date.parse(day);
	if (Number.isNaN(time)) return undefined;
	const daysSinceMonday = (new Date(time).getUTCDay() + 6) % 7;
	const monday = new Date(time - daysSinceMonday * MS_PER_DAY);
	return { day, week: monday.toISOString().slice(0, 10), month: `${day.slice(0, 7)}-01` };
}

/** Finds the calendar day of an event in UTC; each day is computed once. */
export function calendar(): (insertedAt: unknown) => CalendarDay | undefined {
	const known = new Map<string, CalendarDay | undefined>();
	return (insertedAt) => {
		const day = parse(insertedAt)?.day;
		if (day === undefined) return undefined;
		if (!known.has(day)) known.set(day, calendarDay(day));
		return known.get(day);
	};
}
