import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmulatorState } from './control.ts';
import { deliver, replyOfFault } from './deliver.ts';
import type { Fault } from './faults.ts';
import type { RequestEntry } from './ledger.ts';
import type { Reply } from './reply.ts';
import { keyOf } from './routes.ts';

/** The status that nginx logs in that case. */
const CLIENT_DISCONNECTED = 499;

/** A request to one of the servers, and how to respond to it. */
export interface Exchange {
	server: 'api' | 'files';
	operation: string | null;
	request: IncomingMessage;
	response: ServerResponse;
	url: URL;
	respond: () => Reply | Promise<Reply>;
}

/** Handles the requests of both servers: logs each, applies faults, responds. */
export class Exchanges {
	private readonly state: EmulatorState;
	private readonly filesUrl: () => string;
	private readonly now: () => number;
	private readonly closing = new AbortController();
	private readonly open = new Set<RequestEntry>();

	constructor(state: EmulatorState, now: () => number, filesUrl: () => string) {
		this.state = state;
		this.now = now;
		this.filesUrl = filesUrl;
	}

	/** The requests that have not ended: the response is being sent, or a fault keeps them waiting. */
	get openRequests(): ReadonlySet<Readonly<RequestEntry>> {
		return this.open;
	}

	close(): void {
		this.closing.abort();
	}

	async run(exchange: Exchange): Promise<void> {
		const { delayMs, fault } = this.state.faults.next(exchange.operation);
		const entry = this.log(exchange, delayMs > 0 ? 'slow' : undefined);
		if (fault) entry.fault = fault.kind;
		this.open.add(entry);
		try {
			await this.respond(exchange, entry, delayMs, fault);
		} finally {
			this.open.delete(entry);
		}
	}

	private async respond(
		exchange: Exchange,
		entry: RequestEntry,
		delayMs: number,
		fault: Fault | undefined,
	): Promise<void> {
		const { response, url } = exchange;
		if (delayMs > 0) await delay(delayMs, undefined, { signal: this.closing.signal });
		if (fault?.kind === 'reset') return void response.destroy();
		if (fault?.kind === 'silence') {
			await once(response, 'close');
			entry.status = CLIENT_DISCONNECTED;
			return;
		}
		const path = url.pathname + url.search;
		const reply =
			(fault && replyOfFault(fault, this.filesUrl(), path)) ?? (await exchange.respond());
		if (fault?.kind === 'reset-after') return void response.destroy();
		entry.status = reply.status;
		entry.bytes = await deliver(response, reply, fault);
	}

	private log({ server, operation, request, url }: Exchange, fault?: string): RequestEntry {
		const { authorization } = request.headers;
		return this.state.log.add({
			at: new Date(this.now()).toISOString(),
			server,
			operation,
			method: request.method ?? '',
			path: url.pathname,
			query: Object.fromEntries(url.searchParams),
			key: keyOf(authorization) ?? authorization ?? null,
			status: null,
			bytes: 0,
			...(fault ? { fault } : {}),
		});
	}
}
