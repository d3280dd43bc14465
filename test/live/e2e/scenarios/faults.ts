import { gzipSync } from 'node:zlib';

import type { Fault } from '../../../../playground/emulator/faults.ts';
import type { Emulator, EmulatorOptions } from '../../../../playground/emulator/server.ts';
import { showStep } from '../../../../playground/progress.ts';
import { hasEnded, type RecordedExecution } from '../database.ts';
import type { Context } from '../scenario.ts';
import { until } from '../until.ts';
import { userpilotOf } from '../watch.ts';
import { exportWorkflow, START, USERPILOT } from '../workflows.ts';

/** A call without an answer takes 60 s. */
const ENDS_WITHIN_MS = 150_000;
const ROWS_PER_DAY = 50;

interface Case {
	promise: string;
	faults?: Fault[];
	options?: EmulatorOptions;
	parameters(jobId: string): Record<string, unknown>;
	/** How many items must come; without it, an error. */
	items?: number;
	/** What the error says, message and description. */
	says?: RegExp[];
}

const getMany = () => ({ resource: 'job', operation: 'getAll' });
const create = () => ({ resource: 'export', operation: 'create', dateRange: 'yesterday' });
const createAndWait = () => ({
	resource: 'export',
	operation: 'createAndWait',
	dateRange: 'yesterday',
});
const download =
	(output: string, options: Record<string, unknown> = {}) =>
	(jobId: string) => ({
		resource: 'job',
		operation: 'download',
		jobId: { __rl: true, mode: 'id', value: jobId },
		output,
		options,
	});
const segments = () => ({ resource: 'lookup', operation: 'getSegments', returnAll: true });

const always = (operation: string, kind: Fault['kind'], more: Partial<Fault> = {}): Fault[] => [
	{ operation, kind, ...more },
];
const once = (...args: Parameters<typeof always>): Fault[] =>
	always(...args).map((fault) => ({ ...fault, times: 1 }));
const fileOf = (bytes: Buffer): Fault[] =>
	always('file', 'body', { base64: bytes.toString('base64') });

const row = `${JSON.stringify({ event: 'page_view' })}\n`;
const packed = gzipSync(row.repeat(9));

/** Those that lose data, or a night, where a node takes them lightly. */
const CASES: Case[] = [
	{
		promise: '401: the key, and where to copy it from',
		faults: always('listJobs', 'status', { status: 401 }),
		parameters: getMany,
		says: [/did not accept the API key \(401\): Unauthorized/, /Copy the API key again/],
	},
	{
		promise: 'the plan: named, not the key',
		options: { planlessKeys: ['e2e-key'] },
		parameters: create,
		says: [/plan does not include the Analytics Export API/, /No export was started|ask Userpilot/],
	},
	{
		promise: "422: Userpilot's words, and that no export was started",
		faults: always('createExport', 'status', { status: 422 }),
		parameters: create,
		says: [/start the export \(422\): Unprocessable Entity/, /No export was started/],
	},
	{
		promise: '429 with Retry-After: waited for, and complete',
		faults: once('listJobs', 'status', { status: 429, retryAfter: 2 }),
		parameters: getMany,
		items: 1,
	},
	{
		promise: '429 with Retry-After of an hour: when to run it again',
		faults: always('listJobs', 'status', { status: 429, retryAfter: 3600 }),
		parameters: getMany,
		says: [/too many requests \(429\)/, /in 60 minutes/],
	},
	{
		promise: '502 with a page, again and again: whose fault it is',
		faults: always('getSegments', 'html'),
		parameters: segments,
		says: [/server failed \(502\): an HTML page/, /not with your settings/],
	},
	{
		promise: '200 without a word to the start of an export: found in the list',
		faults: once('createExport', 'truncate', { bytes: 1 }),
		parameters: createAndWait,
		items: ROWS_PER_DAY,
	},
	{
		promise: '200 with a page: something else answers',
		faults: always('listJobs', 'html', { status: 200 }),
		parameters: getMany,
		says: [/an HTML page \("200 Welcome"\) instead of JSON/, /check any proxy/],
	},
	{
		promise: 'a redirect to another host: not followed, and where it leads',
		faults: always('listJobs', 'redirect', { location: 'https://elsewhere.example.com/x' }),
		parameters: getMany,
		says: [
			/redirects to https:\/\/elsewhere\.example\.com \(302\)/,
			/keep the API key from other servers/,
		],
	},
	{
		promise: 'a body that breaks off: asked again, and complete',
		faults: once('getSegments', 'truncate', { bytes: 9 }),
		parameters: segments,
		items: 53,
	},
	{
		promise: 'an answer that never comes: asked again after a minute, and complete',
		faults: once('listJobs', 'silence'),
		parameters: getMany,
		items: 1,
	},
	{
		promise: 'a file that breaks in the middle: taken up again, and complete',
		faults: once('file', 'truncate', { bytes: 700 }),
		parameters: download('rows'),
		items: ROWS_PER_DAY,
	},
	{
		promise: 'a file that stalls in the middle: taken up again after a minute, and complete',
		faults: once('file', 'stall-body', { bytes: 700 }),
		parameters: download('rows'),
		items: ROWS_PER_DAY,
	},
	{
		promise: 'a link that has expired: renewed, and complete',
		faults: once('file', 'body', { status: 403, text: '<Error><Code>AccessDenied</Code></Error>' }),
		parameters: download('files'),
		items: 1,
	},
	{
		promise: 'a link that has expired for good: how long links live',
		options: { linkTtlHours: 0 },
		parameters: download('rows'),
		says: [/a new one too \(403\): AccessDenied: Request has expired/, /work for 2 days/],
	},
	{
		promise: 'a file store that is not found: its name, and whom to ask',
		options: { filesUrl: 'https://files.invalid' },
		parameters: download('rows'),
		says: [/has a host name that cannot be found/, /can reach files\.invalid/],
	},
	{
		promise: 'a gzip file that is cut off: no rows, and no part of them',
		faults: fileOf(packed.subarray(0, packed.length - 9)),
		parameters: download('rows'),
		says: [/is truncated: its gzip data ends too early/, /No data from this file was returned/],
	},
	{
		promise: 'a gzip file with a wrong byte: damaged, whatever its rows look like',
		faults: always('file', 'corrupt'),
		parameters: download('rows', { onBadRow: 'skip' }),
		says: [/is damaged: its gzip data/, /start the export again/],
	},
	{
		promise: 'a file that unpacks to more than its limit: the limit and the file',
		faults: fileOf(gzipSync(row.repeat(100_000))),
		parameters: download('rows', { maxFileSizeMb: 1 }),
		says: [
			/"\d{4}-\d\d-\d\d\.json\.gz" of job .* is larger than 1 MB/,
			/Raise Options > Max File Size/,
		],
	},
	{
		promise: 'a cursor that repeats: ended, with what can be had',
		faults: always('getSegments', 'body', {
			text: '{"data":[{"id":1}],"metadata":{"cursor":{"after":"AAAA"}}}',
		}),
		parameters: segments,
		says: [/the same page cursor twice/, /set 'Limit' to/],
	},
];

/** Faults of the API and its file store, in a real n8n: each has its sentence, or is got over. */
export async function faults({ instance, findings }: Context): Promise<void> {
	const runs: Array<{ test: Case; emulator: Emulator; name: string }> = [];
	const read = (name: string): RecordedExecution | undefined =>
		instance.read((database) => database.executions(name)).at(-1);
	await showStep(`Running ${CASES.length} cases side by side`, async () => {
		for (const [index, test] of CASES.entries()) {
			const name = `fault-${index}`;
			const { emulator, credentialId } = await userpilotOf(instance, name, {
				jobSeconds: 2,
				rowsPerDay: ROWS_PER_DAY,
				...test.options,
				faults: test.faults,
			});
			runs.push({ test, emulator, name });
			const [jobId = ''] = emulator.control.seedJobs();
			const parameters = test.parameters(jobId);
			await instance.client.createWorkflow(exportWorkflow(name, credentialId, parameters));
			await instance.client.runWorkflow(name, START);
		}
		await until(() => runs.every(({ name }) => hasEnded(read(name))), ENDS_WITHIN_MS, 500);
	});
	for (const { test, emulator, name } of runs) {
		const problem = problemOf(test, read(name));
		findings.check(test.promise, problem === undefined, problem);
		await emulator.close();
	}
}

/** What is wrong with how it ended; undefined for nothing. */
function problemOf({ items, says = [] }: Case, execution: RecordedExecution | undefined) {
	if (!hasEnded(execution)) return 'did not end';
	const { error, output } = execution;
	if (items !== undefined) {
		const count = output(USERPILOT)?.length;
		return error ?? (count === items ? undefined : `${count} items instead of ${items}`);
	}
	if (error === undefined) return 'no error';
	const missing = says.find((words) => !words.test(error));
	return missing && `${missing} is not in: ${error}`;
}
