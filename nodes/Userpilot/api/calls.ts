import type { IDataObject, NodeApiError } from 'n8n-workflow';
import type { z } from 'zod/v3';

import type { Answer } from './response';
import { isSuccess, mayRecover, retryAfterMs } from './response';
import type { ApiCall, Connection, ReadCall } from './connection';
import { errorOf, nodeApiError } from './errors';
import type { Page, PageRequest } from './pagination';
import { collect } from './pagination';
import { bodyOf, read } from './client';
import type { Job, JobSummary, LookupRecord } from './schemas';
import {
	jobListSchema,
	jobSchema,
	jobSummarySchema,
	lookupPageSchema,
	recordSchema,
	validOnes,
} from './schemas';

const EXPORTS_PATH = '/api/v1/analytics/exports';

/** The body that starts an export; days are `YYYY-MM-DD`, and both count. */
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

/** The call that starts an export. It is sent by jobs/start.ts alone, which knows when it may be repeated. */
export function createExportCall(body: ExportRequest): ApiCall {
	return {
		method: 'POST',
		path: EXPORTS_PATH,
		body,
		purpose: 'start the export',
		remedy:
			"Userpilot's words say which value it does not take: correct that field of this node (dates, filters, format or e-mails), and run this again.",
	};
}

/** The valid entries of a list. n8n's log, and whoever asked for it, is told of the others. */
function skipOdd<Schema extends z.ZodTypeAny>(
	{ context, onSkipped }: Connection,
	{ purpose }: ReadCall,
	entries: unknown[],
	schema: Schema,
): Array<z.output<Schema>> {
	const { valid, skipped } = validOnes(entries, schema);
	if (skipped > 0) {
		const count = `${skipped} ${skipped === 1 ? 'entry' : 'entries'}`;
		const sentence = `Skipped ${count} of ${entries.length} in the response to the request to ${purpose}: not of the documented form.`;
		context.logger?.warn(`Userpilot: ${sentence}`);
		onSkipped?.(sentence);
	}
	return valid;
}

const jobsOf = (connection: Connection, call: ReadCall, answer: Answer): JobSummary[] =>
	skipOdd(connection, call, bodyOf(connection, call, answer, jobListSchema), jobSummarySchema);

const jobListCall = (purpose: string): ReadCall => ({ path: `${EXPORTS_PATH}/jobs/`, purpose });

/**
 * The jobs of the last 3 days that were started with this API key.
 *
 * @param purpose what the list is wanted for, as in "could not …"
 */
export async function listJobs(
	connection: Connection,
	purpose = 'list the export jobs',
): Promise<JobSummary[]> {
	const call = jobListCall(purpose);
	return jobsOf(connection, call, await read(connection, call));
}

/** The same, for one who can wait: undefined while the API is unreachable or fails. */
export async function listJobsIfReachable(
	connection: Connection,
): Promise<JobSummary[] | undefined> {
	const call = jobListCall('list the export jobs');
	const answer = await read(connection, call);
	return mayRecover(answer) ? undefined : jobsOf(connection, call, answer);
}

/** Dots alone lead to another path, however they are encoded; half a character cannot be encoded at all. */
const UNUSABLE_ID = /^\.{1,2}$|\p{Surrogate}/u;

/**
 * @throws {NodeApiError} when no call can ask for a job of that ID, as if the API had no such job: the
 * ID need not come from a person
 */
function jobCall(connection: Connection, jobId: string): ReadCall {
	if (UNUSABLE_ID.test(jobId)) {
		throw nodeApiError(
			connection,
			{
				message: `Could not get job "${jobId.replace(/\p{Surrogate}/gu, '\uFFFD')}": Userpilot cannot be asked for a job with such an ID`,
				description: 'Nothing was asked. Start the export again, and tell Userpilot about it.',
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

/** One job, with links to its files once it is completed. */
export async function getJob(connection: Connection, jobId: string): Promise<Job> {
	const call = jobCall(connection, jobId);
	return bodyOf(connection, call, await read(connection, call), jobSchema);
}

/**
 * What a look at a job shows: the job, or what is wrong, whether that is known to pass, and how long
 * the API asks to wait.
 */
export type Look =
	| { job: Job }
	| { problem: NodeApiError; mayPass: boolean; retryAfterMs?: number };

/**
 * The same, for one who can wait and look again.
 *
 * @throws {NodeApiError} when the API refuses, or has no such job
 */
export async function lookAtJob(connection: Connection, jobId: string): Promise<Look> {
	const call = jobCall(connection, jobId);
	const answer = await read(connection, call);
	if (mayRecover(answer)) {
		const problem = errorOf(answer, connection, call);
		return { problem, mayPass: true, retryAfterMs: retryAfterMs(answer) };
	}
	if (!isSuccess(answer)) throw errorOf(answer, connection, call);
	try {
		return { job: bodyOf(connection, call, answer, jobSchema) };
	} catch (problem) {
		return { problem: problem as NodeApiError, mayPass: false };
	}
}

/** A lookup's endpoint: its last path segment, and its name in a sentence. */
export interface LookupEndpoint {
	path: string;
	noun: string;
	/** Whether the documents say that it comes in pages. */
	paged: boolean;
}

function lookupCall(
	{ path, noun, paged }: LookupEndpoint,
	{ cursor, size }: Partial<PageRequest>,
): ReadCall {
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
 * Reads pages of a lookup. The largest page size is documented nowhere: where the one we ask for is
 * refused (400, 422), the pages are read without one.
 */
export function lookupPages(connection: Connection, endpoint: LookupEndpoint) {
	let isSizeRefused = false;
	return async ({ cursor, size }: PageRequest): Promise<Page<LookupRecord>> => {
		let call = lookupCall(endpoint, isSizeRefused ? { cursor } : { cursor, size });
		let answer = await read(connection, call);
		if (call.query?.limit && answer.kind === 'response' && [400, 422].includes(answer.status)) {
			isSizeRefused = true;
			call = lookupCall(endpoint, { cursor });
			answer = await read(connection, call);
		}
		const { records, after } = bodyOf(connection, call, answer, lookupPageSchema);
		return { records: skipOdd(connection, call, records, recordSchema), after };
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
	const { purpose } = lookupCall(endpoint, {});
	const remedy =
		records.length > 0
			? `Turn Return All off and set Limit to ${records.length} or less to get the records before it, and tell Userpilot about it.`
			: 'Nothing can be read of this lookup as it is: tell Userpilot about it.';
	throw nodeApiError(connection, {
		message: `Could not ${purpose} to the end: after ${records.length} records Userpilot sent ${problem}`,
		description: remedy,
	});
}
