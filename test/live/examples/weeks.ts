export const DAY_MS = 86_400_000;
export const WEEK_DAYS = 7;

/** `YYYY-MM-DD` in UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The Monday of the first of so many weeks, of which the last has ended. */
export function firstMonday(weeks: number): number {
	const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
	const weekday = (new Date(today).getUTCDay() + 6) % WEEK_DAYS;
	return today - (weekday + weeks * WEEK_DAYS) * DAY_MS;
}
