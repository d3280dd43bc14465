import {
	badRequest,
	exportRunning,
	jobNotFound,
	planRejected,
	unknownKey,
	unprocessable,
} from './errors.ts';
import { readExportRequest } from './export-request.ts';
import type { FileStore } from './files.ts';
import { createdJob, jobDetails, listedJob } from './job-responses.ts';
import { appTokenOf, type JobStore } from './jobs.ts';
import { LOOKUP_NAMES, LOOKUPS } from './lookup-records.ts';
import { lookupReply } from './lookups.ts';
import { jsonReply, type Reply } from './reply.ts';
import type { Settings } from './settings.ts';

/** State that the API's operations read and change. */
export interface ApiContext {
	jobs: JobStore;
	files: FileStore;
	now: () => number;
	settings: () => Settings;
}

/** A request to an operation, with a valid key. */
interface ApiRequest {
	context: ApiContext;
	key: string;
	query: URLSearchParams;
	/** Text of the body. */
	body: string;
	jobId: string;
}

interface Route {
	operationId: string;
	method: 'GET' | 'POST';
	path: RegExp;
	respond: (request: ApiRequest) => Reply;
}

function createExport({ context, key, body }: ApiRequest): Reply {
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		return badRequest('The body is not JSON.');
	}
	const read = readExportRequest(parsed);
	if ('problem' in read) return unprocessable(read.problem);
	const nowMs = context.now();
	if (context.jobs.isRunning(key, nowMs)) return exportRunning();
	const job = context.jobs.start(key, read.request, nowMs, context.settings());
	return jsonReply(201, createdJob(job));
}

function listJobs({ context, key }: ApiRequest): Reply {
	const nowMs = context.now();
	const listedFrom = nowMs - context.settings().listLagSeconds * 1000;
	const jobs = context.jobs.visible(key, nowMs, context.settings());
	return jsonReply(
		200,
		jobs.filter(({ startMs }) => startMs <= listedFrom).map((job) => listedJob(job, nowMs)),
	);
}

function getJob({ context, key, jobId }: ApiRequest): Reply {
	const nowMs = context.now();
	const jobs = context.jobs.visible(key, nowMs, context.settings());
	const job = jobs.find((candidate) => candidate.id === jobId);
	return job
		? jsonReply(200, jobDetails(job, nowMs, context.files))
		: jobNotFound(jobId, appTokenOf(key));
}

const ROOT = '/api/v1/analytics/exports';

/** The documents disagree on the trailing slash of POST and of the list, so both forms work there and nowhere else. */
const ROUTES: readonly Route[] = [
	{
		operationId: 'createExport',
		method: 'POST',
		path: new RegExp(`^${ROOT}/?$`),
		respond: createExport,
	},
	{
		operationId: 'listJobs',
		method: 'GET',
		path: new RegExp(`^${ROOT}/jobs/?$`),
		respond: listJobs,
	},
	{
		operationId: 'getJob',
		method: 'GET',
		path: new RegExp(`^${ROOT}/jobs/([^/]+)$`),
		respond: getJob,
	},
	...LOOKUP_NAMES.map(
		(name): Route => ({
			operationId: LOOKUPS[name].operationId,
			method: 'GET',
			path: new RegExp(`^${ROOT}/lookups/${name}$`),
			respond: ({ context, query }) => lookupReply(name, query, context.settings()),
		}),
	),
];

export const FILE_OPERATION = 'file';

/** Every name that a fault can have as its operation. */
export const OPERATIONS: readonly string[] = [
	...ROUTES.map((route) => route.operationId),
	FILE_OPERATION,
];

export const findRoute = (method: string, path: string): Route | undefined =>
	ROUTES.find((route) => route.method === method && route.path.test(path));

/** The key of an Authorization header; null if it is missing or not of the form `Token <key>`. */
export const keyOf = (header: string | undefined): string | null =>
	/^Token (\S+)$/.exec(header ?? '')?.[1] ?? null;

/** The response to a request: a rejected key, or the route's own response. */
export function respondToRoute(
	route: Route,
	context: ApiContext,
	request: { key: string | null; url: URL; body: string },
): Reply {
	const { apiKeys, planlessKeys, planStatus } = context.settings();
	const { key, url, body } = request;
	if (key !== null && planlessKeys.includes(key)) return planRejected(planStatus, appTokenOf(key));
	if (key === null || !apiKeys.includes(key)) return unknownKey();
	const jobId = route.path.exec(url.pathname)?.[1] ?? '';
	return route.respond({ context, key, query: url.searchParams, body, jobId });
}
