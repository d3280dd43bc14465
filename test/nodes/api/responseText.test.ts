import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INodeParameters } from 'n8n-workflow';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { MAX_RESPONSE_MB } from '../../../nodes/Userpilot/api/networkErrors';
import { responseText } from '../../../nodes/Userpilot/api/response';
import { onFastClock } from '../../support/clock';
import { ActiveTrigger, runNode } from '../../support/engine';

const MB = 1024 * 1024;
const NOW = '2024-10-06T10:44:50Z';
const getMany: INodeParameters = { resource: 'job', operation: 'getAll' };

/** Chunks of a body, and how many of them were read. */
class Body {
	read = 0;

	isDestroyed = false;

	private readonly chunks: Uint8Array[];

	constructor(...chunks: Uint8Array[]) {
		this.chunks = chunks;
	}

	async *[Symbol.asyncIterator]() {
		try {
			for (const chunk of this.chunks) {
				this.read++;
				yield chunk;
			}
		} finally {
			this.isDestroyed = true;
		}
	}

	destroy() {
		this.isDestroyed = true;
	}
}

describe('responseText', () => {
	it('joins all chunks, even in the middle of a letter, and drops a byte-order mark', async () => {
		const bytes = Buffer.from('\ufeffü€𝄞');
		const chunks = [...bytes].map((byte) => Uint8Array.of(byte));
		expect(await responseText(new Body(...chunks))).toBe('ü€𝄞');
	});

	it('stops reading after 64 MB', async () => {
		const full = Array.from({ length: MAX_RESPONSE_MB }, () => new Uint8Array(MB));
		expect(await responseText(new Body(...full))).toHaveLength(64 * MB);
		const body = new Body(...full, new Uint8Array(1), ...full);
		await expect(responseText(body)).rejects.toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
		expect(body).toMatchObject({ read: MAX_RESPONSE_MB + 1, isDestroyed: true });
	});
});

describe('a response that decompresses to more than 64 MB', () => {
	const spaces = Buffer.alloc(65 * MB, ' ');
	const answers = {
		plain: { body: spaces },
		gzip: { body: gzipSync(spaces), encoding: 'gzip' },
		br: { body: brotliCompressSync(spaces, { params: { 1: 0 } }), encoding: 'br' },
	};
	let answer: { body: Buffer; encoding?: string; status?: number };
	let requests = 0;
	const api = createServer((_, response) => {
		requests++;
		const { body, encoding, status = 200 } = answer;
		response.writeHead(status, encoding ? { 'content-encoding': encoding } : {});
		response.end(body);
	});
	const baseUrl = () => `http://127.0.0.1:${(api.address() as AddressInfo).port}`;

	beforeAll(async () => await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve)));
	beforeEach(() => (requests = 0));
	afterAll(() => {
		api.closeAllConnections();
		api.close();
	});

	it.each([
		['plain', answers.plain],
		['gzip', answers.gzip],
		['brotli', answers.br],
		['an error in gzip', { ...answers.gzip, status: 503 }],
	])('is reported after one request (%s)', async (_, given) => {
		answer = given;
		const { result } = await onFastClock(NOW, () =>
			runNode(getMany, { credentials: { baseUrl: baseUrl() } }),
		);
		expect(result.error!.message).toBe(
			`Could not list the export jobs: the server at ${baseUrl()} sent a response of more than 64 MB`,
		);
		expect(result.error!.description).toMatch(/Check 'Base URL' .* \(RESPONSE_TOO_LARGE\)$/);
		expect(requests).toBe(1);
	});

	it('fails a poll of the trigger with the same message', async () => {
		answer = answers.gzip;
		const poll = new ActiveTrigger().poll({ credentials: { baseUrl: baseUrl() } });
		await expect(poll).rejects.toThrow('sent a response of more than 64 MB');
		expect(requests).toBe(1);
	});

	it('is reported differently from one that cannot be decompressed', async () => {
		answer = { body: Buffer.from('not gzip'), encoding: 'gzip' };
		const { result } = await onFastClock(NOW, () =>
			runNode(getMany, { credentials: { baseUrl: baseUrl() } }),
		);
		expect(result.error!.message).toContain('sent a response that cannot be decompressed');
	});
});
