/** Stands for bytes that are not UTF-8. Half a character can never be the result of decoding UTF-8. */
export const INVALID = '\uDFFF';
/** The same, unless it is the second half of a character. */
const INVALID_ALONE = /\uDFFF/u;

const REPLACEMENT = '\uFFFD';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

/** What is wrong with a row that has such bytes. */
export const NOT_UTF8 = 'contains bytes that are not UTF-8';

/** Whether a decoded text was UTF-8. */
export const wasUtf8 = (text: string) => !(text.includes(INVALID) && INVALID_ALONE.test(text));

/** The number of bytes at the end that start a character and do not end it. */
function unfinishedBytes(bytes: Uint8Array): number {
	for (let count = 1; count <= Math.min(3, bytes.length); count++) {
		const byte = bytes[bytes.length - count]!;
		if (byte >= 0xc0) {
			const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
			return length > count ? count : 0;
		}
		if (byte < 0x80) return 0;
	}
	return 0;
}

/**
 * Decodes UTF-8 chunk by chunk. The platform's decoder either throws at the first invalid byte, or
 * replaces it by a character that a file may hold as well; here the two can be told apart. Decoding each
 * chunk is also twice as fast as the platform's streaming, and takes half the memory: text takes one byte
 * per character where that is enough.
 */
export class Utf8Decoder {
	private unfinished: Uint8Array = new Uint8Array(0);

	private readonly strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

	private readonly lenient = new TextDecoder('utf-8', { ignoreBOM: true });

	decode(chunk: Uint8Array): string {
		const bytes = this.unfinished.length > 0 ? Buffer.concat([this.unfinished, chunk]) : chunk;
		const end = bytes.length - unfinishedBytes(bytes);
		this.unfinished = bytes.subarray(end);
		return this.decodeWhole(bytes.subarray(0, end));
	}

	end(): string {
		return this.decodeWhole(this.unfinished);
	}

	private decodeWhole(bytes: Uint8Array): string {
		try {
			return this.strict.decode(bytes);
		} catch {
			return this.decodeInvalid(Buffer.from(bytes));
		}
	}

	private decodeInvalid(bytes: Buffer): string {
		const texts: string[] = [];
		for (let start = 0; start <= bytes.length; ) {
			const found = bytes.indexOf(REPLACEMENT_BYTES, start);
			const end = found < 0 ? bytes.length : found;
			const text = this.lenient.decode(bytes.subarray(start, end));
			texts.push(text.replaceAll(REPLACEMENT, INVALID));
			start = end + REPLACEMENT_BYTES.length;
		}
		return texts.join(REPLACEMENT);
	}
}
