import { gunzipSync } from 'node:zlib';

import type { Emulator, EmulatorOptions } from '../../playground/emulator/server';
import { createEmulator } from '../../playground/emulator/server';
import { EXPORTS, jobPath } from './paths';

export const EMULATOR_KEY = 'a-key-that-must-not-leak';

export class ExportEmulator {
	emulator!: Emulator;

	get control() {
		return this.emulator.control;
	}

	/** For the node's credential. */
	get credentials() {
		return { apiKey: EMULATOR_KEY, baseUrl: this.emulator.apiUrl };
	}

	/** Requests for files, in the order they came. */
	get fileRequests() {
		return this.control.ledger().requests.filter(({ server }) => server === 'files');
	}

	/** Bytes of bodies that the file store has sent, once it has noticed that its clients have left. */
	async bytesSent(): Promise<number> {
		while (this.fileRequests.some(({ status, bytes }) => status === 200 && bytes === 0)) {
			await new Promise(setImmediate);
		}
		return this.fileRequests.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	/** How often an operation of the API was called. */
	calls(operation: string) {
		return this.control.ledger().requests.filter((request) => request.operation === operation)
			.length;
	}

	/** Whether only stalled responses are under way, over which the clock of a run may leap. */
	readonly isSilent = () => {
		const underWay = [...this.emulator.openRequests];
		return (
			underWay.length > 0 &&
			underWay.every(
				({ fault, status }) => fault === 'silence' || (fault === 'stall-body' && status !== null),
			)
		);
	};

	private async call<T>(path: string, body?: object): Promise<T> {
		const response = await fetch(this.emulator.apiUrl + path, {
			method: body ? 'POST' : 'GET',
			headers: { authorization: `Token ${EMULATOR_KEY}`, 'content-type': 'application/json' },
			body: body && JSON.stringify(body),
		});
		this.control.clearRequests();
		return (await response.json()) as T;
	}

	/** Starts an export as somebody else with the same key does. */
	async start(body: { from: string; to: string; format?: string }): Promise<string> {
		return (await this.call<{ job_id: string }>(EXPORTS, body)).job_id;
	}

	/** The files of a job, fetched without the node, and their text. */
	async files(jobId: string): Promise<Array<{ filename: string; bytes: Buffer; text: string }>> {
		const job = await this.call<{ presigned_urls: Array<{ filename: string; url: string }> }>(
			jobPath(jobId),
		);
		const files = await Promise.all(
			job.presigned_urls.map(async (link) => {
				const response = await fetch(link.url, { headers: { 'accept-encoding': 'identity' } });
				const bytes = Buffer.from(await response.arrayBuffer());
				const isPacked = !response.headers.has('content-encoding');
				const text = isPacked ? gunzipSync(bytes) : bytes;
				return { filename: link.filename, bytes, text: text.toString() };
			}),
		);
		this.control.clearRequests();
		return files;
	}
}

/** Sets up a test file: a real API and file store, reset for every test. */
export function useEmulator(options: EmulatorOptions = {}): ExportEmulator {
	const own = new ExportEmulator();
	beforeAll(async () => {
		own.emulator = await createEmulator({
			apiKeys: [EMULATOR_KEY],
			// The clock of the run.
			now: () => Date.now(),
			...options,
		});
	});
	beforeEach(() => own.control.reset());
	afterAll(async () => await own.emulator.close());
	return own;
}
