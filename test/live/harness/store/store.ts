import path from 'node:path';

import { startProcess } from '../../../../playground/processes.ts';
import { BENCH, type Workspace } from '../workspace.ts';
import { jsonLine } from '../json-line.ts';
import { ExportMaker } from './exports.ts';

/** Finished exports, made when they are asked for, behind the API and a file store. */
export interface Store {
	readonly origin: string;
	readonly exports: ExportMaker;
	/** Bytes of this job's files that the store has sent so far. */
	bytesSent(jobId: string): Promise<number>;
	/** The link to the one file of a job. */
	link(jobId: string): Promise<string>;
}

export async function startStore(workspace: Workspace): Promise<Store> {
	const folder = workspace.folder('exports');
	const server = await startProcess({
		command: process.execPath,
		args: [path.join(BENCH, 'store', 'server.ts'), folder],
		cwd: BENCH,
		logFile: workspace.log('store'),
	});
	const { origin } = await jsonLine<{ origin: string }>(server, 'The file store');
	const get = async (location: string) => {
		// Minutes can pass between two calls, and the server keeps no connection for so long.
		const response = await fetch(`${origin}${location}`, { headers: { connection: 'close' } });
		return await response.json();
	};
	return {
		origin,
		exports: new ExportMaker(folder),
		bytesSent: async (jobId) => (await get(`/sent/${jobId}`)) as number,
		async link(jobId) {
			const job = (await get(`/api/v1/analytics/exports/jobs/${jobId}`)) as {
				presigned_urls: Array<{ url: string }>;
			};
			return job.presigned_urls[0]!.url;
		},
	};
}
