import { useMockApi } from '../../support/api';
import { ActiveTrigger, idOfTest } from '../../support/engine';
import { JOBS, jobPath } from '../../support/paths';
import { details, ids, summary } from './jobs';

const durable = true;

describe('with durable poll cursors, where n8n drops the memory of the poll at publishing', () => {
	const api = useMockApi();
	const list = (...jobs: object[]) => api().get(JOBS, { body: jobs });
	const withDetails = (...jobs: Array<ReturnType<typeof details>>) =>
		jobs.forEach((job) => api().get(jobPath(job.job_id), { body: job }));

	const publish = async (parameters = {}) => {
		const trigger = new ActiveTrigger(parameters, {}, idOfTest(), { durable });
		list(summary('old'), summary('ours', 'in_progress'), summary('broken', 'failed'));
		expect(await trigger.activate()).toBeNull();
		return trigger;
	};

	it.each([
		['the next poll', async () => {}],
		['a restart of n8n', async (trigger: ActiveTrigger) => trigger.restart()],
		[
			'a second publishing',
			async (trigger: ActiveTrigger) => {
				list(summary('old'), summary('ours', 'in_progress'));
				expect(await trigger.activate()).toBeNull();
			},
		],
	])('a job that finishes between publishing and %s fires once', async (_, between) => {
		const trigger = await publish();
		await between(trigger);
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(ids(await trigger.poll())).toEqual(['ours']);
		list(summary('old'), summary('ours'));
		expect(await trigger.poll()).toBeNull();
	});

	it('a poll with an outdated memory, because n8n writes it late, fires and changes nothing', async () => {
		const trigger = await publish();
		const { database } = trigger;
		list(summary('old'), summary('ours'), summary('late'));
		withDetails(details('ours'), details('late'));
		expect(ids(await trigger.poll())).toEqual(['ours', 'late']);
		const written = trigger.database;
		trigger.database = database;
		expect(await trigger.poll()).toBeNull();
		expect(trigger.database.cursors.get(idOfTest()) ?? '{}').toBe('{}');
		trigger.database = written;
		list(summary('old'), summary('ours'), summary('late'));
		expect(await trigger.poll()).toBeNull();
	});

	it('a poll with a memory from before several polls fires and changes nothing', async () => {
		const trigger = await publish();
		const { database } = trigger;
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(ids(await trigger.poll())).toEqual(['ours']);
		list(summary('old'), summary('ours'), summary('late'));
		withDetails(details('late'));
		expect(ids(await trigger.poll())).toEqual(['late']);
		// n8n read it when it planned the poll, and was busy since then.
		trigger.database = database;
		expect(await trigger.poll()).toBeNull();
		expect(trigger.database.cursors.get(idOfTest()) ?? '{}').toBe('{}');
	});

	it('a job that fires at publishing fires once, also when n8n saves that late', async () => {
		const trigger = await publish();
		const before = trigger.database;
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(ids(await trigger.activate())).toEqual(['ours']);
		const saved = trigger.database;
		trigger.database = before;
		expect(await trigger.poll()).toBeNull();
		trigger.database = saved;
		list(summary('old'), summary('ours'));
		expect(await trigger.poll()).toBeNull();
	});

	it('a job fires again when n8n has lost the result of the poll', async () => {
		const { now } = Date;
		const trigger = await publish();
		const { database } = trigger;
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(ids(await trigger.poll())).toEqual(['ours']);
		trigger.database = database;
		const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 46_000);
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(ids(await trigger.poll())).toEqual(['ours']);
		clock.mockRestore();
	});

	it('a job that finishes before the workflow is published a second time fires there', async () => {
		const trigger = await publish();
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(ids(await trigger.activate())).toEqual(['ours']);
		list(summary('old'), summary('ours'));
		expect(await trigger.poll()).toBeNull();
	});

	it('a wider event skips jobs that finished before its publishing, and none later', async () => {
		const trigger = await publish();
		list();
		await trigger.poll();
		trigger.setParameters({ event: 'finished' });
		list(summary('old'), summary('broken', 'failed'), summary('ours', 'in_progress'));
		expect(await trigger.activate()).toBeNull();
		list(summary('old'), summary('broken', 'failed'), summary('ours', 'failed'));
		withDetails(details('ours', 'failed'));
		expect(ids(await trigger.poll())).toEqual(['ours']);
	});

	it("the copy of an earlier publishing never replaces the node's own memory", async () => {
		const trigger = await publish();
		const stale = trigger.saved;
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(ids(await trigger.poll())).toEqual(['ours']);
		expect(trigger.saved).toBe(stale);
		trigger.restart();
		list(summary('old'), summary('ours'), summary('broken', 'failed'));
		expect(await trigger.poll()).toBeNull();
		// Edited, and n8n has lost what the poll skipped then.
		trigger.setParameters({ event: 'failed' });
		list(summary('ours'), summary('broken', 'failed'));
		expect(await trigger.poll()).toBeNull();
		list(summary('broken', 'failed'), summary('late', 'failed'));
		withDetails(details('late', 'failed'));
		expect(ids(await trigger.poll())).toEqual(['late']);
		trigger.setParameters({ event: 'completed' });
		list(summary('ours'), summary('later'));
		expect(await trigger.poll()).toBeNull();
	});

	it('Existing Jobs fires at publishing for jobs that it can fetch, and later for the rest', async () => {
		const trigger = new ActiveTrigger({ startFrom: 'existing' }, {}, idOfTest(), { durable });
		list(summary('a'), summary('b'));
		withDetails(details('a'));
		api().get(jobPath('b'), { status: 404, body: '' });
		expect(ids(await trigger.activate())).toEqual(['a']);
		list(summary('a'), summary('b'));
		withDetails(details('b'));
		expect(ids(await trigger.poll())).toEqual(['b']);
	});

	it('a second publishing with a memory from before a poll fires for nothing', async () => {
		const trigger = await publish();
		const { database } = trigger;
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(ids(await trigger.poll())).toEqual(['ours']);
		const written = trigger.database;
		trigger.database = database;
		expect(await trigger.activate()).toBeNull();
		trigger.database = written;
		list(summary('old'), summary('ours'));
		expect(await trigger.poll()).toBeNull();
	});

	it('a poll that begins before the poll at publishing has ended fires and changes nothing', async () => {
		const trigger = new ActiveTrigger({ startFrom: 'existing' }, {}, idOfTest(), { durable });
		list(summary('a'));
		withDetails(details('a'));
		const [atPublishing, meanwhile] = await Promise.all([trigger.activate(), trigger.poll()]);
		expect([ids(atPublishing), meanwhile]).toEqual([['a'], null]);
		list(summary('a'));
		expect(await trigger.poll()).toBeNull();
	});

	it('two triggers of a workflow keep their own copies, and do not change other data', async () => {
		const first = new ActiveTrigger({}, {}, 'first', { durable });
		const second = new ActiveTrigger({ event: 'failed' }, {}, 'second', { durable, beside: first });
		for (const trigger of [first, second]) {
			list(summary('old'), summary('broken', 'failed'));
			expect(await trigger.activate()).toBeNull();
		}
		list(summary('old'), summary('ours'));
		withDetails(details('ours'));
		expect(ids(await first.poll())).toEqual(['ours']);
		list(summary('broken', 'failed'), summary('late', 'failed'));
		withDetails(details('late', 'failed'));
		expect(ids(await second.poll())).toEqual(['late']);
	});

	it('the copies stay small: one per trigger, with listed jobs only', async () => {
		const trigger = await publish();
		for (let times = 0; times < 5; times++) {
			list(...Array.from({ length: 50 }, (_, job) => summary(`job-${times}-${job}`)));
			trigger.setParameters({ event: times % 2 ? 'completed' : 'failed' });
			expect(await trigger.activate()).toBeNull();
		}
		const { global } = JSON.parse(trigger.saved) as { global: object };
		expect(JSON.stringify(global).length).toBeLessThan(50 * 60);
	});
});

describe('without durable poll cursors, where n8n stores the memory by the name of the node', () => {
	const api = useMockApi();

	it('a renamed trigger starts again, without the copy of an earlier publishing', async () => {
		const trigger = new ActiveTrigger();
		api().get(JOBS, { body: [summary('old')] });
		await trigger.activate();
		api().get(JOBS, { body: [summary('old'), summary('ours')] });
		api().get(jobPath('ours'), { body: details('ours') });
		expect(ids(await trigger.poll())).toEqual(['ours']);
		trigger.edit({ name: 'Exports' });
		api().get(JOBS, { body: [summary('old'), summary('ours')] });
		expect(await trigger.activate()).toBeNull();
	});

	it('two triggers that share an ID have a memory each', async () => {
		const first = new ActiveTrigger({}, {}, 'same');
		const second = new ActiveTrigger({ event: 'failed' }, {}, 'same', { beside: first });
		const polls = async () => {
			const [fromFirst, fromSecond] = await Promise.all([first.poll(), second.poll()]);
			return [ids(fromFirst), ids(fromSecond)];
		};
		api().always(JOBS, () => ({ body: jobs }));
		let jobs = [summary('a', 'in_progress'), summary('b', 'in_progress')];
		expect(await polls()).toEqual([null, null]);
		jobs = [summary('a'), summary('b', 'failed')];
		api().get(jobPath('a'), { body: details('a') });
		api().get(jobPath('b'), { body: details('b', 'failed') });
		expect(await polls()).toEqual([['a'], ['b']]);
	});
});
