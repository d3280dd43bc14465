import type { Findings } from '../e2e/findings.ts';
import type { Reading, Sample } from './samples.ts';
import { lowest, type Point, trend } from './trend.ts';

const MEGABYTE = 1e6;
/** The first third of the time is for n8n to find its size. */
const SETTLED_FROM = 1 / 3;
/** Beyond twice its standard error. */
const MOST_GROWTH_PER_HOUR = 10 * MEGABYTE;
const PARTS = 10;
/** Of the lowest memory in a tenth of the time: the last against the highest of the settled ones before. */
const MOST_RISE = 1.1;
/** n8n's own pools come and go by as many: database connections, its task runner's socket. */
const MORE_DESCRIPTORS = 5;

export interface Course {
	samples: Sample[];
	readings: Reading[];
	/** Before a workflow was published, and at the end, when nothing has run for a minute. */
	idle: Record<'before' | 'after', { sample: Sample; reading: Reading }>;
}

export const heapOf = ({ readings }: Pick<Course, 'readings'>): Point[] =>
	readings.map(({ at, heapUsed, external }) => ({ at, value: heapUsed + external }));

export const residentOf = ({ samples }: Pick<Course, 'samples'>): Point[] =>
	samples.map(({ at, residentBytes }) => ({ at, value: residentBytes }));

function settled(points: Point[]): Point[] {
	const [start, end] = [points[0]!.at, points.at(-1)!.at];
	return points.filter(({ at }) => at >= start + (end - start) * SETTLED_FROM);
}

const mb = (bytes: number) => `${(bytes / MEGABYTE).toFixed(1)} MB`;

/** Is its memory flat, and has it let go of all that it held? */
export function judge(findings: Findings, course: Course): void {
	const { perHour, error } = trend(settled(heapOf(course)));
	findings.check(
		'memory after a collection does not grow, once the first third is over',
		perHour - 2 * error <= MOST_GROWTH_PER_HOUR,
		`${mb(perHour)} an hour, ± ${mb(2 * error)}`,
	);
	const floors = lowest(residentOf(course), PARTS);
	const before = Math.max(...floors.slice(Math.floor(PARTS * SETTLED_FROM), -1));
	findings.check(
		'the least that the process takes does not rise either',
		floors.at(-1)! <= before * MOST_RISE,
		`in each tenth of the time: ${floors.map((bytes) => Math.round(bytes / MEGABYTE)).join(', ')} MB`,
	);
	const { before: first, after: last } = course.idle;
	findings.check(
		'no descriptor is left open',
		last.sample.descriptors <= first.sample.descriptors + MORE_DESCRIPTORS,
		`${first.sample.descriptors} before, ${last.sample.descriptors} after`,
	);
	const sockets = ({ reading }: typeof last) => reading.handles.TCPSocketWrap ?? 0;
	findings.check(
		'no socket is left open',
		sockets(last) <= sockets(first),
		`${sockets(first)} before, ${sockets(last)} after`,
	);
	findings.note(`Handles before: ${JSON.stringify(first.reading.handles)}`);
	findings.note(`Handles after: ${JSON.stringify(last.reading.handles)}`);
	findings.note(
		`Memory after a collection: ${mb(heapOf({ readings: [first.reading] })[0]!.value)} before, ${mb(heapOf({ readings: [last.reading] })[0]!.value)} after`,
	);
}
