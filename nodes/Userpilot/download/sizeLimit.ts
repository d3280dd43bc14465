import { FileProblem } from './fileError';

export const BYTES_PER_MB = 1024 * 1024;

/**
 * The bytes of a file, up to a limit. A few bytes of gzip can unpack to gigabytes.
 *
 * @param maxBytes `Infinity` for no limit
 * @throws {FileProblem} that names the limit; whatever the bytes' source throws
 */
export async function* upTo(
	maxBytes: number,
	pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
	let bytes = 0;
	for await (const piece of pieces) {
		bytes += piece.length;
		if (bytes > maxBytes) {
			throw new FileProblem(
				`is larger than ${maxBytes / BYTES_PER_MB} MB, which is the "Max File Size (MB)" of this node`,
				'Raise Options > Max File Size (MB), or export fewer days at a time. A file that unpacks to far more than the others is damaged: start the export again.',
			);
		}
		yield piece;
	}
}
