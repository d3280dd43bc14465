import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';
import nock from 'nock';

import { resources } from '../../../nodes/Userpilot/actions/resources';
import { runAsTool } from '../../support/agent';
import { MockApi } from '../../support/api';
import { BASE_URL } from '../../support/credentials';
import { runNode } from '../../support/engine';
import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';
import { EXPORTS, JOBS } from '../../support/paths';
import { expectSentence } from '../../support/sentence';

const ODD_TEXTS = [
	'',
	' ',
	'.',
	'..',
	'../lookups/segments',
	'%2e%2e',
	'a/b?c=d#e',
	'__proto__',
	'constructor',
	'{{ 1 }}',
	'[',
	'["a"]',
	'[1, [2]]',
	'null',
	'0x10',
	'1e308',
	'-1',
	'NaN',
	'2024-02-30',
	'2024-05-02T00:00:00+14:00',
	'a\0b\r\nX-Injected: 1',
	'canceled',
	'\ud800',
	'x'.repeat(20_000),
];
const EXPRESSIONS = [
	'={{ undefined }}',
	'={{ NaN }}',
	'={{ Infinity }}',
	'={{ 10n }}',
	'={{ $now }}',
	'={{ new Date("x") }}',
	'={{ ({ toString: 1 }) }}',
	'={{ [undefined, null] }}',
	'={{ () => 1 }}',
	'={{ Symbol("x") }}',
	'={{ nonsense( }}',
];
const text = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 30 }),
	fc.constantFrom(...ODD_TEXTS),
	fc.constantFrom('completed', 'json', 'custom', '2024-05-02', 'a@example.com', 'abc', '5'),
);
const json = fc.oneof(fc.jsonValue({ maxDepth: 2 }), text, fc.array(text, { maxLength: 3 }));
/** Typed by a person, or given by an expression, as by an agent. */
const value = fc.oneof(
	text,
	fc.boolean(),
	fc.integer(),
	json.map((given) => `={{ ${JSON.stringify(given)} }}`),
	fc.constantFrom(...EXPRESSIONS),
);
const locator = fc.oneof(
	value.map((given) => ({ __rl: true, mode: 'id', value: given })),
	value,
);

const some = (fields: Record<string, fc.Arbitrary<unknown>>) =>
	fc.record(fields, { requiredKeys: [] });
const waiting = { maxWaitMinutes: value, onTimeout: value };
const conflict = { emails: value, onConflict: value };
const downloading = {
	binaryPropertyName: value,
	decompress: value,
	fileFilter: value,
	flatten: value,
	maxFileSizeMb: value,
	onBadRow: value,
};
const output = fc.oneof(fc.constantFrom('links', 'files', 'job', 'rows'), value);
const limits = { returnAll: fc.oneof(fc.boolean(), value), limit: value };
const filters = some({
	eventTypes: value,
	customEventTypes: value,
	userIds: value,
	companyIds: value,
	segmentId: locator,
	exclusions: value,
	status: value,
});
const exporting = {
	dateRange: fc.oneof(fc.constant('custom'), fc.constant('last7Days'), value),
	from: fc.oneof(fc.constant('2024-05-02'), value),
	to: fc.oneof(fc.constant('2024-05-31'), value),
	format: fc.oneof(fc.constant('json'), value),
	filters,
};
const all = {
	...exporting,
	...limits,
	jobId: fc.oneof(fc.constant({ __rl: true, mode: 'id', value: 'abc' }), locator),
	output,
	options: some({ ...waiting, ...conflict, ...downloading }),
};

const operations = resources.flatMap(({ value: resource, operations: own }) =>
	own.map(({ value: operation }) => ({ resource, operation })),
);
const parameters = fc
	.tuple(fc.constantFrom(...operations), some(all))
	.map(([operation, fields]) => ({ ...fields, ...operation }) as INodeParameters);

describe('any text in any field', () => {
	/** A new one for each run, so that what was wrong with one does not stick to the next. */
	let api: MockApi;
	beforeAll(() => {
		if (!nock.isActive()) nock.activate();
		nock.disableNetConnect();
	});
	afterAll(() => nock.restore());

	/** An API that has a job for each ID, without files. */
	function serve() {
		nock.cleanAll();
		api = new MockApi();
		const record = (
			request: { headers: Record<string, string> },
			...call: [string, string, unknown]
		) => api.record(...call, request.headers).path;
		nock(BASE_URL)
			.persist()
			.get(/./)
			.reply(function (uri, body) {
				const path = record(this.req as never, 'GET', uri, body);
				const isJob = path.startsWith(JOBS) && path !== JOBS;
				return [200, isJob ? { job_id: 'abc', status: 'completed', presigned_urls: [] } : []];
			})
			.post(EXPORTS)
			.reply(function (uri, body) {
				record(this.req as never, 'POST', uri, body);
				return [201, { job_id: 'abc' }];
			});
	}

	/** n8n itself refuses to run a node whose required field is empty. */
	async function errorOf(given: INodeParameters): Promise<Error | undefined> {
		return await runNode(given).then(
			({ error }) => error,
			(error: Error) => error,
		);
	}

	function expectCallOrError(error: Error | undefined): void {
		if (error) {
			expectSentence(error);
			expect(api.calls).toEqual([]);
		} else {
			expect(api.calls.length).toBeGreaterThan(0);
		}
		// An ID cannot lead a call to another path.
		for (const { path } of api.calls) expect(path).toMatch(/^\/api\/v1\/analytics\/exports/);
		nock.cleanAll();
		api.verify();
	}

	it(
		'gives a request that matches the contract, or an error before it',
		async () => {
			const outcomes = { calls: 0, errors: 0 };
			await fc.assert(
				fc.asyncProperty(parameters, async (given) => {
					serve();
					const error = await errorOf(given);
					outcomes[error ? 'errors' : 'calls']++;
					expectCallOrError(error);
				}),
				fuzzOptions(250),
			);
			// Neither would prove anything if it never happened.
			expect(Math.min(outcomes.calls, outcomes.errors)).toBeGreaterThan(0);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		'as a tool of an agent, too',
		async () => {
			await fc.assert(
				fc.asyncProperty(parameters, async (given) => {
					serve();
					// The agent gets an error as its tool's answer, so only the calls tell.
					await runAsTool('engine', given, {});
					nock.cleanAll();
					api.verify();
				}),
				fuzzOptions(40),
			);
		},
		FUZZ_TIMEOUT_MS,
	);
});
