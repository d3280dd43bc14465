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
	/** The value of the expression. */
	last: JsonObject;
}

/** Where executions send their results, so that the main need not be asked for them. */
export interface Receiver {
	/** A new run: its name, and what it will send. */
	expect(): { run: string; arrival: Promise<Arrival> };
	/** A node that sends the value of an expression at the first item. The webhook is called with the run's name. */
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
