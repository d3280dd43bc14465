import {
	badRequest,
	exportRunning,
	jobNotFound,
	planRefused,
	unknownKey,
	unprocessable,
} from './errors.ts';
import { readExportRequest } from './export-request.ts';
import type { FileStore } from './files.ts';
import { createdAnswer, jobAnswer, listedAnswer } from './job-answers.ts';
import { appTokenOf, type JobStore } from './jobs.ts';
import { LOOKUP_NAMES, LOOKUPS } from './lookup-records.ts';
import { lookupReply } from './lookups.ts';
import { jsonReply, type Reply } from './reply.ts';
import type { Settings } from './settings.ts';

/** What the API's operations work on. */
export interface ApiContext {
	jobs: JobStore;
	files: FileStore;
	now: () => number;
	settings: () => Settings;
}

/** A request to an operation, its key already accepted. */
interface Call {
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
	answer: (call: Call) => Reply;
}

function createExport({ context, key, body }: Call): Reply {
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
	return jsonReply(201, createdAnswer(job));
}

function listJobs({ context, key }: Call): Reply {
	const nowMs = context.now();
	const listedFrom = nowMs - context.settings().listLagSeconds * 1000;
	const jobs = context.jobs.visible(key, nowMs, context.settings());
	return jsonReply(
		200,
		jobs.filter(({ startMs }) => startMs <= listedFrom).map((job) => listedAnswer(job, nowMs)),
	);
}

function getJob({ context, key, jobId }: Call): Reply {
	const nowMs = context.now();
	const jobs = context.jobs.visible(key, nowMs, context.settings());
	const job = jobs.find((candidate) => candidate.id === jobId);
	return job
		? jsonReply(200, jobAnswer(job, nowMs, context.files))
		: jobNotFound(jobId, appTokenOf(key));
}

const ROOT = '/api/v1/analytics/exports';

/** The documents disagree on the slash at the end of POST and of the list: both are taken there, nowhere else. */
const ROUTES: readonly Route[] = [
	{
		operationId: 'createExport',
		method: 'POST',
		path: new RegExp(`^${ROOT}/?$`),
		answer: createExport,
	},
	{
		operationId: 'listJobs',
		method: 'GET',
		path: new RegExp(`^${ROOT}/jobs/?$`),
		answer: listJobs,
	},
	{
		operationId: 'getJob',
		method: 'GET',
		path: new RegExp(`^${ROOT}/jobs/([^/]+)$`),
		answer: getJob,
	},
	...LOOKUP_NAMES.map(
		(name): Route => ({
			operationId: LOOKUPS[name].operationId,
			method: 'GET',
			path: new RegExp(`^${ROOT}/lookups/${name}$`),
			answer: ({ context, query }) => lookupReply(name, query, context.settings()),
		}),
	),
];

export const FILE_OPERATION = 'file';

/** Every name a fault can be bound to. */
export const OPERATIONS: readonly string[] = [
	...ROUTES.map((route) => route.operationId),
	FILE_OPERATION,
];

export const findRoute = (method: string, path: string): Route | undefined =>
	ROUTES.find((route) => route.method === method && route.path.test(path));

/** The key of an Authorization header; null when it is absent or not of the form `Token <key>`. */
export const keyOf = (header: string | undefined): string | null =>
	/^Token (\S+)$/.exec(header ?? '')?.[1] ?? null;

/** Refuses a key, or lets the route answer. */
export function answerRoute(
	route: Route,
	context: ApiContext,
	request: { key: string | null; url: URL; body: string },
): Reply {
	const { apiKeys, planlessKeys, planStatus } = context.settings();
	const { key, url, body } = request;
	if (key !== null && planlessKeys.includes(key)) return planRefused(planStatus, appTokenOf(key));
	if (key === null || !apiKeys.includes(key)) return unknownKey();
	const jobId = route.path.exec(url.pathname)?.[1] ?? '';
	return route.answer({ context, key, query: url.searchParams, body, jobId });
}
