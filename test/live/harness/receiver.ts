import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { JsonObject } from '../../../playground/executions.ts';
import { Failure } from '../../../playground/failure.ts';
import { LOOPBACK } from '../../../playground/ports.ts';
import { base, type Node, START } from './workflows.ts';

const PATIENCE_MS = 240_000;

export interface Arrival {
	executionId: string;
	/** What the expression has given. */
	last: JsonObject;
}

/** Where executions send what came out of them, so that nobody has to ask the main for what came out. */
export interface Receiver {
	/** For a new run: its name, and what arrives of it. */
	expect(): { run: string; arrival: Promise<Arrival> };
	/** Sends what an expression gives at the first item. The webhook was called with the name of the run. */
	node(expression: string): Node;
	close(): void;
}

export async function startReceiver(): Promise<Receiver> {
	const waiting = new Map<string, (arrival: Arrival) => void>();
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const { run, ...arrival } = JSON.parse(Buffer.concat(chunks).toString()) as Arrival & {
				run: string;
			};
			waiting.get(run)?.(arrival);
			response.setHeader('content-type', 'application/json').end('{}');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
	const { port } = server.address() as AddressInfo;
	return {
		expect() {
			const run = randomUUID();
			const arrives = new Promise<Arrival>((resolve) => waiting.set(run, resolve));
			const timeout = new AbortController();
			const late = sleep(PATIENCE_MS, undefined, { signal: timeout.signal }).then(() => {
				throw new Failure(`Nothing has arrived within ${PATIENCE_MS / 1000} s.`);
			});
			const arrival = Promise.race([arrives, late]).finally(() => {
				timeout.abort();
				waiting.delete(run);
			});
			return { run, arrival };
		},
		node: (expression) => ({
			name: 'Arrive',
			type: base('httpRequest'),
			typeVersion: 4.2,
			executeOnce: true,
			parameters: {
				method: 'POST',
				url: `http://${LOOPBACK}:${port}`,
				sendBody: true,
				specifyBody: 'json',
				jsonBody: `={{ { run: $("${START}").first().json.query.run, executionId: $execution.id, last: ${expression} } }}`,
				options: {},
			},
		}),
		close: () => server.close(),
	};
}
