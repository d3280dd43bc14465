import type { JobSummary } from '../../../../nodes/Userpilot/api/schemas';
import type { TriggerEvent } from '../../../../nodes/Userpilot/trigger/memory';
import type { Encounter, Parameters, Poll } from './host';
import { Host } from './host';
import type { History, Step } from './steps';

const START = Date.parse('2024-10-06T10:00:00Z');
const LISTED_MS = 3 * 86_400_000;
const STEP_MS = 1_500;
/** Ids that are names of JavaScript come first: they have misled others. */
const ODD_IDS = ['__proto__', 'constructor', 'toString', '0', 'a/b c'];

interface World {
	jobs: Array<{ id: string; startedAt: number; endedAt?: number; status: string }>;
	now: number;
	skewMs: number;
}

/** What must be so, kept apart from what the trigger remembers. It comes and goes with n8n's saves. */
interface Expected {
	/** The event of the last poll that took stock. */
	event: TriggerEvent | undefined;
	/** Jobs that had finished already when stock was taken. */
	passedOver: ReadonlySet<string>;
}

const STATUSES: Record<TriggerEvent, readonly string[]> = {
	completed: ['completed'],
	failed: ['failed'],
	finished: ['completed', 'failed'],
};
const matches = (status: string | null | undefined, event: TriggerEvent) =>
	STATUSES[event].includes(status ?? '');

/** The API writes times with a zone and without. */
function timeText(ms: number, form: number): string {
	const utc = new Date(ms).toISOString();
	if (form % 3 === 0) return utc;
	if (form % 3 === 1) return `${utc.slice(0, -1)}123`;
	return `${new Date(ms + 2 * 3_600_000).toISOString().slice(0, -1)}+02:00`;
}

const bit = (mask: number, index: number) => ((mask >> index % 16) & 1) === 1;

function encounterOf(
	{ jobs, now, skewMs }: World,
	{ gaps }: Extract<Step, { kind: 'poll' }>,
	parameters: Parameters,
): Encounter {
	const listed = jobs.flatMap(({ id, startedAt, endedAt, status }, index): JobSummary[] => {
		if (now - startedAt >= LISTED_MS || bit(gaps.unlisted, index)) return [];
		const job = {
			job_id: id,
			status,
			start_time: timeText(startedAt, index + 1),
			end_time: endedAt === undefined ? null : timeText(endedAt, index),
		};
		return gaps.twice ? [job, { ...job }] : [job];
	});
	if (gaps.reversed) listed.reverse();
	const withoutDetails = jobs.filter((_, index) => bit(gaps.withoutDetails, index));
	return {
		listed: gaps.listFails ? undefined : listed,
		withoutDetails: new Set(withoutDetails.map(({ id }) => id)),
		refused: gaps.refused,
		now: now + skewMs,
		parameters,
	};
}

/** Takes stock as the description of Start From promises it. */
function takeStock(
	expected: Expected,
	{ listed = [], parameters: { event, startFrom } }: Encounter,
): Expected {
	if (expected.event === event) return expected;
	const passedOver = new Set(expected.passedOver);
	for (const { job_id, status } of startFrom === 'now' ? listed : []) {
		const isOwed = expected.event !== undefined && matches(status, expected.event);
		if (matches(status, 'finished') && !isOwed) passedOver.add(job_id);
	}
	return { event, passedOver };
}

/**
 * Plays a history and checks after each poll that just those jobs fired that had to.
 *
 * @throws Error that says which poll fired wrongly
 */
export async function play(history: History, poll: Poll): Promise<{ fired: number }> {
	const { staticData, steps, ...initial } = history;
	const host = new Host(poll, staticData);
	const world: World = { jobs: [], now: START, skewMs: 0 };
	const fired = new Set<string>();
	let parameters: Parameters = initial;
	let expected: Expected = { event: undefined, passedOver: new Set() };
	const savedExpectations = new Map([[host.version, expected]]);
	const goBackTo = (version: number) => {
		expected = savedExpectations.get(version)!;
	};

	const checkedPoll = async (encounter: Encounter) => {
		const version = host.version;
		let ids: string[];
		try {
			ids = await host.tick(encounter);
		} catch (error) {
			if (encounter.listed && !encounter.refused) throw error;
			return;
		}
		expected = takeStock(expected, encounter);
		const due = world.jobs.filter(
			({ id, status }) =>
				encounter.listed?.some(({ job_id }) => job_id === id) &&
				matches(status, encounter.parameters.event) &&
				!fired.has(id) &&
				!expected.passedOver.has(id) &&
				!encounter.withoutDetails.has(id),
		);
		expect([...ids].sort()).toEqual(due.map(({ id }) => id).sort());
		const ends = ids.map((id) => world.jobs.find((job) => job.id === id)!.endedAt!);
		expect(ends).toEqual([...ends].sort((a, b) => a - b));
		ids.forEach((id) => fired.add(id));
		if (host.version > version) savedExpectations.set(host.version, expected);
	};

	const apply = async (step: Step): Promise<void> => {
		const { jobs } = world;
		switch (step.kind) {
			case 'start': {
				const id = ODD_IDS[jobs.length] ?? `job-${jobs.length}`;
				jobs.push({ id, startedAt: world.now, status: 'in_progress' });
				return;
			}
			case 'finish': {
				const running = jobs.filter(({ endedAt }) => endedAt === undefined);
				const job = running[step.job % running.length];
				if (!job) return;
				if (!step.still) world.now += STEP_MS;
				Object.assign(job, { endedAt: world.now, status: step.status });
				return;
			}
			case 'wait':
				world.now += step.ms;
				return;
			case 'skew':
				world.skewMs = step.ms;
				return;
			case 'restart':
				return goBackTo(host.restart(step.lost));
			case 'edit':
				parameters = { event: step.event, startFrom: step.startFrom };
				return goBackTo(host.restart(0));
			case 'poll': {
				const encounter = encounterOf(world, step, parameters);
				if (!step.inVain) return await checkedPoll(encounter);
				await host.tickInVain(encounter);
				return goBackTo(host.version);
			}
		}
	};

	for (const step of steps) await apply(step);
	return { fired: fired.size };
}
