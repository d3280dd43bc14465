import type { INodeParameters } from 'n8n-workflow';

import { onFastClock } from '../../support/clock';
import { useMockApi } from '../../support/api';
import { runNode } from '../../support/engine';
import { ID } from '../../support/fileStore';
import { JOBS, jobPath } from '../../support/paths';

const NOW = '2024-10-06T10:44:50Z';
const DAYS = { from: '2024-09-29', to: '2024-10-05' };
const jobId = { __rl: true, mode: 'id', value: ID };

describe('A collection that is one expression', () => {
	const api = useMockApi();

	const started = async (parameters: INodeParameters, input = [{}]) => {
		api()
			.get(JOBS, { body: [] })
			.post({ status: 201, body: { job_id: 'a' } });
		const { result } = await onFastClock(NOW, () =>
			runNode({ operation: 'create', ...parameters }, { input }),
		);
		expect(result.error).toBeUndefined();
		return api().calls.at(-1)!.body;
	};

	it('filters the export by all fields of its object', async () => {
		const filters =
			'={{ ({ userIds: ["1", 2], companyIds: "a\\nb", eventTypes: ["track"], customEventTypes: "x_y", exclusions: true, segmentId: 12 }) }}';
		expect(await started({ filters })).toEqual({
			...DAYS,
			user_id: ['1', '2'],
			company_id: ['a', 'b'],
			event_type: ['track', 'x_y'],
			exclusions: true,
			segment_id: '12',
		});
	});

	it('takes a segment as the editor writes it', async () => {
		const filters = '={{ ({ segmentId: { __rl: true, mode: "list", value: "-2" } }) }}';
		expect(await started({ filters })).toMatchObject({ segment_id: '-2' });
	});

	it('may come from the input item, and be empty', async () => {
		const input = [{ wanted: { userIds: ['u1'] } }];
		expect(await started({ filters: '={{ $json.wanted }}' }, input)).toMatchObject({
			user_id: ['u1'],
		});
		expect(await started({ filters: '={{ ({}) }}' })).toEqual(DAYS);
	});

	it('works for the options, too', async () => {
		const options = '={{ ({ emails: "ada@example.com\\ngrace@example.com" }) }}';
		expect(await started({ options })).toMatchObject({
			emails: ['ada@example.com', 'grace@example.com'],
		});
	});

	it('filters the list of jobs', async () => {
		const jobs = ['completed', 'failed'].map((status) => ({ job_id: status, status }));
		api().get(JOBS, { body: jobs });
		const filters = '={{ ({ status: ["failed"] }) }}';
		const { items } = await runNode({ resource: 'job', operation: 'getAll', filters });
		expect(items.map(({ json }) => json.job_id)).toEqual(['failed']);
	});

	it('filters the files of a download', async () => {
		const presigned_urls = [api().file('a.json.gz', '{"a":{"b":1}}\n'), { filename: 'b', url: '' }];
		api().get(jobPath(ID), { body: { job_id: ID, status: 'completed', presigned_urls } });
		const options = '={{ ({ fileFilter: "a*", flatten: true }) }}';
		const { items } = await runNode({ resource: 'job', operation: 'download', jobId, options });
		expect(items.map(({ json }) => json)).toEqual([{ a_b: 1 }]);
	});

	it.each<[string, INodeParameters, RegExp]>([
		[
			'no value',
			{ filters: '={{ undefined }}' },
			/^'Filters' is set to an expression that returned no/,
		],
		[
			'null',
			{ options: '={{ null }}' },
			/^'Options' is set to an expression that returned no value/,
		],
		['a field that is not in the item', { filters: '={{ $json.x }}' }, /^'Filters' .* no value/],
		['text', { filters: '={{ "42" }}' }, /^'Filters' must be an object .*, not "42"$/],
		[
			'JSON as text',
			{ filters: '={{ JSON.stringify({ userIds: "1" }) }}' },
			/^'Filters' must be an object/,
		],
		['an array', { filters: '={{ ["1"] }}' }, /^'Filters' must be an object .*, not \["1"\]$/],
		['true', { options: '={{ true }}' }, /^'Options' must be an object .*, not true$/],
		['text without an expression', { filters: 'userIds' }, /^'Filters' must be an object/],
		[
			"the API's name of a field",
			{ filters: '={{ ({ user_id: "1" }) }}' },
			/^'Filters' has no field "user_id"\. Its fields are: .*userIds/,
		],
		[
			'a field of another collection',
			{ options: '={{ ({ userIds: "1" }) }}' },
			/^'Options' has no field "userIds"/,
		],
		[
			'a name of the language',
			{ filters: '={{ ({ constructor: "1" }) }}' },
			/no field "constructor"/,
		],
		['an empty field', { filters: '={{ ({ userIds: [] }) }}' }, /^'User IDs' is empty/],
		[
			'a wrong field',
			{ options: '={{ ({ maxWaitMinutes: "x" }) }}' },
			/^'Max Wait \(Minutes\)' must be/,
		],
	])('is rejected with %s before any request, by its name', async (_, parameters, message) => {
		const { error } = await runNode({ operation: 'create', ...parameters });
		expect(error!.message).toMatch(message);
		expect(error!.description).toContain('Nothing was sent');
		expect(api().calls).toEqual([]);
	});
});
