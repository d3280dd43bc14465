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
