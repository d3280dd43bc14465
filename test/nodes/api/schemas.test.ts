import {
	createdExportSchema,
	jobListSchema,
	jobSchema,
	lookupPageSchema,
} from '../../../nodes/Userpilot/api/schemas';
import { fixtures } from '../../fixtures/api';

describe('the schemas', () => {
	const schemas: Record<string, { parse(body: unknown): unknown }> = {
		createExport: createdExportSchema,
		listJobs: jobListSchema,
		getJob: jobSchema,
	};
	const successes = fixtures.filter(({ status }) => status < 300);

	it('have an example of every kind of response', () => {
		expect(new Set(successes.map(({ operationId }) => operationId)).size).toBe(15);
	});

	it.each(successes.map((fixture) => [fixture.file, fixture] as const))(
		'accept %s, with all its fields',
		(_, { operationId, body }) => {
			const schema = schemas[operationId];
			if (schema) {
				expect(schema.parse(body)).toEqual(body);
				return;
			}
			const page = body as { data?: unknown[]; metadata?: { cursor: { after: string } } };
			expect(lookupPageSchema.parse(body)).toEqual({
				records: page.data ?? body,
				after: page.metadata?.cursor.after ?? null,
			});
		},
	);

	it.each([
		['ids as text or numbers', [{ id: '-2' }, { id: 12 }, { id: null }]],
		['unknown fields', [{ a: { b: [1, null, 'c'] } }]],
	])('accept %s in a lookup', (_, records) => {
		expect(lookupPageSchema.parse(records)).toEqual({ records, after: null });
		expect(lookupPageSchema.parse({ data: records })).toEqual({ records, after: null });
	});

	it.each([
		[{ cursor: { after: null, before: null } }, null],
		[{ cursor: { after: '', before: null } }, null],
		[{ cursor: null }, null],
		[undefined, null],
		[{ cursor: { after: 'g3QA' }, limit: 50, total_count: 53 }, 'g3QA'],
	])('find the next cursor in %j', (metadata, after) => {
		expect(lookupPageSchema.parse({ data: [], metadata })).toEqual({ records: [], after });
	});

	it('accept elapsed seconds as a number and as text', () => {
		const jobs = [
			{ job_id: 'a', elapsed_time_seconds: 44 },
			{ job_id: 'b', elapsed_time_seconds: '44' },
		];
		expect(jobListSchema.parse(jobs)).toEqual(jobs);
	});
});
