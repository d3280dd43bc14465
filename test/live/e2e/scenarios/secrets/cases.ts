import type { Fault } from '../../../../../playground/emulator/faults.ts';
import type { EmulatorOptions } from '../../../../../playground/emulator/server.ts';

type Parameters = Record<string, unknown>;

/** One workflow. */
export interface Case {
	what: string;
	/** @param jobId a job that has completed */
	parameters(jobId: string): Parameters;
	isTrigger?: boolean;
	/** Whether a person asks for signed links by it. */
	givesLinks?: boolean;
	faults?: Fault[];
	options?: EmulatorOptions;
	/** Instead of the emulator's. */
	baseUrl?: string;
	node?: Parameters;
	settings?: Parameters;
	/** The call during which the execution is stopped by hand. */
	stopAt?: string;
	/** What is wrong with how it ended; undefined for nothing. */
	problem?(status: string | undefined, error: string | undefined): string | undefined;
}

const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const job =
	(operation: string, more: Parameters = {}) =>
	(jobId: string): Parameters => ({ resource: 'job', operation, jobId: byId(jobId), ...more });
const exporting =
	(operation: string, more: Parameters = {}) =>
	(): Parameters => ({ resource: 'export', operation, dateRange: 'yesterday', ...more });
const list = (): Parameters => ({ resource: 'job', operation: 'getAll' });

const succeeds: Case['problem'] = (status, error) =>
	status === 'success' ? undefined : `${status}: ${error}`;
const failsWith =
	(words: string): Case['problem'] =>
	(status, error = '') =>
		status === 'error' && error.includes(words) ? undefined : `${status}: ${error}`;

const LOOKUPS = [
	'getBanners',
	'getChecklists',
	'getCompanyProperties',
	'getEmbeds',
	'getEventProperties',
	'getFeaturesAndEvents',
	'getFlows',
	'getResourceCenterModules',
	'getSegments',
	'getSpotlights',
	'getSurveys',
	'getUserProperties',
];

const successes: Case[] = [
	{ what: 'Export > Start', parameters: exporting('create') },
	{ what: 'Export > Get Events, rows', parameters: exporting('createAndWait') },
	{
		what: 'Export > Get Events, files',
		parameters: exporting('createAndWait', { output: 'files' }),
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
	{ what: 'Job > Download, rows', parameters: job('download') },
	{ what: 'Job > Download, files', parameters: job('download', { output: 'files' }) },
	{
		what: 'Job > Download, files as they are',
		parameters: job('download', { output: 'files', options: { decompress: false } }),
	},
	...LOOKUPS.map((operation) => ({
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
		what: 'the trigger, a job that cannot be looked at',
		parameters: () => ({}),
		faults: [{ operation: 'getJob', kind: 'html', status: 500 }],
	},
].map((test) => ({ ...test, isTrigger: true }) as Case);

const redirects = (location: string): Case[] =>
	[
		{ what: 'listing', parameters: list, operation: 'listJobs', status: 302 },
		{ what: 'a start', parameters: exporting('create'), operation: 'createExport', status: 307 },
		{ what: 'a look', parameters: job('get'), operation: 'getJob', status: 308 },
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
		problem: failsWith('redirects to http'),
	}));

const refusals: Case[] = [
	{
		what: 'a wrong key',
		parameters: list,
		faults: [{ operation: 'listJobs', kind: 'status', status: 401 }],
		problem: failsWith('(401)'),
	},
	{
		what: 'a wrong key, as an item',
		parameters: exporting('createAndWait'),
		faults: [{ operation: 'listJobs', kind: 'status', status: 401 }],
		node: { onError: 'continueRegularOutput' },
		problem: succeeds,
	},
	{
		what: 'a start that times out',
		parameters: exporting('create'),
		faults: [{ operation: 'createExport', kind: 'stall-body', bytes: 1, times: 1 }],
		problem: succeeds,
	},
	{
		what: 'a call that is stopped by hand',
		parameters: job('get'),
		faults: [{ operation: 'getJob', kind: 'stall-body', bytes: 1 }],
		stopAt: 'getJob',
	},
	{
		what: "a call that n8n's time limit stops",
		parameters: job('get'),
		faults: [{ operation: 'getJob', kind: 'stall-body', bytes: 1 }],
		settings: { executionTimeout: 4 },
	},
];

const files = (location: string): Case[] => [
	...(['rows', 'files'] as const).flatMap((output): Case[] => [
		{
			what: `${output} of a damaged file`,
			parameters: job('download', { output }),
			faults: [{ operation: 'file', kind: 'corrupt' }],
			// Where the byte was turned decides whether a row or the unpacking shows it first.
			problem: failsWith('File "'),
		},
		{
			what: `${output} of a file that breaks again and again`,
			parameters: job('download', { output }),
			faults: [{ operation: 'file', kind: 'truncate' }],
			problem: failsWith('to its end'),
		},
		{
			what: `${output} by links that have expired`,
			parameters: job('download', { output }),
			options: { linkTtlHours: 0 },
			problem: failsWith('refused the link, and a new one too (403)'),
		},
		{
			what: `${output} of a file that is redirected to another host`,
			parameters: job('download', { output }),
			faults: [{ operation: 'file', kind: 'redirect', location: `${location}/file` }],
			problem: succeeds,
		},
		{
			what: `${output} of a file that stalls`,
			parameters: job('download', { output }),
			faults: [{ operation: 'file', kind: 'stall-body', times: 1 }],
			problem: succeeds,
		},
	]),
	{
		what: 'a download that is stopped by hand',
		parameters: job('download'),
		faults: [{ operation: 'file', kind: 'stall-body' }],
		stopAt: 'file',
	},
];

const wrongServers = (elsewhere: string): Case[] => [
	{
		what: 'a server that says back the key in an error',
		parameters: list,
		baseUrl: `${elsewhere}/echo`,
		problem: failsWith('Unknown request'),
	},
	{
		what: 'a server that says back the key in an answer',
		parameters: job('get'),
		baseUrl: `${elsewhere}/echo`,
		problem: failsWith('was expected'),
	},
	{
		what: 'the key to a host over plain http',
		parameters: list,
		baseUrl: 'http://userpilot.invalid',
		problem: failsWith('does not start with https://'),
	},
];

/** Every operation and the trigger, when all goes well and when it does not. */
export const casesFor = (elsewhere: string): Case[] => [
	...successes,
	...triggers,
	...redirects(elsewhere),
	...refusals,
	...files(elsewhere),
	...wrongServers(elsewhere),
];
