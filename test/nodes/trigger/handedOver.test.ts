import { ActiveTrigger, idOfTest } from '../../support/engine';
import type { Script } from '../../support/virtualTime';
import { inVirtualTime, transportOf } from '../../support/virtualTime';
import { details, summary } from './jobs';
import { logged } from './log';

const START = Date.parse('2024-10-06T10:44:50Z');
const SECOND_MS = 1_000;

describe('the first poll after n8n has started', () => {
	const log = logged();
	let jobs = [summary('old'), summary('a', 'in_progress'), summary('b', 'in_progress')];
	const script: Script = (path) =>
		path === '/jobs/' ? { body: jobs } : { body: details(path.split('/')[2]!) };
	const transport = transportOf(script);

	/** Sets the start of the process. */
	const begin = (time: number) =>
		jest.spyOn(performance, 'timeOrigin', 'get').mockReturnValue(time);

	/** A trigger fires for two jobs, and skips one. Then n8n starts again, so much later. */
	async function restarted(laterMs: number, durable = false) {
		jobs = [summary('old'), summary('a', 'in_progress'), summary('b', 'in_progress')];
		const trigger = new ActiveTrigger({}, {}, idOfTest(), { durable });
		await inVirtualTime(START, async () => {
			begin(START - SECOND_MS);
			await trigger.activate({ transport });
			jobs = [summary('old'), summary('a'), summary('b')];
			expect(await trigger.poll({ transport })).toHaveLength(2);
		});
		begin(START + laterMs);
		return await inVirtualTime(START + laterMs + 5 * SECOND_MS, async () => {
			if (durable) trigger.restart();
			else expect(await trigger.takeUp('init', { transport })).toBeNull();
			expect(await trigger.poll({ transport })).toBeNull();
			expect(await trigger.poll({ transport })).toBeNull();
			return log.warnings;
		});
	}

	it.each([false, true])(
		'logs once which jobs fired just before (durable: %s)',
		async (durable) => {
			const warnings = await restarted(119 * SECOND_MS, durable);
			expect(warnings).toEqual([
				expect.stringContaining('Jobs "a", "b" triggered workflow "Test"'),
			]);
			expect(warnings[0]).toContain('Job > Download');
			expect(warnings[0]).toContain('does not use durable poll cursors');
		},
	);

	it('logs nothing about jobs that fired earlier', async () => {
		expect(await restarted(121 * SECOND_MS)).toEqual([]);
	});

	it('logs nothing about jobs that were skipped, or fired in this process', async () => {
		const trigger = new ActiveTrigger({}, {}, 'silent');
		await inVirtualTime(START, async () => {
			jobs = [summary('old'), summary('a', 'in_progress')];
			await trigger.activate({ transport });
			begin(START + SECOND_MS);
			await trigger.takeUp('init', { transport });
			jobs = [summary('old'), summary('a')];
			expect(await trigger.poll()).toHaveLength(1);
			expect(await trigger.poll()).toBeNull();
		});
		expect(log.warnings).toEqual([]);
	});

	it('logs it even when Userpilot is unreachable', async () => {
		const trigger = new ActiveTrigger(
			{},
			{ event: 'completed', handled: { a: START }, fired: { a: START } },
			'unreachable',
		);
		begin(START + SECOND_MS);
		const down = transportOf(() => ({ failure: 'ECONNREFUSED' }));
		await inVirtualTime(START + 2 * SECOND_MS, async () => {
			expect(await trigger.takeUp('init', { transport: down })).toBeNull();
		});
		expect(log.warnings[0]).toContain('Job "a" triggered workflow "Test"');
	});
});
