import type { Fault } from '../../../../../playground/emulator/faults.ts';
import { LOOKUPS } from '../../../../../playground/emulator/lookup-records.ts';
import type { EmulatorOptions } from '../../../../../playground/emulator/server.ts';
import {
	byId,
	downloadOf,
	getEvents,
	type Parameters,
	startExport,
} from '../../../harness/workflows.ts';

/** One workflow. */
export interface Case {
	what: string;
	/** @param jobId a job that has completed */
	parameters(jobId: string): Parameters;
	isTrigger?: boolean;
	/** Whether it returns signed links. */
	givesLinks?: boolean;
	faults?: Fault[];
	options?: EmulatorOptions;
	/** Instead of the emulator's. */
	baseUrl?: string;
	node?: Parameters;
	settings?: Parameters;
	/** The request during which the execution is stopped by hand. */
	stopAt?: string;
	/** What is wrong with how it ended, or undefined. */
	problem?(status: string | undefined, error: string | undefined): string | undefined;
}

const job =
	(operation: string, more: Parameters = {}) =>
	(jobId: string): Parameters => ({ resource: 'job', operation, jobId: byId(jobId), ...more });
const download =
	(output: string, more: Parameters = {}) =>
	(jobId: string): Parameters =>
		downloadOf(jobId, output, more);
const list = (): Parameters => ({ resource: 'job', operation: 'getAll' });

const succeeds: Case['problem'] = (status, error) =>
	status === 'success' ? undefined : `${status}: ${error}`;
const failsWith =
	(text: RegExp): Case['problem'] =>
	(status, error = '') =>
		status === 'error' && text.test(error) ? undefined : `${status}: ${error}`;

/** The operations are named as in the API's contract. */
const lookups = Object.values(LOOKUPS).map(({ operationId }) => operationId);

const successes: Case[] = [
	{ what: 'Export > Start', parameters: () => startExport() },
	{ what: 'Export > Get Events, rows', parameters: () => getEvents() },
	{
		what: 'Export > Get Events, files',
		parameters: () => getEvents({ output: 'files' }),
	},
	{ what: 'Job > Get', parameters: job('get'), givesLinks: true },
	{ what: 'Job > Get Many', parameters: list },
	{ what: 'Job > Wait, the job', parameters: job('wait'), givesLinks: true },
	{
		what: 'Job > Wait, links',
		parameters: job('wait', { output: 'links' }),
		givesLinks: true,
	},
	{ what: 'Job > Wait, rows', parameters: job('wait', { output: 'rows' }) },
	{ what: 'Job > Download, rows', parameters: download('rows') },
	{ what: 'Job > Download, files', parameters: download('files') },
	{
		what: 'Job > Download, files as they are',
		parameters: download('files', { options: { decompress: false } }),
	},
	...lookups.map((operation) => ({
		what: `Lookup > ${operation}`,
		parameters: () => ({ resource: 'lookup', operation, returnAll: true }),
	})),
].map((test) => ({ ...test, problem: succeeds }));

const triggers: Case[] = [
	{ what: 'the trigger, jobs', parameters: () => ({}), givesLinks: true, problem: succeeds },
	{
		what: 'the trigger, links',
		parameters: () => ({ output: 'links' }),
		givesLinks: true,
		problem: succeeds,
	},
	{
		what: 'the trigger, a wrong key',
		parameters: () => ({}),
		faults: [{ operation: 'listJobs', kind: 'status', status: 401 }],
	},
	{
		what: 'the trigger, a job whose details fail',
		parameters: () => ({}),
		faults: [{ operation: 'getJob', kind: 'html', status: 500 }],
	},
].map((test) => ({ ...test, isTrigger: true }) as Case);

const redirects = (location: string): Case[] =>
	[
		{ what: 'listing', parameters: list, operation: 'listJobs', status: 302 },
		{ what: 'a start', parameters: () => startExport(), operation: 'createExport', status: 307 },
		{ what: 'getting a job', parameters: job('get'), operation: 'getJob', status: 308 },
		{
			what: 'a lookup',
			parameters: () => ({ resource: 'lookup', operation: 'getSegments' }),
			operation: 'getSegments',
			status: 301,
		},
	].map(({ what, parameters, operation, status }) => ({
		what: `${what} that is redirected (${status}) to another host`,
		parameters,
		faults: [{ operation, kind: 'redirect', status, location: `${location}/api` }],
		problem: failsWith(/redirect/),
	}));

const refusals: Case[] = [
	{
		what: 'a wrong key',
		parameters: list,
		faults: [{ operation: 'listJobs', kind: 'status', status: 401 }],
		problem: failsWith(/401/),
	},
	{
		what: 'a wrong key, as an item',
		parameters: () => getEvents(),
		faults: [{ operation: 'listJobs', kind: 'status', status: 401 }],
		node: { onError: 'continueRegularOutput' },
		problem: succeeds,
	},
	{
		what: 'a start that times out',
		parameters: () => startExport(),
		faults: [{ operation: 'createExport', kind: 'stall-body', bytes: 1, times: 1 }],
		problem: succeeds,
	},
	{
		what: 'a request that is stopped by hand',
		parameters: job('get'),
		faults: [{ operation: 'getJob', kind: 'stall-body', bytes: 1 }],
		stopAt: 'getJob',
	},
	{
		what: "a request that n8n's time limit stops",
		parameters: job('get'),
		faults: [{ operation: 'getJob', kind: 'stall-body', bytes: 1 }],
		settings: { executionTimeout: 4 },
	},
];

const files = (location: string): Case[] => [
	...(['rows', 'files'] as const).flatMap((output): Case[] => [
		{
			what: `${output} of a damaged file`,
			parameters: download(output),
			faults: [{ operation: 'file', kind: 'corrupt' }],
			// Where the byte was changed decides whether a row or decompression shows it first.
			problem: failsWith(/File |download/),
		},
		{
			what: `${output} of a file that is dropped each time`,
			parameters: download(output),
			faults: [{ operation: 'file', kind: 'truncate' }],
			problem: failsWith(/File |download/),
		},
		{
			what: `${output} by links that have expired`,
			parameters: download(output),
			options: { linkTtlHours: 0 },
			problem: failsWith(/403/),
		},
		{
			what: `${output} of a file that is redirected to another host`,
			parameters: download(output),
			faults: [{ operation: 'file', kind: 'redirect', location: `${location}/file` }],
			problem: succeeds,
		},
		{
			what: `${output} of a file that stalls`,
			parameters: download(output),
			faults: [{ operation: 'file', kind: 'stall-body', times: 1 }],
			problem: succeeds,
		},
	]),
	{
		what: 'a download that is stopped by hand',
		parameters: download('rows'),
		faults: [{ operation: 'file', kind: 'stall-body' }],
		stopAt: 'file',
	},
];

const wrongServers = (elsewhere: string): Case[] => [
	{
		what: 'a server that repeats the key in an error',
		parameters: list,
		baseUrl: `${elsewhere}/echo`,
		problem: failsWith(/Unknown request/),
	},
	{
		what: 'a server that repeats the key in a response',
		parameters: job('get'),
		baseUrl: `${elsewhere}/echo`,
		problem: failsWith(/expected/),
	},
	{
		what: 'the key for a host over plain http',
		parameters: list,
		baseUrl: 'http://userpilot.invalid',
		problem: failsWith(/https:/),
	},
];

/** Every operation and the trigger, with and without faults. */
export const casesFor = (elsewhere: string): Case[] => [
	...successes,
	...triggers,
	...redirects(elsewhere),
	...refusals,
	...files(elsewhere),
	...wrongServers(elsewhere),
];
