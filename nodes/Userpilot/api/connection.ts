import { NodeOperationError, sleep } from 'n8n-workflow';
import type {
	IDataObject,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	IPollFunctions,
} from 'n8n-workflow';

/** Whatever n8n calls us with that can reach the API. */
export type ApiContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** Everything a call needs besides what it asks for. */
export interface Connection {
	context: ApiContext;
	baseUrl: string;
	/** Texts that must never be shown. */
	secrets: readonly string[];
	itemIndex?: number;
	/** The job that the requests concern; every error carries it. */
	jobId?: string;
	/** Unix time in ms after which no call goes on, waits, or is tried again. */
	deadline: number;
	/** Set where the caller itself tries again later. */
	isTriedOnce?: boolean;
	/** Told, in a sentence, of entries that were skipped. */
	onSkipped?: (sentence: string) => unknown;
}

export interface ApiCall {
	method: 'GET' | 'POST';
	path: string;
	query?: IDataObject;
	body?: IDataObject;
	/** What the user wanted, as in "could not …". */
	purpose: string;
	/** The job that the call asks about, if any. */
	jobId?: string;
	/** What a person can change where the API refuses a value of the call. */
	remedy?: string;
}

/** A call that reads. */
export type ReadCall = Omit<ApiCall, 'method' | 'body'>;

/** Tells when a person, or n8n's time limit, has stopped the execution; only an execution has one. */
export function cancelSignal(context: ApiContext): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
}

/** Older hosts have no sleep that can be interrupted, so a pause looks up this often. */
const SLICE_MS = 250;

/** @throws {NodeOperationError} whose word "canceled" makes n8n show the execution as such */
export function throwIfStopped(context: ApiContext): void {
	if (cancelSignal(context)?.aborted) {
		throw new NodeOperationError(context.getNode(), 'The execution was canceled');
	}
}

/**
 * Waits, and ends at once (within a quarter of a second) when the execution is stopped.
 *
 * @throws {NodeOperationError} when it was stopped
 */
export async function pause(context: ApiContext, ms: number): Promise<void> {
	const end = Date.now() + Math.ceil(ms);
	do {
		throwIfStopped(context);
		await sleep(Math.max(0, Math.min(SLICE_MS, end - Date.now())));
	} while (Date.now() < end);
}
