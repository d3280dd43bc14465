import type { IDataObject, NodeApiError } from 'n8n-workflow';
import type { z } from 'zod/v3';

import { get, parseResult } from './client';
import type { ApiRequest, Connection, GetRequest } from './connection';
import { apiError, nodeApiError } from './errors';
import { collect } from './pagination';
import type { Page, PageRequest } from './pagination';
import { isSuccess, isTemporary, retryAfterMs, retryAfterOf } from './response';
import type { ApiResult } from './response';
import {
	jobListSchema,
	jobSchema,
	jobSummarySchema,
	lookupPageSchema,
	recordSchema,
} from './schemas';
import type { Job, JobSummary, LookupRecord } from './schemas';

const EXPORTS_PATH = '/api/v1/analytics/exports';

/** The body that starts an export. Days are `YYYY-MM-DD`, and both are included. */
export interface ExportRequest extends IDataObject {
	from: string;
	to: string;
	emails?: string[];
	event_type?: string[];
	user_id?: string[];
	company_id?: string[];
	segment_id?: string;
	format?: string;
	exclusions?: boolean;
}

/** The request that starts an export. Only jobs/start.ts sends it, which knows when it may be retried. */
export function createExportRequest(body: ExportRequest): ApiRequest {
	return {
		method: 'POST',
		path: EXPORTS_PATH,
		body,
		purpose: 'start the export',
		remedy:
			"Userpilot's message says which value is invalid. Fix that field in this node (dates, filters, format or emails), then try again.",
	};
}

/**
 * The valid entries of a list: an invalid one must not hide the others. n8n's log and `onSkipped` get a
 * sentence about those.
 */
function validEntries<Schema extends z.ZodTypeAny>(
	{ context, onSkipped }: Connection,
	{ purpose }: GetRequest,
	entries: unknown[],
	schema: Schema,
): Array<z.output<Schema>> {
	const valid = entries.flatMap((entry) => {
		const { success, data } = schema.safeParse(entry);
		return success ? [data as z.output<Schema>] : [];
	});
	const skipped = entries.length - valid.length;
	if (skipped > 0) {
		const sentence = `Skipped ${skipped} of ${entries.length} entries in the response to the request to ${purpose}. Their format is not documented.`;
		context.logger?.warn(`Userpilot: ${sentence}`);
		onSkipped?.(sentence);
	}
	return valid;
}

const jobListRequest = (purpose: string): GetRequest => ({
	path: `${EXPORTS_PATH}/jobs/`,
	purpose,
});

function parseJobs(connection: Connection, request: GetRequest, result: ApiResult): JobSummary[] {
	const entries = parseResult(connection, request, result, jobListSchema);
	return validEntries(connection, request, entries, jobSummarySchema);
}

/**
 * The jobs of the last 3 days that were started with this API key.
 *
 * @param purpose what the list is for, as in "Could not …"
 */
export async function listJobs(
	connection: Connection,
	purpose = 'list the export jobs',
): Promise<JobSummary[]> {
	const request = jobListRequest(purpose);
	return parseJobs(connection, request, await get(connection, request));
}

/** The same, but undefined after a temporary error. */
export async function listJobsIfReachable(
	connection: Connection,
): Promise<JobSummary[] | undefined> {
	const request = jobListRequest('list the export jobs');
	const result = await get(connection, request);
	return isTemporary(result) ? undefined : parseJobs(connection, request, result);
}

/** Dots lead to another path, even when encoded. Half a surrogate pair cannot be encoded. */
const UNUSABLE_ID = /^\.{1,2}$|\p{Surrogate}/u;

/** @throws {NodeApiError} a 404 when no URL can hold the ID, which may come from the API itself */
function jobRequest(connection: Connection, jobId: string): GetRequest {
	if (UNUSABLE_ID.test(jobId)) {
		throw nodeApiError(
			connection,
			{
				message: `Could not get job "${jobId.replace(/\p{Surrogate}/gu, '\uFFFD')}": a request cannot contain this ID`,
				description:
					'Nothing was sent. Start the export again, and report this ID to Userpilot support.',
			},
			404,
		);
	}
	return {
		path: `${EXPORTS_PATH}/jobs/${encodeURIComponent(jobId)}`,
		purpose: `get job "${jobId}"`,
		jobId,
	};
}

/** A job, with links to its files when it has completed. */
export async function getJob(connection: Connection, jobId: string): Promise<Job> {
	const request = jobRequest(connection, jobId);
	return parseResult(connection, request, await get(connection, request), jobSchema);
}

/** A job, or why its status could not be read, and how long the API asks to wait. */
export type JobCheck =
	| { job: Job }
	| { error: NodeApiError; isTemporary: boolean; retryAfterMs?: number };

/**
 * The same, for a caller that polls.
 *
 * @throws {NodeApiError} when the API rejects the request, or has no such job
 */
export async function checkJob(connection: Connection, jobId: string): Promise<JobCheck> {
	const request = jobRequest(connection, jobId);
	const result = await get(connection, request);
	if (isTemporary(result)) {
		const error = apiError(result, connection, request);
		return { error, isTemporary: true, retryAfterMs: retryAfterMs(retryAfterOf(result)) };
	}
	if (!isSuccess(result)) throw apiError(result, connection, request);
	try {
		return { job: parseResult(connection, request, result, jobSchema) };
	} catch (error) {
		return { error: error as NodeApiError, isTemporary: false };
	}
}

/** A lookup's endpoint: its last path segment, and its name in a sentence. */
export interface LookupEndpoint {
	path: string;
	noun: string;
	/** Whether it is documented to have pages. */
	paged: boolean;
}

function lookupRequest(
	{ path, noun, paged }: LookupEndpoint,
	{ cursor, size }: Partial<PageRequest>,
): GetRequest {
	return {
		path: `${EXPORTS_PATH}/lookups/${path}`,
		purpose: `get the ${noun}`,
		query: {
			...(cursor ? { after_cursor: cursor } : {}),
			...(paged && size !== undefined ? { limit: size } : {}),
		},
	};
}

/**
 * Reads pages of a lookup. The maximum page size is not documented: after ours is rejected (400, 422),
 * pages are requested without a size.
 */
export function lookupPages(connection: Connection, endpoint: LookupEndpoint) {
	let isSizeRejected = false;
	return async ({ cursor, size }: PageRequest): Promise<Page<LookupRecord>> => {
		let request = lookupRequest(endpoint, isSizeRejected ? { cursor } : { cursor, size });
		let result = await get(connection, request);
		if (request.query?.limit && result.kind === 'response' && [400, 422].includes(result.status)) {
			isSizeRejected = true;
			request = lookupRequest(endpoint, { cursor });
			result = await get(connection, request);
		}
		const { records, after } = parseResult(connection, request, result, lookupPageSchema);
		return { records: validEntries(connection, request, records, recordSchema), after };
	};
}

/**
 * The records of a lookup, up to `limit` (`Infinity` for all).
 *
 * @throws {NodeApiError} also when the pages never end
 */
export async function getLookup(
	connection: Connection,
	endpoint: LookupEndpoint,
	limit: number,
): Promise<LookupRecord[]> {
	const { records, problem } = await collect(lookupPages(connection, endpoint), limit);
	if (problem === undefined) return records;
	throw nodeApiError(connection, {
		message: `Could not get all ${endpoint.noun}: after ${records.length} records Userpilot sent ${problem}`,
		description:
			records.length > 0
				? `To get these records, turn 'Return All' off and set 'Limit' to ${records.length} or less. Report the error to Userpilot support.`
				: 'This lookup cannot be read. Report the error to Userpilot support.',
	});
}
