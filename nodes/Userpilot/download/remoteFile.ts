import type { Connection } from '../api/connection';
import { nodeApiError } from '../api/errors';
import { isPermanent, unreachable } from '../api/networkErrors';
import { pause } from '../api/connection';
import { backoffMs } from '../api/client';
import type { BodyStream } from './body';
import { BodyReader, readText } from './body';
import type { ByteSource } from './pieces';
import type { FileAnswer, Version } from './fileStore';
import {
	errorWords,
	isSameVersion,
	rangeValidator,
	requestFile,
	restOf,
	versionOf,
} from './fileStore';

/** How often a file whose body broke or stalled is resumed before any more of it comes. */
const MAX_RESUMES = 3;
/** A body makes progress if so much of it is new: a few bytes with each would be thousands of requests. */
const MIN_NEW_BYTES = 1024;
/**
 * A body that begins anew makes progress only if this share of it is new: with every try the file gets
 * longer by a third at least, so all tries together read a few times its size, and not its square.
 */
const MIN_NEW_SHARE = 1 / 4;
const PAUSE_BEFORE_RESUMING_MS = 1_000;

/** Every gzip file begins with it, and nothing else that we expect. */
const FIRST_BYTE_OF_GZIP = 0x1f;

const LIFETIMES =
	'The links of a job work for 2 days, and a job can be asked about for 3 days after it was started.';

/** A file of a job. */
export interface JobFile {
	jobId: string;
	filename: string;
	/** A presigned URL: a secret as long as it works. */
	url: string;
	/** Asks the API for another presigned URL; undefined when the job has the file no more. */
	renewUrl(): Promise<string | undefined>;
}

/** A body, and the offset in the file at which it begins. */
interface Part {
	reader: BodyReader;
	offset: number;
}

type FileResponse = Extract<FileAnswer, { kind: 'response' }>;

/** Refusals that are none of the link: too slow, too early, too often. */
const TEMPORARY_REFUSALS = [408, 425, 429];

const isRefusal = (status: number) =>
	status >= 300 && status < 500 && !TEMPORARY_REFUSALS.includes(status);

/**
 * A file in the file store. What breaks or stalls is taken up again where it stopped, so that whoever
 * reads it sees no break: with `Range` where the store does that, otherwise by reading again and
 * leaving out what has passed. That goes on as long as it makes progress. A link that is refused is
 * renewed, once before any more of the file comes.
 */
export class RemoteFile implements ByteSource {
	/** How many of its bytes have come, each counted once. */
	bytesReceived = 0;

	private url: string;

	/** Since any progress. */
	private isRenewed = false;

	/** Since any progress. */
	private resumes = 0;

	private version: Version | undefined;

	/**
	 * Whether positions in the body are positions in the file. They are none where HTTP has decoded it,
	 * which n8n does not tell; but what it has decoded is no gzip any more.
	 */
	private takesRanges = true;

	private reader: BodyReader | undefined;

	private isClosed = false;

	private readonly connection: Connection;

	private readonly file: JobFile;

	constructor(connection: Connection, file: JobFile) {
		this.connection = connection;
		this.file = file;
		this.url = file.url;
	}

	/** Ends all reading at once, and gives the connection back. */
	close(): void {
		this.isClosed = true;
		this.reader?.stop();
	}

	/**
	 * @throws {NodeApiError} when the file cannot be had, whole
	 * @throws {NodeOperationError} when the execution was stopped
	 */
	async *readFrom(offset: number): AsyncGenerator<Uint8Array, void, undefined> {
		for (let position = offset; !this.isClosed; ) {
			const part = await this.open(position);
			if (part === undefined) return;
			this.reader = part.reader;
			// It may have been closed meanwhile.
			if (this.isClosed) part.reader.stop();
			const broken = yield* this.readPart(part, position);
			if (broken === undefined) return;
			position = broken.position;
			if (!this.isClosed) await this.pauseBeforeResuming(broken.failure, position);
		}
	}

	/** Passes on what is new in a body; where and why it broke, or undefined at its end. */
	private async *readPart(
		{ reader, offset }: Part,
		start: number,
	): AsyncGenerator<Uint8Array, { position: number; failure: string } | undefined, undefined> {
		try {
			for (let at = offset, position = start; ; ) {
				const piece = await reader.next();
				if (piece === undefined) return undefined;
				if ('failure' in piece) return { position, failure: piece.failure };
				if (at === 0 && piece.bytes[0] !== FIRST_BYTE_OF_GZIP) this.takesRanges = false;
				const fresh = piece.bytes.subarray(Math.max(0, position - at));
				at += piece.bytes.length;
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

	/** A Node stream of what has been made of this file, of which something must have been read. */
	toStream(pieces: AsyncIterable<Uint8Array>): BodyStream {
		return this.reader!.toStream(pieces);
	}

	/** The body from that position on, or from an earlier one; undefined when the file ends there. */
	private async open(position: number): Promise<Part | undefined> {
		for (let tries = 1; !this.isClosed; tries++) {
			const headers = this.rangeHeaders(position);
			const answer = await requestFile(this.connection, this.url, headers);
			if (answer.kind === 'response') {
				const { status, body } = answer;
				if (status === 200) {
					this.checkVersion(answer);
					return { reader: new BodyReader(body), offset: 0 };
				}
				if (status === 206 || status === 416) {
					const part = this.partOf(answer, position);
					if (part !== 'useless') return part;
					body.cut();
					if (!this.takesRanges) throw this.refusalError(status);
					this.takesRanges = false;
					continue;
				}
			}
			await this.recover(answer, tries);
		}
		return undefined;
	}

	private rangeHeaders(position: number): Record<string, string> {
		const validator = this.version && rangeValidator(this.version);
		if (position === 0 || !this.takesRanges || validator === undefined) return {};
		return { Range: `bytes=${position}-`, 'If-Range': validator };
	}

	private partOf({ status, headers, body }: FileResponse, position: number) {
		if (headers['content-range'] === `bytes */${position}`) {
			body.cut();
			return undefined;
		}
		const rest = status === 206 ? restOf(headers) : undefined;
		return rest && rest.offset <= position && isSameVersion(rest.version, this.version ?? {})
			? { reader: new BodyReader(body), offset: rest.offset }
			: 'useless';
	}

	private checkVersion({ headers, body }: FileResponse): void {
		const version = versionOf(headers);
		if (this.version && !isSameVersion(version, this.version)) {
			body.cut();
			throw nodeApiError(this.connection, {
				message: `Could not ${this.purpose}: it has changed while it was read`,
				description: 'Run this again.',
			});
		}
		this.version ??= version;
	}

	/** Waits, or renews the link, so that the file can be asked for again; throws where neither helps. */
	private async recover(answer: FileAnswer, tries: number): Promise<void> {
		if (answer.kind === 'response' && isRefusal(answer.status)) {
			const words = errorWords(await readText(answer.body));
			const url = this.isRenewed ? undefined : await this.file.renewUrl();
			if (url === undefined) throw this.refusalError(answer.status, words);
			this.isRenewed = true;
			this.url = url;
			return;
		}
		const isLasting = answer.kind === 'failure' && isPermanent(answer.code);
		const retryAfter = answer.kind === 'response' ? answer.headers['retry-after'] : undefined;
		const delay = isLasting ? undefined : backoffMs(retryAfter, tries, this.connection);
		if (delay === undefined) {
			throw answer.kind === 'response'
				? this.brokenError(answer.status, errorWords(await readText(answer.body)))
				: this.unreachableError(answer);
		}
		if (answer.kind === 'response') answer.body.cut();
		await pause(this.connection.context, delay);
	}

	private async pauseBeforeResuming(failure: string, position: number): Promise<void> {
		if (this.resumes === MAX_RESUMES) {
			throw nodeApiError(this.connection, {
				message: `Could not ${this.purpose} to its end: the file store ${failure}, the last time after ${position} bytes, and ${MAX_RESUMES} times before`,
				description: `Run this again in a few minutes. ${LIFETIMES}`,
			});
		}
		this.resumes++;
		await pause(this.connection.context, PAUSE_BEFORE_RESUMING_MS);
	}

	private get purpose() {
		return `download "${this.file.filename}" of job "${this.file.jobId}"`;
	}

	private refusalError(status: number, words = 'no reason given') {
		const refused = this.isRenewed ? 'the link, and a new one too' : 'the link';
		return nodeApiError(
			this.connection,
			{
				message: `Could not ${this.purpose}: the file store refused ${refused} (${status}): ${words}`,
				description: `${LIFETIMES} If these are over, start the export again.`,
			},
			status,
		);
	}

	private brokenError(status: number, words: string) {
		return nodeApiError(
			this.connection,
			{
				message: `Could not ${this.purpose}: the file store failed (${status}): ${words}`,
				description: `The fault is the file store's: nothing is wrong with your settings. Run this again in a few minutes. ${LIFETIMES}`,
			},
			status,
		);
	}

	private unreachableError({ code, host }: { code: string; host: string }) {
		const { purpose } = this;
		return nodeApiError(
			this.connection,
			unreachable(code, { purpose, server: 'file store', address: host, advice: LIFETIMES }),
		);
	}
}
