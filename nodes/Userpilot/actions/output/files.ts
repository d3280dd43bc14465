import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { nodeApiError } from '../../api/errors';
import { mimeTypeOf, withoutGz } from '../../download/fileNames';
import { gunzip } from '../../download/gunzip';
import { pageProblem } from '../../download/fileStore';
import type { JobFile, RemoteFile } from '../../download/remoteFile';
import { upTo } from '../../download/sizeLimit';
import { addEmptyFilesHint } from '../hints';
import type { ItemConnection, OutputItem } from '../operation';
import { download } from '../../download/jobFiles';
import type { FilesOutput } from './readOutput';

type BinaryInput = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];

/** n8n writes piece by piece, and a decompressor gives small ones. */
const WRITE_BYTES = 256 * 1024;

const LONGEST_PAGE_START = 1024;

/** Joins small pieces, and counts them. */
async function* inBlocks(
	pieces: AsyncIterable<Uint8Array>,
	count: (bytes: number) => void,
): AsyncGenerator<Buffer, void, undefined> {
	let block: Uint8Array[] = [];
	let size = 0;
	for await (const piece of pieces) {
		count(piece.length);
		block.push(piece);
		size += piece.length;
		if (size < WRITE_BYTES) continue;
		yield Buffer.concat(block, size);
		block = [];
		size = 0;
	}
	if (size > 0) yield Buffer.concat(block, size);
}

function throwIfPage(start: Buffer): void {
	const problem = pageProblem(start.toString('utf8', 0, LONGEST_PAGE_START));
	if (problem) throw problem;
}

function storeError(connection: ItemConnection, { filename, jobId }: JobFile, error: unknown) {
	return nodeApiError(connection, {
		message: `n8n could not store file "${filename}" of job "${jobId}": ${(error as Error).message}`,
		description:
			'Where n8n keeps binary data decides how large it may be. In memory (N8N_DEFAULT_BINARY_DATA_MODE=default) about 380 MB is the most, in the database N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE; the mode filesystem takes any size (with several machines, in a folder that all of them see). Turn Options > Decompress off to store a tenth. The export is kept: Job > Download with this ID gets its files without a new one.',
	});
}

/** Streams one file into n8n's binary store, in whatever mode that is. */
async function storeFile(
	connection: ItemConnection,
	file: JobFile,
	{ decompress, maxFileBytes }: FilesOutput,
	remote: RemoteFile,
) {
	let bytes = 0;
	const pieces = upTo(maxFileBytes, decompress ? gunzip(remote) : remote.readFrom(0));
	const blocks = inBlocks(pieces, (count) => {
		bytes += count;
	});
	// Kept, because n8n may make another error of it.
	let failure: { error: unknown } | undefined;
	const nextBlock = async () =>
		await blocks.next().catch(async (error: unknown) => {
			failure = { error };
			return await Promise.reject(error);
		});
	const first = await nextBlock();
	if (!first.done) throwIfPage(first.value);
	async function* content() {
		for (let block = first; !block.done; block = await nextBlock()) yield block.value;
	}
	const fileName = decompress ? withoutGz(file.filename) : file.filename;
	const stream = remote.toStream(content());
	const mimeType = mimeTypeOf(fileName, first.done ? undefined : first.value);
	const outcome = await connection.context.helpers
		.prepareBinaryData(stream as unknown as BinaryInput, fileName, mimeType)
		.then(
			(stored) => ({ stored }),
			(error: unknown) => ({ error }),
		);
	// Where n8n has given up, nobody listens to what may still fail in it.
	stream.destroy();
	if (failure) throw failure.error;
	if ('error' in outcome) throw storeError(connection, file, outcome.error);
	return { stored: outcome.stored, bytes, bytesCompressed: remote.bytesReceived };
}

/**
 * The files as binary data, one item each, in their order. Whatever their size, little of them is in
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
		const { stored, bytes, bytesCompressed } = await download(
			connection,
			file,
			async (remote) => await storeFile(connection, file, request, remote),
		);
		if (bytesCompressed === 0) emptyFiles.push(file.filename);
		items.push({
			json: {
				job_id: file.jobId,
				filename: file.filename,
				bytes_compressed: bytesCompressed,
				bytes,
				...extra,
			},
			binary: { [request.propertyName]: stored },
		});
	}
	addEmptyFilesHint(connection, emptyFiles);
	return items;
}
