/** One request as the emulator saw it. */
export interface RequestEntry {
	/** ISO time of the emulator's clock. */
	at: string;
	server: 'api' | 'files';
	/** operationId of the contract, `file`, or null for a path that is none. */
	operation: string | null;
	method: string;
	path: string;
	query: Record<string, string>;
	/** The API key without its scheme; null when there was none. */
	key: string | null;
	/** HTTP status; null when the connection was cut before an answer, 499 when the client left before one. */
	status: number | null;
	/** Bytes of body sent. */
	bytes: number;
	/** Kind of the fault that struck. */
	fault?: string;
}

/** Older entries fall out: a long run must not fill the memory. */
const MAX_ENTRIES = 50_000;

/** What was asked of both servers, oldest first. */
export class RequestLog {
	private entries: RequestEntry[] = [];

	/** Adds an entry; its status and bytes are filled in later. */
	add(entry: RequestEntry): RequestEntry {
		if (this.entries.length >= MAX_ENTRIES) this.entries.splice(0, MAX_ENTRIES / 10);
		this.entries.push(entry);
		return entry;
	}

	all(): RequestEntry[] {
		return this.entries.map((entry) => ({ ...entry }));
	}

	clear(): void {
		this.entries = [];
	}
}
