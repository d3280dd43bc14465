import { lookups } from '../../../../nodes/Userpilot/actions/lookup/lookups';
import { fixtures } from '../../../fixtures/api';
import { useMockApi } from '../../../support/api';
import { runNode, runWorkflow } from '../../../support/engine';
import { lookupPath } from '../../../support/paths';
import workflow from './lookup.workflow.json';

const records = (total: number) =>
	Array.from({ length: total }, (_, id) => ({ id, title: `Record ${id}` }));

/** A page as the API gives it, with at most 100 records. */
function page(total: number, { after_cursor = '0', limit = '50' }: Record<string, string>) {
	const start = Number(after_cursor.replace('after-', ''));
	const end = Math.min(total, start + Math.min(100, Number(limit)));
	return {
		data: records(total).slice(start, end),
		metadata: {
			cursor: { after: end < total ? `after-${end}` : null, before: null },
			limit: Number(limit),
			total_count: Math.min(total, 500),
			total_count_cap_exceeded: total > 500,
		},
	};
}

describe('Lookup', () => {
	const api = useMockApi();

	it('returns the records of the documented examples', async () => {
		const examples = lookups.map((lookup) => ({
			lookup,
			body: fixtures.find(
				({ document, operationId }) => document === 'openapi' && operationId === lookup.value,
			)!.body as { data?: object[]; metadata?: { cursor: { after: string | null } } } | object[],
		}));
		for (const { lookup, body } of examples) {
			// The examples of pages are first pages whose next one is not shown.
			if (!Array.isArray(body)) body.metadata!.cursor.after = null;
			api().get(lookupPath(lookup.path), { body });
		}
		const runs = await runWorkflow(workflow as never);
		for (const { lookup, body } of examples) {
			const expected = Array.isArray(body) ? body : body.data!;
			expect(expected.length).toBeGreaterThan(0);
			expect(runs[lookup.value]!.items.map(({ json }) => json)).toEqual(expected);
			expect(runs[lookup.value]!.items[0]!.pairedItem).toEqual({ item: 0 });
		}
		expect(examples).toHaveLength(12);
	});

	it.each([
		[0, true, 50, 0, 1],
		[1, true, 50, 1, 1],
		[49, true, 50, 49, 1],
		[50, true, 50, 50, 1],
		[51, true, 50, 51, 1],
		[53, true, 50, 53, 1],
		[1000, true, 50, 1000, 10],
		[53, false, 50, 50, 1],
		[1000, false, 1, 1, 1],
		[1000, false, 101, 101, 2],
	])(
		'Get Segments of %i with Return All %s and limit %i gives %i in %i calls',
		async (total, returnAll, limit, given, calls) => {
			api().always(lookupPath('segments'), (query) => ({ body: page(total, query) }));
			const run = await runNode({ resource: 'lookup', returnAll, limit });
			expect(run.error).toBeUndefined();
			expect(run.items.map(({ json }) => json)).toEqual(records(given));
			expect(api().calls).toHaveLength(calls);
		},
	);

	it.each(lookups.map(({ value, path, paged }) => [value, path, paged] as const))(
		'%s takes an array as well as pages',
		async (operation, path, paged) => {
			const parameters = { resource: 'lookup', operation, returnAll: true };
			api().get(lookupPath(path), { body: records(120) });
			expect((await runNode(parameters)).items).toHaveLength(120);
			api().get(
				lookupPath(path),
				{ body: page(150, {}) },
				{ body: page(150, { after_cursor: 'after-50', limit: '100' }) },
			);
			expect((await runNode(parameters)).items).toHaveLength(150);
			if (!paged) api().allowUndocumentedCursor();
			const [first, , third] = api().calls;
			expect(first!.query).toEqual(paged ? { limit: '100' } : {});
			expect(third!.query).toEqual({ after_cursor: 'after-50', ...(paged && { limit: '100' }) });
		},
	);

	it.each([400, 422])(
		'goes on without a page size when the API refuses it with %i',
		async (status) => {
			api().always(lookupPath('segments'), (query) =>
				'limit' in query
					? { status, body: { errors: [{ message: 'limit too large' }] } }
					: { body: page(120, query) },
			);
			const run = await runNode({ resource: 'lookup', returnAll: true });
			expect(run.items).toHaveLength(120);
			// The refused call, and then pages of 50.
			expect(api().calls.map(({ query }) => query)).toEqual([
				{ limit: '100' },
				{},
				{ after_cursor: 'after-50' },
				{ after_cursor: 'after-100' },
			]);
		},
	);

	it('a 422 that has nothing to do with the page size is shown as it is', async () => {
		const refused = {
			status: 422,
			body: { errors: [{ message: 'No such environment', details: null }] },
		};
		api().get(lookupPath('segments'), refused, refused);
		expect((await runNode({ resource: 'lookup' })).error!.message).toBe(
			'Userpilot did not accept the request to get the segments (422): No such environment',
		);
	});

	it('a repeated cursor is an error', async () => {
		api().always(lookupPath('events_properties'), () => ({
			body: { data: records(2), metadata: { cursor: { after: 'same' } } },
		}));
		const { error } = await runNode({
			resource: 'lookup',
			operation: 'getEventProperties',
			returnAll: true,
		});
		expect(error!.message).toBe(
			'Could not get all event properties: after 4 records Userpilot sent the same page cursor twice',
		);
		expect(api().calls).toHaveLength(2);
	});

	it('sends a cursor back unchanged', async () => {
		const cursor = 'g3QAAAADZAAC+/=&?%20 ü';
		api().get(
			lookupPath('segments'),
			{ body: { data: records(1), metadata: { cursor: { after: cursor } } } },
			{ body: { data: records(1), metadata: { cursor: { after: null } } } },
		);
		await runNode({ resource: 'lookup', returnAll: true });
		expect(api().calls[1]!.query.after_cursor).toBe(cursor);
	});

	it.each([
		['text in place of records', ['a', 'b']],
		['no data', { metadata: {} }],
		['an error with status 200', { errors: [{ message: 'x' }] }],
	])('an error says when the response is %s', async (_, body) => {
		api().get(lookupPath('flows'), { body });
		const { error } = await runNode({ resource: 'lookup', operation: 'getFlows' });
		expect(error!.message).toMatch(/^Could not get the flows: Userpilot returned unexpected JSON/);
	});

	describe('Get Names of All IDs', () => {
		const getNames = { resource: 'lookup', operation: 'getNames' };
		const named = lookups.flatMap((lookup) => ('kind' in lookup ? [lookup] : []));
		const answerAll = () => {
			for (const { path, kind } of named) {
				api().get(lookupPath(path), { body: [{ id: 7, key: `${kind}-key`, title: `A ${kind}` }] });
			}
		};

		it('returns kind, ID, key and name of every record that rows can point to', async () => {
			answerAll();
			const { items } = await runNode(getNames);
			expect(items.map(({ json }) => json)).toEqual(
				named.map(({ kind }) => ({ kind, id: '7', key: `${kind}-key`, name: `A ${kind}` })),
			);
			expect(named.map(({ kind }) => kind).sort()).toEqual([
				...['banner', 'checklist', 'embed', 'experience', 'feature'],
				...['resource_center_module', 'spotlight', 'survey'],
			]);
		});

		it('has null for what a record lacks', async () => {
			api().get(lookupPath('banners'), { body: [{ data_type: 'string' }] });
			const { items } = await runNode({ ...getNames, returnAll: false, limit: 1 });
			expect(items[0]!.json).toEqual({ kind: 'banner', id: null, key: null, name: null });
		});

		it('requests no more lookups than the limit needs', async () => {
			api().get(lookupPath('banners'), { body: records(2) });
			api().get(lookupPath('checklists'), { body: records(2) });
			const { items } = await runNode({ ...getNames, returnAll: false, limit: 3 });
			expect(items.map(({ json }) => json.name)).toEqual(['Record 0', 'Record 1', 'Record 0']);
		});

		it('fails with the lookup that fails, because some names would be missing', async () => {
			api().get(lookupPath('banners'), { status: 403, body: { message: 'no' } });
			const { error } = await runNode(getNames);
			expect(error!.message).toMatch(/\(403\): no/);
		});
	});
});
