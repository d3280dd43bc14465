const DAY_MS = 86_400_000;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const msOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** Every day from the first to the last, both included, as YYYY-MM-DD. Days are UTC days. */
export function daysBetween(from: string, to: string): string[] {
	const days: string[] = [];
	for (let ms = msOf(from); ms <= msOf(to); ms += DAY_MS) days.push(dayOf(ms));
	return days;
}

/** The first days of the months in a range: the API's partitions. */
export function monthsBetween(from: string, to: string): string[] {
	const months = daysBetween(from, to).map((day) => `${day.slice(0, 7)}-01`);
	return [...new Set(months)];
}

/** The days of a range by the Monday of their week, which is in the file's name. */
export function weeksBetween(from: string, to: string): Map<string, string[]> {
	const weeks = new Map<string, string[]>();
	for (const day of daysBetween(from, to)) {
		const weekday = (new Date(msOf(day)).getUTCDay() + 6) % 7;
		const monday = dayOf(msOf(day) - weekday * DAY_MS);
		weeks.set(monday, [...(weeks.get(monday) ?? []), day]);
	}
	return weeks;
}
