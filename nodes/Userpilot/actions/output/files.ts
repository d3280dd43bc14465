import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { nodeApiError } from '../../api/errors';
import { download } from '../../download/download';
import { pageError } from '../../download/fileError';
import { mimeTypeOf } from '../../download/fileNames';
import { withoutGz } from '../../download/gzip';
import type { JobFile } from '../../download/jobFiles';
import type { RemoteFile } from '../../download/remoteFile';
import { addEmptyFilesHint } from '../hints';
import type { ItemConnection, OutputItem } from '../operation';
import type { FilesOutput } from './readOutput';

type BinaryInput = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];

/** n8n writes chunk by chunk, and those of a decompressor are small. */
const MIN_WRITE_BYTES = 256 * 1024;
const PAGE_START_BYTES = 1024;

/** Joins small chunks. */
async function* joined(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
	let parts: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of chunks) {
		parts.push(chunk);
		size += chunk.length;
		if (size < MIN_WRITE_BYTES) continue;
		yield Buffer.concat(parts, size);
		parts = [];
		size = 0;
	}
	if (size > 0) yield Buffer.concat(parts, size);
}

function throwIfPage(start: Buffer): void {
	const error = pageError(start.toString('utf8', 0, PAGE_START_BYTES));
	if (error) throw error;
}

function storageError(connection: ItemConnection, { filename, jobId }: JobFile, error: unknown) {
	return nodeApiError(connection, {
		message: `n8n could not store file "${filename}" of job "${jobId}": ${(error as Error).message}`,
		description:
			"How large a file may be depends on where n8n keeps binary data. In memory (N8N_DEFAULT_BINARY_DATA_MODE=default) the limit is about 380 MB, in the database N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE. The mode filesystem takes any size (with several machines, in a folder that all of them share). Turn Options > 'Decompress' off to store a tenth. The export is kept: Job > Download with this ID gets its files without a new one.",
	});
}

/** Streams a file into n8n's binary store, in whatever mode that is. */
async function storeFile(
	connection: ItemConnection,
	file: JobFile,
	fileName: string,
	chunks: AsyncIterable<Uint8Array>,
	remote: RemoteFile,
) {
	const blocks = joined(chunks);
	let bytes = 0;
	// Kept, because n8n may replace it with an error of its own.
	let failure: { error: unknown } | undefined;
	const nextBlock = async () =>
		await blocks.next().catch(async (error: unknown) => {
			failure = { error };
			return await Promise.reject(error);
		});
	const first = await nextBlock();
	if (!first.done) throwIfPage(first.value);
	async function* content() {
		for (let block = first; !block.done; block = await nextBlock()) {
			bytes += block.value.length;
			yield block.value;
		}
	}
	const stream = remote.toStream(content());
	const mimeType = mimeTypeOf(fileName, first.done ? undefined : first.value);
	const outcome = await connection.context.helpers
		.prepareBinaryData(stream as unknown as BinaryInput, fileName, mimeType)
		.then(
			(stored) => ({ stored }),
			(error: unknown) => ({ error }),
		);
	// If n8n has given up, nobody listens to what may still fail in the stream.
	stream.destroy();
	if (failure) throw failure.error;
	if ('error' in outcome) throw storageError(connection, file, outcome.error);
	return { stored: outcome.stored, bytes, bytesCompressed: remote.bytesReceived };
}

/**
 * Returns files as binary data, one item each, in their order. Whatever their size, little of them is in
 * memory, unless n8n keeps its binary data there.
 *
 * @param extra fields that every item gets
 * @throws {NodeApiError} that names the file
 */
export async function downloadFiles(
	connection: ItemConnection,
	files: JobFile[],
	request: FilesOutput,
	extra: IDataObject,
): Promise<OutputItem[]> {
	const items: OutputItem[] = [];
	const emptyFiles: string[] = [];
	for (const file of files) {
		const { jobId, filename } = file;
		const fileName = request.decompress ? withoutGz(filename) : filename;
		const { stored, bytes, bytesCompressed } = await download(
			connection,
			file,
			request,
			async (chunks, remote) => await storeFile(connection, file, fileName, chunks, remote),
		);
		if (bytesCompressed === 0) emptyFiles.push(filename);
		items.push({
			json: { job_id: jobId, filename, bytes_compressed: bytesCompressed, bytes, ...extra },
			binary: { [request.propertyName]: stored },
		});
	}
	addEmptyFilesHint(connection, emptyFiles);
	return items;
}
