import type { Findings } from '../harness/findings.ts';
import type { Reading, Sample } from './samples.ts';

export interface Point {
	/** Unix time in ms. */
	at: number;
	value: number;
}

const MEGABYTE = 1e6;
const PARTS = 10;
/** n8n finds its size in the first ones. */
const SETTLED = { from: 3, to: 6 };
const LAST = { from: 7, to: 10 };
/** How much more there may be at least at any time of the last parts than of the settled ones. */
const MAX_HEAP_GROWTH = 5 * MEGABYTE;
const MAX_RESIDENT_RISE = 1.1;
/** n8n's own pools come and go by as many: database connections, its task runner's socket. */
const MAX_MORE_DESCRIPTORS = 5;

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

const mb = (bytes: number) => `${(bytes / MEGABYTE).toFixed(1)} MB`;

/** The least of each part of the time: what executions need while they run comes and goes. */
function floors(points: Point[]) {
	const parts = lowest(points, PARTS);
	const highest = ({ from, to }: typeof LAST) => Math.max(...parts.slice(from, to));
	return {
		settled: highest(SETTLED),
		last: highest(LAST),
		text: `${parts.map((bytes) => Math.round(bytes / MEGABYTE)).join(', ')} MB`,
	};
}

/** Is its memory flat, and has it let go of all that it held? */
export function judge(findings: Findings, course: Course): void {
	const heap = floors(heapOf(course));
	findings.check(
		'what is left after a collection does not grow',
		heap.last <= heap.settled + MAX_HEAP_GROWTH,
		`at least, in each tenth of the time: ${heap.text}`,
	);
	const resident = floors(residentOf(course));
	findings.check(
		'the memory of the process does not rise',
		resident.last <= resident.settled * MAX_RESIDENT_RISE,
		`at least, in each tenth of the time: ${resident.text}`,
	);
	const { before: first, after: last } = course.idle;
	findings.check(
		'no descriptor is left open',
		last.sample.descriptors <= first.sample.descriptors + MAX_MORE_DESCRIPTORS,
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

/** The smallest value of each of so many parts of the time. */
function lowest(points: Point[], parts: number): number[] {
	const [start, end] = [points[0]!.at, points.at(-1)!.at + 1];
	const partOf = ({ at }: Point) => Math.floor(((at - start) / (end - start)) * parts);
	return Array.from({ length: parts }, (_, part) =>
		Math.min(...points.filter((point) => partOf(point) === part).map(({ value }) => value)),
	);
}
