/** One request that the emulator received. */
export interface RequestEntry {
	/** ISO time of the emulator's clock. */
	at: string;
	server: 'api' | 'files';
	/** operationId of the contract, `file`, or null for an unknown path. */
	operation: string | null;
	method: string;
	path: string;
	query: Record<string, string>;
	/** The API key without its scheme; null when there was none. */
	key: string | null;
	/** HTTP status; null if the connection was closed without a response, 499 if the client disconnected first. */
	status: number | null;
	/** Body bytes sent. */
	bytes: number;
	/** Kind of the fault that hit it. */
	fault?: string;
}

/** The oldest entries are dropped above this, so that a long run does not fill the memory. */
const MAX_ENTRIES = 50_000;

/** The requests to both servers, oldest first. */
export class RequestLog {
	private entries: RequestEntry[] = [];

	/** Adds an entry. Its status and bytes are set later. */
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
