import type { JobSummary } from '../../../nodes/Userpilot/api/schemas';
import type { Memory, TriggerEvent } from '../../../nodes/Userpilot/trigger/memory';
import {
	afterFiring,
	dueJobs,
	FORGET_AFTER_MS,
	matchingJobs,
	openMemory,
	readMemory,
} from '../../../nodes/Userpilot/trigger/memory';

const NOW = Date.parse('2024-10-06T10:00:00Z');

const job = (job_id: string, status: string, end_time?: string): JobSummary => ({
	job_id,
	status,
	start_time: '2024-10-06T08:00:00',
	end_time,
});

const jobs = [
	job('c', 'completed', '2024-10-06T09:00:00.000002Z'),
	job('r', 'in_progress'),
	job('f', 'failed', '2024-10-06T08:30:00'),
	job('a', 'completed', '2024-10-06T08:45:00.5'),
	job('x', 'exploded', '2024-10-06T08:50:00Z'),
];
const ids = (list: JobSummary[]) => list.map(({ job_id }) => job_id);

const memoryOf = (event: TriggerEvent, ...handled: string[]): Memory => ({
	event,
	handled: Object.fromEntries(handled.map((id) => [id, 1])),
	fired: {},
	baselines: 0,
});

describe('matchingJobs', () => {
	it.each<[TriggerEvent, string[]]>([
		['completed', ['a', 'c']],
		['failed', ['f']],
		['finished', ['f', 'a', 'c']],
	])(
		'%s: the first to finish first, without running jobs and unknown statuses',
		(event, expected) => {
			expect(ids(matchingJobs(jobs, event))).toEqual(expected);
		},
	);

	it.each([
		[
			'with and without a zone',
			['2024-10-06T10:30:00+02:00', '2024-10-06T08:31:00', '2024-10-06T08:32:00Z'],
		],
		[
			'with and without fractions',
			['2024-10-06T08:30:00', '2024-10-06T08:30:00.000999', '2024-10-06T08:30:01Z'],
		],
	])('reads times %s as UTC', (_, [first, second, third]) => {
		const shuffled = [
			job('3', 'completed', third),
			job('1', 'completed', first),
			job('2', 'completed', second),
		];
		expect(ids(matchingJobs(shuffled, 'completed'))).toEqual(['1', '2', '3']);
	});

	it('sorts a job without an end by its start', () => {
		const list = [
			{ ...job('late', 'completed'), start_time: '2024-10-06T09:00:00' },
			{ ...job('early', 'completed'), end_time: null, start_time: '2024-10-06T08:00:00' },
			{ ...job('never', 'completed'), end_time: 'nonsense', start_time: null },
		];
		expect(ids(matchingJobs(list, 'completed'))).toEqual(['never', 'early', 'late']);
	});

	it('returns a job that is listed twice once', () => {
		expect(ids(matchingJobs([...jobs, ...jobs], 'finished'))).toEqual(['f', 'a', 'c']);
	});
});

describe('readMemory', () => {
	it.each<[string, Record<string, unknown>, Memory | undefined]>([
		['nothing', {}, undefined],
		['its own', { event: 'failed', handled: { a: 1 } }, memoryOf('failed', 'a')],
		['its own among others', { lastPoll: 'x', event: 'failed', handled: {} }, memoryOf('failed')],
		[
			'damaged entries',
			{ event: 'completed', handled: { a: 1, b: 'x', c: null }, fired: 'a', baselines: 'one' },
			memoryOf('completed', 'a'),
		],
		['an unknown event', { event: 'toString', handled: {} }, undefined],
		['an array for ids', { event: 'completed', handled: ['a'] }, undefined],
		['text for ids', { event: 'completed', handled: 'a' }, undefined],
		['null for ids', { event: 'completed', handled: null }, undefined],
	])('reads %s', (_, staticData, memory) => {
		expect(readMemory(staticData)).toEqual(memory);
	});
});

describe('openMemory', () => {
	it.each<[string, Memory | undefined, TriggerEvent, 'now' | 'existing', string[], string[]]>([
		// name, memory, event, start from, handled, due
		['first poll, from now', undefined, 'completed', 'now', ['a', 'c', 'f'], []],
		['first poll, existing', undefined, 'completed', 'existing', [], ['a', 'c']],
		['a later poll', memoryOf('completed', 'a'), 'completed', 'now', ['a'], ['c']],
		['a later poll, existing', memoryOf('completed', 'a'), 'completed', 'existing', ['a'], ['c']],
		['event widened', memoryOf('completed', 'a'), 'finished', 'now', ['a', 'f'], ['c']],
		['event narrowed', memoryOf('finished', 'a'), 'completed', 'now', ['a'], ['c']],
		['event changed', memoryOf('completed', 'a', 'c'), 'failed', 'now', ['a', 'c', 'f'], []],
		[
			'event widened, existing',
			memoryOf('completed', 'a'),
			'finished',
			'existing',
			['a'],
			['f', 'c'],
		],
	])('%s', (_, before, event, startFrom, handled, due) => {
		const opened = openMemory(before, jobs, { event, startFrom, now: NOW });
		expect(opened.event).toBe(event);
		expect(Object.keys(opened.handled).sort()).toEqual(handled);
		expect(ids(dueJobs(opened, jobs))).toEqual(due);
	});

	it('does not change its arguments', () => {
		const before = memoryOf('completed', 'a');
		Object.freeze(before.handled);
		openMemory(Object.freeze(before), jobs, { event: 'finished', startFrom: 'now', now: NOW });
		expect(before).toEqual(memoryOf('completed', 'a'));
	});
});

describe('dueJobs', () => {
	it('handles IDs such as __proto__', () => {
		const odd = ['constructor', '__proto__', 'toString'].map((id) => job(id, 'completed'));
		expect(ids(dueJobs(memoryOf('completed'), odd))).toHaveLength(3);
		const memory = afterFiring(memoryOf('completed'), ids(odd), ids(odd), NOW);
		const stored = readMemory(JSON.parse(JSON.stringify(memory)))!;
		expect(ids(dueJobs(stored, odd))).toEqual([]);
	});
});

describe('afterFiring', () => {
	it('keeps IDs for much longer than the 3 days that jobs are listed', () => {
		expect(FORGET_AFTER_MS).toBe(14 * 86_400_000);
	});

	const old = NOW - FORGET_AFTER_MS;

	it.each<[string, Record<string, number>, string[], JobSummary[], string[]]>([
		['remembers what fired', { a: NOW - 1 }, ['c'], jobs, ['a', 'c']],
		['keeps recent IDs that are no longer listed', { gone: old + 1 }, [], [], ['gone']],
		['drops old IDs that are no longer listed', { gone: old }, ['a'], jobs, ['a']],
		['keeps old IDs that are listed', { a: old - 1, c: 0 }, [], jobs, ['a', 'c']],
		['keeps everything when the list is empty', { a: NOW, c: NOW }, [], [], ['a', 'c']],
		['keeps IDs when the clock was set back', { a: NOW + FORGET_AFTER_MS }, [], [], ['a']],
	])('%s', (_, handled, fired, listed, kept) => {
		const memory = afterFiring({ ...memoryOf('completed'), handled }, fired, ids(listed), NOW);
		expect(Object.keys(memory.handled).sort()).toEqual(kept);
	});
});
