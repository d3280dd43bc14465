export interface Point {
	/** Unix time in ms. */
	at: number;
	value: number;
}

/** The smallest value of each of so many parts of the time. */
export function lowest(points: Point[], parts: number): number[] {
	const [start, end] = [points[0]!.at, points.at(-1)!.at + 1];
	const partOf = ({ at }: Point) => Math.floor(((at - start) / (end - start)) * parts);
	return Array.from({ length: parts }, (_, part) =>
		Math.min(...points.filter((point) => partOf(point) === part).map(({ value }) => value)),
	);
}
