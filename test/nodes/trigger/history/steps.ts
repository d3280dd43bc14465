import fc from 'fast-check';

import type { StartFrom, TriggerEvent } from '../../../../nodes/Userpilot/trigger/memory';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What the next answers of the API lack: a bit stands for a job, in the order of their starts. */
interface Gaps {
	listFails: boolean;
	unlisted: number;
	withoutDetails: number;
	/** Those details are refused with the key, which ends a poll that gets no others. */
	refused: boolean;
	/** The list names each job twice, or in the other order. */
	twice: boolean;
	reversed: boolean;
}

export type Step =
	| { kind: 'start' }
	/** The job of that number, counted round among those that run, ends; `still`: in the same instant as the last one. */
	| { kind: 'finish'; job: number; status: 'completed' | 'failed' | 'archived'; still: boolean }
	| { kind: 'wait'; ms: number }
	/** n8n's clock goes off Userpilot's by that much. */
	| { kind: 'skew'; ms: number }
	| { kind: 'poll'; inVain: boolean; gaps: Gaps }
	/** n8n ends and starts, or the workflow is unpublished and published; up to that many saves are lost. */
	| { kind: 'restart'; lost: number }
	| { kind: 'edit'; event: TriggerEvent; startFrom: StartFrom };

const event = fc.constantFrom<TriggerEvent>('completed', 'failed', 'finished');
const startFrom = fc.constantFrom<StartFrom>('now', 'existing');

/** Most often none of the jobs, else any of them. */
const someJobs = fc.oneof(
	{ weight: 3, arbitrary: fc.constant(0) },
	{ weight: 1, arbitrary: fc.nat(0xffff) },
);

const rarely = fc.nat(4).map((draw) => draw === 4);

const gaps: fc.Arbitrary<Gaps> = fc.record({
	listFails: rarely,
	unlisted: someJobs,
	withoutDetails: someJobs,
	refused: rarely,
	twice: rarely,
	reversed: fc.boolean(),
});

const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ kind: fc.constant('start' as const) }) },
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constant('finish' as const),
			job: fc.nat(15),
			status: fc.constantFrom('completed', 'completed', 'completed', 'failed', 'archived'),
			still: fc.boolean(),
		}),
	},
	{
		weight: 10,
		arbitrary: fc.record({ kind: fc.constant('poll' as const), inVain: rarely, gaps }),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant('wait' as const),
			ms: fc.oneof(fc.nat(HOUR_MS), fc.nat(2 * DAY_MS)),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			kind: fc.constant('skew' as const),
			ms: fc.integer({ min: -5 * DAY_MS, max: 5 * DAY_MS }),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({ kind: fc.constant('restart' as const), lost: fc.nat(3) }),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('edit' as const), event, startFrom }) },
);

/** What somebody else may have left in the static data, or what is left of ours: nothing of it counts. */
const foreignData = fc.oneof(
	fc.constant({}),
	fc.constantFrom(
		{ lastTimeChecked: '2024-10-06T10:00:00Z' },
		{ event: 'completed', handled: ['a'] },
		{ event: 'completed', handled: null },
		{ event: 'toString', handled: {} },
		{ handled: { a: 1 } },
	),
	fc
		.dictionary(fc.string(), fc.jsonValue())
		.filter((data) => !['completed', 'failed', 'finished'].includes(data.event as string)),
);

export interface History {
	event: TriggerEvent;
	startFrom: StartFrom;
	staticData: Record<string, unknown>;
	steps: Step[];
}

/** Any history of a published trigger. */
export const history: fc.Arbitrary<History> = fc.record({
	event,
	startFrom,
	staticData: foreignData as fc.Arbitrary<Record<string, unknown>>,
	steps: fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
});
