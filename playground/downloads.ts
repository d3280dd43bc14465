import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { Failure } from './failure.ts';

const NEWLINE = 0x0a;

export interface FileLink {
	filename: string;
	url: string;
}

export interface DownloadedFile {
	filename: string;
	rows: number;
	/** Size as downloaded, compressed. */
	bytes: number;
}

/**
 * Downloads a file of an export and counts its rows, one per line. The content is not kept.
 *
 * @throws Failure when the file cannot be downloaded or is not gzip
 */
export async function downloadFile({ filename, url }: FileLink): Promise<DownloadedFile> {
	// No credentials: the file store rejects a presigned URL that comes with an Authorization header.
	const response = await fetch(url).catch((error: Error) => error);
	if (response instanceof Error || !response.ok || response.body === null) {
		const reason = response instanceof Error ? 'no response' : `HTTP ${response.status}`;
		throw new Failure(`Could not download ${filename} from the link in n8n: ${reason}.`);
	}
	let bytes = 0;
	const source = Readable.fromWeb(response.body as never);
	source.on('data', (chunk: Buffer) => (bytes += chunk.length));
	try {
		const rows = await pipeline(source, createGunzip(), countLines);
		return { filename, rows, bytes };
	} catch {
		throw new Failure(`The link in n8n for ${filename} returned a file that is not gzip.`);
	}
}

/** Counts the lines that are not empty. The last one may end without a newline. */
export async function countLines(source: AsyncIterable<Uint8Array>): Promise<number> {
	let lines = 0;
	let lineIsEmpty = true;
	for await (const chunk of source) {
		for (const byte of chunk) {
			if (byte !== NEWLINE) {
				lineIsEmpty = false;
			} else if (!lineIsEmpty) {
				lines++;
				lineIsEmpty = true;
			}
		}
	}
	return lineIsEmpty ? lines : lines + 1;
}
