import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { JsonObject } from '../../../../playground/executions.ts';
import { Failure } from '../../../../playground/failure.ts';
import { startProcess } from '../../../../playground/processes.ts';
import { jsonLine } from '../json-line.ts';
import type { Workspace } from '../workspace.ts';
import { ExportMaker, type StoredExport } from './exports.ts';

const SERVER = fileURLToPath(new URL('server.ts', import.meta.url));

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
		args: [SERVER, folder],
		cwd: path.dirname(SERVER),
		logFile: workspace.log('store'),
	});
	const { origin } = await jsonLine<{ origin: string }>(server, 'The file store');
	const get = async (location: string) => {
		// Minutes can pass between two requests, and the server keeps no connection for so long.
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

/** @throws Failure when a workflow's last item is not the last row of this export, or not the size of its file */
export function requireWhole(workflow: string, last: JsonObject, stored: StoredExport): void {
	const isWhole =
		'bytes' in last ? last.bytes === stored.bytes : last.internal_event_id === stored.lastEventId;
	if (!isWhole)
		throw new Failure(`${workflow} lost something: the last is ${JSON.stringify(last)}`);
}
