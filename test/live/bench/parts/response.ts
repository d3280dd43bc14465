import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';

import { megabytes } from '../../harness/report.ts';
import { type Bench, requireCount } from '../bench.ts';
import { type Finding } from '../finding.ts';
import { runTask } from '../program.ts';

const UNPACKED_MB = 750;
/** 64 MB are kept at most, once as bytes. */
const MAX_MEMORY_BYTES = 150e6;

function* spaces(): Generator<Buffer> {
	for (let sent = 0; sent < UNPACKED_MB; sent++) yield Buffer.alloc(1024 * 1024, ' ');
}

/** A response of the API that unpacks to far more than any that is known. */
export async function response({ workspace, program, store }: Bench): Promise<Finding[]> {
	let requests = 0;
	const api = createServer((_, reply) => {
		requests++;
		reply.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
		Readable.from(spaces()).pipe(createGzip()).pipe(reply);
	});
	await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
	const origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
	const small = store.exports.make('json', 1);
	try {
		const { count, memoryGrowth } = await runTask(workspace, program, {
			work: 'node: a response',
			source: { origin, jobId: 'large', url: origin },
			warmUp: { origin: store.origin, jobId: small.jobId, url: store.origin },
		});
		requireCount('node: a response', count, 0);
		requireCount('requests for it', requests, 1);
		return [
			{
				what: `a response of ${UNPACKED_MB} MB, refused at 64 MB, memory at its peak`,
				ours: `+${megabytes(memoryGrowth)}`,
				against: '',
				ratio: '',
				limit: `≤ +${megabytes(MAX_MEMORY_BYTES)}`,
				ok: memoryGrowth <= MAX_MEMORY_BYTES,
			},
		];
	} finally {
		api.closeAllConnections();
		api.close();
	}
}
