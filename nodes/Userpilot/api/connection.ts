import { NodeOperationError, sleep } from 'n8n-workflow';
import type {
	IDataObject,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	IPollFunctions,
} from 'n8n-workflow';

/** Whatever n8n calls us with that can reach the API. */
export type ApiContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** Everything a request needs besides what it asks for. */
export interface Connection<Context extends ApiContext = ApiContext> {
	context: Context;
	baseUrl: string;
	/** Texts that must never be shown. */
	secrets: readonly string[];
	itemIndex?: number;
	/** The job that the requests are about. Every error carries it. */
	jobId?: string;
	/** Unix time in ms after which no request is sent, waited for, or retried. */
	deadline: number;
	/** Turns retries off, where the caller tries again later. */
	isTriedOnce?: boolean;
	/** Gets a sentence about entries that were skipped. */
	onSkipped?: (sentence: string) => unknown;
}

export interface ApiRequest {
	method: 'GET' | 'POST';
	path: string;
	query?: IDataObject;
	body?: IDataObject;
	/** What it is for, as in "Could not …". */
	purpose: string;
	/** The job that it is about, if any. */
	jobId?: string;
	/** What a person can change when the API rejects a value of the request. */
	remedy?: string;
}

export type GetRequest = Omit<ApiRequest, 'method' | 'body'>;

/** Fires when a person, or n8n's timeout, stops the execution. Only an execution has one. */
export function cancelSignal(context: ApiContext): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
}

/** @throws {NodeOperationError} whose word "canceled" makes n8n show the execution as canceled */
export function throwIfStopped(context: ApiContext): void {
	if (cancelSignal(context)?.aborted) {
		throw new NodeOperationError(context.getNode(), 'The execution was canceled');
	}
}

/** Older n8n cannot interrupt a sleep, so a pause is made of slices. */
const SLICE_MS = 250;

/**
 * Waits, but no longer than a slice after the execution was stopped.
 *
 * @throws {NodeOperationError} when the execution was stopped
 */
export async function pause(context: ApiContext, ms: number): Promise<void> {
	const end = Date.now() + Math.ceil(ms);
	do {
		throwIfStopped(context);
		await sleep(Math.max(0, Math.min(SLICE_MS, end - Date.now())));
	} while (Date.now() < end);
}
