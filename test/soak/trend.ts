export interface Point {
	/** Unix time in ms. */
	at: number;
	value: number;
}

const HOUR_MS = 3_600_000;

/** The line of least squares: how much the value grows in an hour, and the standard error of that. */
export function trend(points: Point[]): { perHour: number; error: number } {
	const count = points.length;
	const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / count;
	const hours = points.map(({ at }) => at / HOUR_MS);
	const [meanHour, meanValue] = [mean(hours), mean(points.map(({ value }) => value))];
	const spread = hours.reduce((sum, hour) => sum + (hour - meanHour) ** 2, 0);
	const perHour =
		points.reduce((sum, { value }, index) => {
			return sum + (hours[index]! - meanHour) * (value - meanValue);
		}, 0) / spread;
	const rest = points.reduce((sum, { value }, index) => {
		return sum + (value - meanValue - perHour * (hours[index]! - meanHour)) ** 2;
	}, 0);
	return { perHour, error: Math.sqrt(rest / (count - 2) / spread) };
}

/** The smallest value of each of so many parts of the time. */
export function lowest(points: Point[], parts: number): number[] {
	const [start, end] = [points[0]!.at, points.at(-1)!.at + 1];
	const partOf = ({ at }: Point) => Math.floor(((at - start) / (end - start)) * parts);
	return Array.from({ length: parts }, (_, part) =>
		Math.min(...points.filter((point) => partOf(point) === part).map(({ value }) => value)),
	);
}
