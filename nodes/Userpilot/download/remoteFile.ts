import { backoffMs } from '../api/client';
import type { Connection } from '../api/connection';
import { pause } from '../api/connection';
import { isPermanent } from '../api/networkErrors';
import type { Body, BodyReader, BodyStream } from './body';
import { readBody, readText, toStream } from './body';
import { downloadErrors, NO_REASON, storeMessage } from './fileError';
import type { FileOutcome, FileResponse, Version } from './fileStore';
import { isSameVersion, partOf, rangeValidator, requestFile, versionOf } from './fileStore';
import type { ByteSource } from './gunzip';
import { mayBeGzip } from './gzip';
import type { JobFile } from './jobFiles';

/** How often a download is resumed without progress. */
const MAX_RESUMES = 3;
/** A response is progress if it has so many new bytes: a few bytes each would take thousands of requests. */
const MIN_NEW_BYTES = 1024;
/**
 * A response that starts over is progress only if this share of it is new. Then each try gets a third
 * further at least, and all tries together read a few times the file's size, not its square.
 */
const MIN_NEW_SHARE = 1 / 4;
const PAUSE_BEFORE_RESUMING_MS = 1_000;

/** Refusals that are not about the link: too slow, too early, too often. */
const TEMPORARY_REFUSALS = [408, 425, 429];

const isRefusal = (status: number) =>
	status >= 300 && status < 500 && !TEMPORARY_REFUSALS.includes(status);

/** A body, and the offset in the file at which it starts. */
interface Part {
	body: Body;
	offset: number;
}

/**
 * A file in the file store. A download that breaks or stalls is resumed where it stopped, so that the
 * reader does not notice: with `Range` where the store supports it, otherwise by reading again and
 * skipping what has passed. That goes on as long as it makes progress. A link that is refused is
 * renewed, once without progress.
 */
export class RemoteFile implements ByteSource {
	/** How many of its bytes were received, each counted once. */
	bytesReceived = 0;

	private url: string;
	/** Since the last progress, as is `resumes`. */
	private isRenewed = false;
	private resumes = 0;
	private version: Version | undefined;

	/**
	 * False where positions in the body are not positions in the file: HTTP may have decoded it, which
	 * n8n does not tell. A body that HTTP has decoded is not gzip any more.
	 */
	private canUseRanges = true;

	private stream: BodyStream | undefined;
	private reader: BodyReader | undefined;
	private isClosed = false;
	private readonly connection: Connection;
	private readonly file: JobFile;
	private readonly errors: ReturnType<typeof downloadErrors>;

	constructor(connection: Connection, file: JobFile) {
		this.connection = connection;
		this.file = file;
		this.url = file.url;
		this.errors = downloadErrors(connection, file.filename, file.jobId);
	}

	/** Ends all reading at once, and closes the connection. */
	close(): void {
		this.isClosed = true;
		this.reader?.stop();
	}

	/** A Node stream of other bytes. Some of this file must have been read. */
	toStream(chunks: AsyncIterable<Uint8Array>): BodyStream {
		return toStream(chunks, this.stream!);
	}

	/**
	 * @throws {NodeApiError} when the file cannot be downloaded to its end
	 * @throws {NodeOperationError} when the execution was stopped
	 */
	async *readFrom(offset: number): AsyncGenerator<Uint8Array, void, undefined> {
		for (let position = offset; !this.isClosed; ) {
			const part = await this.open(position);
			if (part === undefined) return;
			const broken = yield* this.readPart(part, position);
			if (broken === undefined) return;
			position = broken.position;
			if (this.isClosed) return;
			if (this.resumes === MAX_RESUMES) {
				throw this.errors.interrupted(broken.failure, position, MAX_RESUMES);
			}
			this.resumes++;
			await pause(this.connection.context, PAUSE_BEFORE_RESUMING_MS);
		}
	}

	/** Yields what is new in a body; returns where and why it broke, or undefined at its end. */
	private async *readPart(
		{ body, offset }: Part,
		start: number,
	): AsyncGenerator<Uint8Array, { position: number; failure: string } | undefined, undefined> {
		const reader = readBody(body);
		this.stream = body.stream;
		this.reader = reader;
		// The file may have been closed while the store had not responded yet.
		if (this.isClosed) reader.stop();
		try {
			for (let at = offset, position = start; ; ) {
				const chunk = await reader.next();
				if (chunk === undefined) return undefined;
				if ('failure' in chunk) return { position, failure: chunk.failure };
				if (at === 0 && !mayBeGzip(chunk.bytes)) this.canUseRanges = false;
				const fresh = chunk.bytes.subarray(Math.max(0, position - at));
				at += chunk.bytes.length;
				if (fresh.length === 0) continue;
				position = at;
				const newBytes = position - start;
				if (newBytes >= MIN_NEW_BYTES && newBytes >= (at - offset) * MIN_NEW_SHARE) {
					this.resumes = 0;
					this.isRenewed = false;
				}
				this.bytesReceived = Math.max(this.bytesReceived, position);
				yield fresh;
			}
		} finally {
			reader.stop();
		}
	}

	/** The file from that position on, or from an earlier one; undefined if it ends there. */
	private async open(position: number): Promise<Part | undefined> {
		for (let tries = 1; !this.isClosed; tries++) {
			const outcome = await requestFile(this.connection, this.url, this.rangeHeaders(position));
			if (outcome.kind === 'failure' || ![200, 206, 416].includes(outcome.status)) {
				await this.recover(outcome, tries);
				continue;
			}
			const { status, headers, body } = outcome;
			if (status === 200) {
				this.checkVersion(outcome);
				return { body, offset: 0 };
			}
			const part = status === 206 ? partOf(headers) : undefined;
			if (part && part.offset <= position && isSameVersion(part.version, this.version ?? {})) {
				return { body, offset: part.offset };
			}
			body.close();
			if (headers['content-range'] === `bytes */${position}`) return undefined;
			if (!this.canUseRanges) throw this.errors.refused(status, NO_REASON, this.isRenewed);
			this.canUseRanges = false;
		}
		return undefined;
	}

	private rangeHeaders(position: number): Record<string, string> {
		const validator = this.version && rangeValidator(this.version);
		if (position === 0 || !this.canUseRanges || validator === undefined) return {};
		return { Range: `bytes=${position}-`, 'If-Range': validator };
	}

	private checkVersion({ headers, body }: FileResponse): void {
		const version = versionOf(headers);
		if (this.version && !isSameVersion(version, this.version)) {
			body.close();
			throw this.errors.changed();
		}
		this.version ??= version;
	}

	/** Waits, or renews the link, so that the request can be sent again; throws if neither helps. */
	private async recover(outcome: FileOutcome, tries: number): Promise<void> {
		if (outcome.kind === 'response' && isRefusal(outcome.status)) {
			const reason = storeMessage(await readText(outcome.body));
			const url = this.isRenewed ? undefined : await this.file.renewUrl();
			if (url === undefined) throw this.errors.refused(outcome.status, reason, this.isRenewed);
			this.isRenewed = true;
			this.url = url;
			return;
		}
		const isFinal = outcome.kind === 'failure' && isPermanent(outcome.code);
		const retryAfter = outcome.kind === 'response' ? outcome.headers['retry-after'] : undefined;
		const delay = isFinal ? undefined : backoffMs(retryAfter, tries, this.connection);
		if (delay === undefined) {
			throw outcome.kind === 'response'
				? this.errors.failed(outcome.status, storeMessage(await readText(outcome.body)))
				: this.errors.unreachable(outcome.code, outcome.host);
		}
		if (outcome.kind === 'response') outcome.body.close();
		await pause(this.connection.context, delay);
	}
}
