import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import nock from 'nock';

import { resources } from '../../../nodes/Userpilot/actions/resources';
import { API_KEY, BASE_URL } from '../../support/credentials';
import { ActiveTrigger, runNode, searchList } from '../../support/engine';
import { FUZZ_TIMEOUT_MS, fuzzOptions } from '../../support/fuzz';
import { JOBS } from '../../support/paths';
import { expectSentence } from '../../support/sentence';

const FILES_URL = 'https://files.example.com';

const ODD_TEXTS = [
	'',
	' ',
	'.',
	'..',
	'../x',
	'__proto__',
	'constructor',
	'canceled',
	'completed',
	'failed',
	'in_progress',
	'\ud800',
	'a\0b\r\n',
	'2024-10-06T10:00:00',
	'9'.repeat(400),
	'x'.repeat(5_000),
	`Token ${API_KEY}`,
];
const text = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary', maxLength: 20 }));
const key = fc.oneof(
	fc.constantFrom('__proto__', 'toString', 'error', 'json', 'binary', 'pairedItem', ''),
	fc.string({ maxLength: 5 }),
);
const leaf = fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null));
const { anything } = fc.letrec((tie) => ({
	anything: fc.oneof(
		{ depthSize: 'small' },
		leaf,
		fc.array(tie('anything'), { maxLength: 4 }),
		fc.dictionary(key, tie('anything'), { maxKeys: 4 }),
	),
}));

const odd = <T>(usual: fc.Arbitrary<T>) =>
	fc.oneof({ arbitrary: usual, weight: 12 }, { arbitrary: anything, weight: 1 });
const optional = <T>(fields: Record<string, fc.Arbitrary<T>>) =>
	fc.record(fields, { requiredKeys: [] });

const link = optional({
	filename: odd(text),
	url: odd(
		fc.constantFrom(
			`${FILES_URL}/a.json.gz?X=1`,
			'ftp://x/y',
			'file:///etc/passwd',
			'data:,x',
			'http://',
			'x',
		),
	),
});
const job = fc.record(
	{
		job_id: odd(fc.constantFrom('abc', 'abc', 'def', '..', '\ud800', '__proto__')),
		status: odd(fc.constantFrom('completed', 'completed', 'completed', 'failed', 'in_progress')),
		progress: odd(text),
		start_time: odd(text),
		end_time: odd(text),
		presigned_urls: odd(fc.array(link, { maxLength: 3 })),
		__proto__: anything,
	},
	{ requiredKeys: ['job_id'] },
);
const page = optional({
	data: odd(fc.array(odd(fc.dictionary(key, anything, { maxKeys: 3 })), { maxLength: 4 })),
	metadata: odd(optional({ cursor: odd(optional({ after: odd(text) })) })),
});
const nested = fc
	.tuple(fc.constantFrom('[', '{"a":', '[{"job_id":'), fc.constantFrom(400, 600, 20_000))
	.map(([opening, levels]) => {
		const closing = [...opening]
			.reverse()
			.join('')
			.replace(/[^[{]/g, '')
			.replaceAll('[', ']')
			.replaceAll('{', '}');
		return `${opening.repeat(levels)}1${closing.repeat(levels)}`;
	});
const errors = fc.record({
	errors: odd(fc.array(optional({ message: odd(text), details: odd(text) }))),
});
const many = fc.constant(Array.from({ length: 3_000 }, (_, index) => ({ job_id: `${index}` })));
const toJson = (value: unknown) => JSON.stringify(value) ?? '';

/** Mostly what the API promises there; now and then whatever JSON, or none. */
function answer(usual: fc.Arbitrary<unknown>): fc.Arbitrary<Answer> {
	const whatever = fc.oneof(
		fc.oneof(job, page, errors, anything, many).map(toJson),
		nested,
		fc.string({ unit: 'binary', maxLength: 40 }),
	);
	return fc.record({
		// Those that are asked for again, after a pause, would only take time.
		status: fc.oneof(
			{ arbitrary: fc.constant(200), weight: 12 },
			{ arbitrary: fc.constantFrom(201, 204, 304, 400, 401, 403, 404, 409, 422, 500), weight: 1 },
		),
		body: fc.oneof({ arbitrary: usual.map(toJson), weight: 6 }, { arbitrary: whatever, weight: 1 }),
	});
}
const server = fc.record({
	list: answer(fc.array(job, { maxLength: 4 })),
	job: answer(job),
	lookup: answer(page),
	post: answer(job),
});

interface Answer {
	status: number;
	body: string;
}
type Server = Record<'list' | 'job' | 'lookup' | 'post', Answer>;

function serve({ list, job: details, lookup, post }: Server): void {
	const reply = ({ status: code, body: content }: Answer): [number, string] => [code, content];
	nock(BASE_URL)
		.persist()
		.get(JOBS)
		.reply(() => reply(list))
		.get(/\/jobs\/./)
		.reply(() => reply(details))
		.get(/\/lookups\//)
		.query(true)
		.reply(() => reply(lookup))
		.post(/./)
		.reply(() => reply(post));
	nock(FILES_URL)
		.persist()
		.get(/./)
		.reply(() => [200, gzipSync('{"a":1}\n')]);
}

function expectItems(items: INodeExecutionData[]): void {
	for (const { json } of items) {
		expect(typeof json).toBe('object');
		expect(json).not.toBeNull();
		expect(Array.isArray(json)).toBe(false);
	}
	// n8n writes them down, and reads them again.
	expect(() => JSON.parse(JSON.stringify(items))).not.toThrow();
}

function expectError(error: Error & { description?: string | null }): void {
	expectSentence(error);
	expect(`${error.message} ${error.description}`).not.toContain(API_KEY);
}

const withId = { __rl: true, mode: 'id', value: 'abc' };
const operations: INodeParameters[] = resources.flatMap(({ value: resource, operations: own }) =>
	own.flatMap(({ value: operation }): INodeParameters[] => {
		const lookup = { resource, operation, returnAll: true };
		if (resource === 'lookup' || operation === 'getAll') return [lookup];
		const options = { maxWaitMinutes: 0, onConflict: 'useRunning', onBadRow: 'skip' };
		const one = { resource, operation, jobId: withId, options };
		if (operation === 'get' || operation === 'create') return [one];
		const outputs =
			operation === 'download' ? ['files', 'rows'] : ['links', 'files', 'job', 'rows'];
		return outputs.map((output) => ({ ...one, output }));
	}),
);

describe('any response of the API gives items, or an error that is a sentence', () => {
	beforeAll(() => {
		if (!nock.isActive()) nock.activate();
		nock.disableNetConnect();
	});
	afterEach(() => nock.cleanAll());
	afterAll(() => nock.restore());

	it(
		'by every operation',
		async () => {
			const outcomes = { items: 0, errors: 0 };
			await fc.assert(
				fc.asyncProperty(fc.constantFrom(...operations), server, async (parameters, given) => {
					serve(given);
					const { items, error } = await runNode(parameters);
					nock.cleanAll();
					outcomes[error ? 'errors' : 'items']++;
					if (error) expectError(error);
					else expectItems(items);
				}),
				fuzzOptions(300),
			);
			// Neither would prove anything if it never happened.
			expect(Math.min(outcomes.items, outcomes.errors)).toBeGreaterThan(0);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		'by the trigger',
		async () => {
			let fired = 0;
			const parameters = fc.record({
				event: fc.constantFrom('completed', 'failed', 'finished', 'finished'),
				output: fc.constantFrom('job', 'files'),
				startFrom: fc.constantFrom('existing', 'existing', 'existing', 'now'),
			});
			await fc.assert(
				fc.asyncProperty(parameters, fc.boolean(), server, async (fields, isTest, given) => {
					serve(given);
					const trigger = new ActiveTrigger(fields);
					const outcome = await trigger.poll(isTest ? { mode: 'manual' } : {}).then(
						(items) => ({ items }),
						(error: Error) => ({ error }),
					);
					nock.cleanAll();
					if ('error' in outcome) return expectError(outcome.error);
					expectItems(outcome.items ?? []);
					fired += outcome.items?.length ?? 0;
				}),
				fuzzOptions(300),
			);
			expect(fired).toBeGreaterThan(0);
		},
		FUZZ_TIMEOUT_MS,
	);

	it(
		"by the editor's lists",
		async () => {
			const lists = fc.constantFrom('searchJobs' as const, 'searchSegments' as const);
			await fc.assert(
				fc.asyncProperty(lists, server, text, async (list, given, filter) => {
					serve(given);
					const outcome = await searchList(list, filter).then(
						({ results }) => ({ results }),
						(error: Error) => ({ error }),
					);
					nock.cleanAll();
					if ('error' in outcome) return expectError(outcome.error);
					for (const { name } of outcome.results) expect(typeof name).toBe('string');
				}),
				fuzzOptions(80),
			);
		},
		FUZZ_TIMEOUT_MS,
	);
});
