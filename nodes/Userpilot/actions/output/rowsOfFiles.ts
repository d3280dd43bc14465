import type { IDataObject } from 'n8n-workflow';

import { download } from '../../download/download';
import { FileError } from '../../download/fileError';
import type { JobFile } from '../../download/jobFiles';
import type { Names } from '../../rows/names';
import { readRows } from '../../rows/readRows';
import type { RowSink } from '../../rows/rowParser';
import type { RowSteps } from '../../rows/steps';
import { addEmptyFilesHint } from '../hints';
import { addNames } from '../lookup/names';
import type { ItemConnection } from '../operation';

const INVALID_ROW_ADVICE =
	"To skip such rows, set Options > 'On Invalid Row' to Skip. To get the file itself, set 'Output' to Files.";

const SEPARATOR_ADVICE =
	"Each row therefore has only one column. Set 'Output' to Files and read them with Extract From File, which has an option for the separator.";

export interface ReadOptions {
	skipBadRows: boolean;
	/** Of a decompressed file; `Infinity` for any. */
	maxFileBytes: number;
	/** The format in which the export was requested, where it is known. */
	format?: string;
}

/** What was read from the files. */
export interface Reading {
	filesRead: number;
	rowsRead: number;
	emptyFiles: string[];
	/** An invalid row that is an error. */
	failure?: FileError;
	skippedRows: number;
	firstSkippedRow?: string;
	/** Lines that were lost with skipped rows. */
	linesLost: number;
	/** What looks wrong about the first such file. */
	warning?: string;
}

export const counted = (count: number, noun: string) =>
	`${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** Receives the rows of a file, up to the end or a failure. Whatever comes after that is ignored. */
function rowSink(
	reading: Reading,
	filename: string,
	{ skipBadRows }: Pick<ReadOptions, 'skipBadRows'>,
	isDone: () => boolean,
	steps: RowSteps,
): RowSink {
	return {
		columns: steps.columns,
		row(row) {
			if (isDone() || reading.failure) return;
			reading.rowsRead++;
			steps.take(row);
		},
		invalidRow(line, problem) {
			if (isDone() || reading.failure) return;
			const message = `has an invalid row on line ${line}: it ${problem}`;
			if (skipBadRows) {
				reading.skippedRows++;
				reading.firstSkippedRow ??= `"${filename}" ${message}`;
			} else reading.failure = new FileError(message, INVALID_ROW_ADVICE);
		},
		linesLost(count) {
			if (!isDone()) reading.linesLost += count;
		},
		warn(problem) {
			reading.warning ??= `"${filename}" ${problem}`;
		},
	};
}

/**
 * Queues rows, starting with the first one whose name cannot be resolved yet. The records for it are requested
 * between two chunks of a file, because a parser cannot wait.
 */
function withNames(
	connection: ItemConnection,
	names: Names,
	steps: RowSteps,
	sink: RowSink,
	isDone: () => boolean,
) {
	let queue: Array<{ row?: IDataObject; send(): void }> = [];
	const inOrder = (send: () => void) => (queue.length > 0 ? void queue.push({ send }) : send());
	return {
		sink: {
			columns: sink.columns,
			row(row) {
				if (queue.length > 0 || (!isDone() && steps.missingKind(row) !== null)) {
					queue.push({ row, send: () => sink.row(row) });
				} else sink.row(row);
			},
			invalidRow: (line, problem) => inOrder(() => sink.invalidRow(line, problem)),
			linesLost: (count) => inOrder(() => sink.linesLost?.(count)),
			warn: (problem) => sink.warn?.(problem),
		} satisfies RowSink,
		async release() {
			const rows = queue;
			queue = [];
			for (const { row, send } of rows) {
				const kind = row && !isDone() ? steps.missingKind(row) : null;
				if (kind !== null) await addNames(connection, names, kind);
				send();
			}
		},
	};
}

/** Says so if the files held nothing; tells whether they did. */
export function addEmptyHint({ addHint }: ItemConnection, reading: Reading): boolean {
	const { filesRead, rowsRead, skippedRows } = reading;
	if (rowsRead > 0 || skippedRows > 0) return false;
	addHint(`No events match the date range and filters (${counted(filesRead, 'empty file')}).`);
	return true;
}

/** Counts the rows that were skipped, and names the first. */
export function addSkippedHint({ addHint }: ItemConnection, reading: Reading): void {
	const { skippedRows, firstSkippedRow, linesLost } = reading;
	if (skippedRows === 0) return;
	const them = skippedRows === 1 ? 'it' : 'them';
	const lost = linesLost > 0 ? `, and lost ${counted(linesLost, 'more line')} with ${them}` : '';
	const skipped = `Skipped ${counted(skippedRows, 'invalid row')}${lost}`;
	addHint(`${skipped}. The first: ${firstSkippedRow}`, 'warning');
}

/** Where the rows go, and when they are enough. */
interface Receiver {
	names: Names;
	steps: RowSteps;
	/** Whether no more rows are needed. */
	isFull(): boolean;
	/**
	 * Whether reading ends at an invalid row that is an error. Without a limit, the file is read to its end
	 * first, because its checksum may be wrong.
	 */
	isLimited: boolean;
}

async function readFile(
	connection: ItemConnection,
	file: JobFile,
	{ maxFileBytes, format, ...options }: ReadOptions,
	{ names, steps }: Receiver,
	reading: Reading,
	isDone: () => boolean,
): Promise<void> {
	const { filename } = file;
	const sink = rowSink(reading, filename, options, isDone, steps);
	const named = steps.needsNames ? withNames(connection, names, steps, sink, isDone) : undefined;
	const afterChunk = async () => {
		await named?.release();
		return isDone();
	};
	const use = { decompress: true, maxFileBytes };
	await download(connection, file, use, async (chunks, remote) => {
		await readRows(chunks, { filename, format }, named?.sink ?? sink, named ? afterChunk : isDone);
		await named?.release();
		if (reading.failure) throw reading.failure;
		if (remote.bytesReceived === 0) reading.emptyFiles.push(filename);
	});
}

/**
 * Reads the rows of files, in their order, and passes them to the steps.
 *
 * @throws {NodeApiError} that names file and line
 */
export async function readFiles(
	connection: ItemConnection,
	files: JobFile[],
	options: ReadOptions,
	receiver: Receiver,
): Promise<Reading> {
	const { steps, isFull, isLimited } = receiver;
	const reading: Reading = {
		...{ filesRead: 0, rowsRead: 0, emptyFiles: [] },
		...{ skippedRows: 0, linesLost: 0 },
	};
	const isDone = () => isFull() || (reading.failure !== undefined && isLimited);
	for (const file of files) {
		if (isDone()) break;
		reading.filesRead++;
		await readFile(connection, file, options, receiver, reading, isDone);
	}
	steps.finish();
	addEmptyFilesHint(connection, reading.emptyFiles);
	if (reading.warning !== undefined) {
		connection.addHint(`${reading.warning}. ${SEPARATOR_ADVICE}`, 'warning');
	}
	addStepHints(connection, steps, isFull());
	return reading;
}

function addStepHints(
	{ addHint }: ItemConnection,
	{ filter, latest }: RowSteps,
	isCut: boolean,
): void {
	// Rows that were not read may match.
	const unmatched = isCut ? [] : (filter?.unmatched() ?? []);
	if (unmatched.length > 0) {
		addHint(`No row matches these event names or IDs: ${unmatched.join(', ')}.`, 'warning');
	}
	if (latest && latest.rowsWithoutId > 0) {
		addHint(`Left out ${counted(latest.rowsWithoutId, 'row')} without a ${latest.column}.`);
	}
}
