import fc from 'fast-check';

import type { StartFrom, TriggerEvent } from '../../../../nodes/Userpilot/trigger/memory';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The responses to requests for the list, and for the details of a job. */
export type ListAnswer = 'right' | 'fails' | 'an HTML page' | 'hangs' | 'slow';
export type DetailsAnswer = 'right' | 'gone' | 'fails' | 'refused' | 'hangs' | 'slow' | 'behind';

/** What the API does during a poll. A bit of a mask stands for a job, in the order of their starts. */
export interface Weather {
	list: ListAnswer;
	unlisted: number;
	/** For the jobs in turn. */
	details: DetailsAnswer[];
	/** The list has each job twice, has invalid entries, or is reversed. */
	twice: boolean;
	odd: boolean;
	reversed: boolean;
}

export const FAIR: Weather = {
	list: 'right',
	unlisted: 0,
	details: ['right'],
	twice: false,
	odd: false,
	reversed: false,
};

/**
 * When n8n is killed: before it keeps anything of the poll (or within the transaction); after it has
 * saved the memory and before it writes the execution; after both.
 */
export type Kill = 'before' | 'between' | 'after';

export type Step =
	| { kind: 'start' }
	/** One of the running jobs ends, by its number modulo their count; `still`: at the same time as the last one. */
	| { kind: 'finish'; job: number; status: 'completed' | 'failed' | 'archived'; still: boolean }
	| { kind: 'wait'; ms: number }
	/** n8n's clock jumps. */
	| { kind: 'skew'; ms: number }
	| { kind: 'poll'; weather: Weather; kill?: Kill }
	| { kind: 'restart'; weather: Weather }
	/**
	 * Published again, edited or not; `during` a poll, whose result n8n may drop, or with a poll that begins
	 * meanwhile.
	 */
	| {
			kind: 'publish';
			event: TriggerEvent;
			startFrom: StartFrom;
			weather: Weather;
			during: 'a poll' | 'which a poll begins' | undefined;
			isDropped: boolean;
	  };

const event = fc.constantFrom<TriggerEvent>('completed', 'failed', 'finished');
const startFrom = fc.constantFrom<StartFrom>('now', 'existing');
const rarely = fc.nat(4).map((draw) => draw === 4);

/** Usually a valid value, otherwise anything. */
const mostly = <Value>(usual: Value, unusual: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
	fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: unusual });

const weather: fc.Arbitrary<Weather> = fc.record({
	list: mostly<ListAnswer>('right', fc.constantFrom('fails', 'an HTML page', 'hangs', 'slow')),
	unlisted: mostly(0, fc.nat(0xffff)),
	details: fc.array(
		mostly<DetailsAnswer>(
			'right',
			fc.constantFrom('gone', 'fails', 'refused', 'hangs', 'slow', 'behind'),
		),
		{ minLength: 1, maxLength: 8 },
	),
	twice: rarely,
	odd: rarely,
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
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constant('poll' as const),
			weather,
			kill: mostly<Kill | undefined>(undefined, fc.constantFrom('before', 'between', 'after')),
		}),
	},
	{
		weight: 3,
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
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), weather }) },
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('publish' as const),
			event,
			startFrom,
			weather,
			during: fc.constantFrom('a poll' as const, 'which a poll begins' as const, undefined),
			isDropped: fc.boolean(),
		}),
	},
);

/** Invalid static data, by others or damaged. It must be ignored. */
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
	/** Whether n8n's durable poll cursors are on. */
	durable: boolean;
	event: TriggerEvent;
	startFrom: StartFrom;
	staticData: Record<string, unknown>;
	/** Jobs that have completed before the workflow is first published. */
	existing: number;
	/** Whether a poll begins while it is. */
	isPolledMeanwhile: boolean;
	steps: Step[];
}

/** Any history of a published trigger. */
export const history: fc.Arbitrary<History> = fc.record({
	durable: fc.boolean(),
	event,
	startFrom,
	staticData: foreignData as fc.Arbitrary<Record<string, unknown>>,
	existing: fc.nat(2),
	isPolledMeanwhile: fc.boolean(),
	steps: fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }),
});
