import { useMockApi } from '../../support/api';
import { ActiveTrigger, runNode, searchList } from '../../support/engine';
import { JOBS, jobPath, lookupPath } from '../../support/paths';
import { details, ids, summary } from './jobs';
import { logged } from './log';

/** Invalid entries that a list may hold. */
const INVALID: unknown[] = [
	null,
	{ ...summary('x'), job_id: 4711 },
	{ ...summary('x'), job_id: undefined },
	{ ...summary('x'), job_id: '' },
	{ ...summary('no text'), status: 5 },
	{ ...summary('an object'), status: { name: 'completed' } },
	'job',
	7,
	[],
];
/** Fields that nothing depends on. */
const unusual = { ...summary('b'), progress: 100, end_time: 1728209000, start_time: {} };

describe.each([
	['100 jobs, one of them invalid', INVALID.map((odd) => [odd])],
	['a list with all invalid entries', [INVALID]],
])('%s', (_, lists) => {
	const api = useMockApi();
	const log = logged();

	it.each(lists.map((odd) => [JSON.stringify(odd), odd]))(
		'%s: the trigger fires',
		async (_, odd) => {
			const trigger = new ActiveTrigger({ startFrom: 'existing' });
			const others = Array.from({ length: 97 }, (_, job) => summary(`${job}`, 'in_progress'));
			api().get(JOBS, { body: [summary('a'), ...odd, ...others, unusual] });
			for (const id of ['a', 'b']) api().get(jobPath(id), { body: details(id) });
			expect(ids(await trigger.poll())!.sort()).toEqual(['a', 'b']);
			expect(log.warnings).toEqual([expect.stringContaining(`Skipped ${odd.length} of `)]);
		},
	);
});

describe('invalid entries', () => {
	const api = useMockApi();
	const jobs = [summary('a'), ...INVALID, unusual];

	it('in the list of jobs: Get Many skips them, and a hint counts them', async () => {
		api().get(JOBS, { body: jobs });
		const { items, hints } = await runNode({ resource: 'job', operation: 'getAll' });
		expect(items.map(({ json }) => json.job_id).sort()).toEqual(['a', 'b']);
		expect(hints.map(({ message }) => message)).toEqual([
			`Skipped ${INVALID.length} of ${jobs.length} entries in the response to the request to list the export jobs. Their format is not documented.`,
		]);
	});

	it('in a list of jobs without valid ones: Get Many does not say that there are no jobs', async () => {
		api().get(JOBS, { body: [{ status: 'completed' }] });
		const { items, hints } = await runNode({ resource: 'job', operation: 'getAll' });
		expect(items).toEqual([]);
		expect(hints.map(({ message }) => message)).toEqual([
			expect.stringMatching(/^Skipped 1 of 1 entries in the response/),
		]);
	});

	it('in the list of jobs: the list in the editor shows the others', async () => {
		api().get(JOBS, { body: jobs });
		const { results } = await searchList('searchJobs');
		expect(results.map(({ value }) => value).sort()).toEqual(['a', 'b']);
	});

	it('in the list of jobs: an export starts', async () => {
		api().always(JOBS, () => ({ body: INVALID }));
		api().post({ status: 201, body: { job_id: 'new' } });
		const { items } = await runNode({ operation: 'create' });
		expect(items[0]!.json.job_id).toBe('new');
	});

	it.each(['flows', 'segments'])(
		'of the lookup %s: the others are given, with a hint',
		async (path) => {
			const records = [{ id: 1 }, null, { id: 2 }, 'x', []];
			const body = path === 'flows' ? records : { data: records, metadata: {} };
			api().get(lookupPath(path), { body });
			const operation = path === 'flows' ? 'getFlows' : 'getSegments';
			const { items, hints } = await runNode({ resource: 'lookup', operation });
			expect(items.map(({ json }) => json)).toEqual([{ id: 1 }, { id: 2 }]);
			expect(hints.map(({ message }) => message)).toEqual([
				expect.stringMatching(/^Skipped 3 of 5 entries in the response/),
			]);
		},
	);

	it('in the segments: the list in the editor shows the others', async () => {
		api().get(lookupPath('segments'), { body: { data: [null, { id: 7, title: 'Trial' }] } });
		expect((await searchList('searchSegments')).results).toEqual([{ name: 'Trial', value: '7' }]);
	});

	const links = {
		presigned_urls: [null, 'x', { filename: 5, url: 'https://files.example.com/5' }],
	};

	it('in the links of a job: the trigger fires, with an item for each', async () => {
		const trigger = new ActiveTrigger({ startFrom: 'existing', output: 'links' });
		api().get(JOBS, { body: [summary('a')] });
		api().get(jobPath('a'), { body: { ...summary('a'), ...links } });
		expect((await trigger.poll())!.map(({ json }) => json.url)).toEqual([
			null,
			null,
			'https://files.example.com/5',
		]);
	});

	it('in the links of a job: a download fails instead of skipping files', async () => {
		api().get(jobPath('a'), { body: { ...summary('a'), ...links } });
		const { error } = await runNode({ resource: 'job', operation: 'download', jobId: 'a' });
		expect(error!.message).toMatch(/^Userpilot sent no link to file/);
	});
});
