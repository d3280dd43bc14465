/** What is measured: our node, or the same done with nothing but Node. */
export type Work =
	| 'node: rows'
	| 'node: summary'
	| 'node: first 100 rows'
	| 'node: binary'
	| 'node: a response'
	| 'bare: NDJSON rows'
	| 'bare: NDJSON rows, none kept'
	| 'bare: CSV rows'
	| 'bare: CSV rows by csv-parse'
	| 'bare: binary'
	| 'bare: two files in turn'
	| 'bare: two files, one fetched ahead';

/** Where an export is. */
export interface Source {
	origin: string;
	jobId: string;
	/** Link to its file. */
	url: string;
}

/** What a measured process is told to do. */
export interface Task {
	work: Work;
	source: Source;
	/** A small export of the same kind, done first: n8n too is warm when a workflow runs. */
	warmUp: Source;
}

/** How late a timer of 10 ms was. */
export interface TimerDelays {
	p99Ms: number;
	worstMs: number;
}

/** Its result. */
export interface Measurement {
	ms: number;
	/** Of the processor, by all threads of the process. */
	cpuMs: number;
	/** Rows or bytes. */
	count: number;
	/** Growth of the resident memory at its peak, in bytes. */
	memoryGrowth: number;
	/** Until the rows were parsed. */
	delays: TimerDelays;
	/** Until everything was done: for the node, until n8n's engine had its items. */
	delaysToTheEnd: TimerDelays;
}

/** What of reading files is measured without n8n and HTTP. */
export type FileWork =
	| 'CSV rows'
	| 'CSV rows by csv-parse'
	| 'decimals'
	| 'decimals by JSON.parse'
	| 'pages';

/** Its result; 0 where a figure does not apply. */
export interface FileMeasurement {
	/** Rows or bytes. */
	count: number;
	/** Of the processor, garbage collection included. */
	cpuMs: number;
	/** What the rows take, once all else is collected. */
	heapBytes: number;
	/** What was asked of the source of the file. */
	requests: number;
	bytesRead: number;
	fileBytes: number;
}
