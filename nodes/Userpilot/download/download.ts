import { throwIfStopped } from '../api/connection';
import type { Connection } from '../api/connection';
import { nodeApiError } from '../api/errors';
import { FileError } from './fileError';
import { gunzip } from './gunzip';
import type { JobFile } from './jobFiles';
import { RemoteFile } from './remoteFile';

export const BYTES_PER_MB = 1024 * 1024;

export interface DownloadOptions {
	decompress: boolean;
	/** Limit on the bytes that come out, decompressed or not; `Infinity` for none. */
	maxFileBytes: number;
}

/** @throws {FileError} that names the limit. A few bytes of gzip can decompress to gigabytes. */
async function* upTo(
	maxBytes: number,
	chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
	let bytes = 0;
	for await (const chunk of chunks) {
		bytes += chunk.length;
		if (bytes > maxBytes) {
			throw new FileError(
				`is larger than ${maxBytes / BYTES_PER_MB} MB, the 'Max File Size (MB)' of this node`,
				"Raise Options > 'Max File Size (MB)', or export fewer days at a time. If the file is far larger than the others, it is damaged: start the export again.",
			);
		}
		yield chunk;
	}
}

/**
 * Downloads one file, as far as `use` reads it.
 *
 * @throws {NodeApiError} that names the file; {NodeOperationError} when the execution was stopped
 */
export async function download<T>(
	connection: Connection,
	file: JobFile,
	{ decompress, maxFileBytes }: DownloadOptions,
	use: (chunks: AsyncGenerator<Uint8Array>, remote: RemoteFile) => Promise<T>,
): Promise<T> {
	const remote = new RemoteFile(connection, file);
	const chunks = upTo(maxFileBytes, decompress ? gunzip(remote) : remote.readFrom(0));
	const outcome = await use(chunks, remote).then(
		(value) => ({ value }),
		(error: unknown) => ({ error }),
	);
	remote.close();
	if ('value' in outcome) return outcome.value;
	throwIfStopped(connection.context);
	const { error } = outcome;
	if (!(error instanceof FileError)) throw error;
	throw nodeApiError(connection, {
		message: `File "${file.filename}" of job "${file.jobId}" ${error.message}`,
		description: error.advice,
	});
}
