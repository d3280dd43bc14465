/** The bytes of a file. */
export interface ByteSource {
	/** Reads from an offset on; asked again after an end, it begins anew. */
	readFrom(offset: number): AsyncGenerator<Uint8Array, void, undefined>;
}
