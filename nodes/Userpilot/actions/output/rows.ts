import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { pause } from '../../api/connection';
import { download } from '../../download/download';
import { FileError } from '../../download/fileError';
import type { JobFile } from '../../download/jobFiles';
import { flattenStep } from '../../rows/flatten';
import { readRows } from '../../rows/readRows';
import type { RowSink } from '../../rows/rowParser';
import type { RowStep } from '../../rows/steps';
import { finishRow, takeRow } from '../../rows/steps';
import { addEmptyFilesHint } from '../hints';
import type { ItemConnection, OutputItem } from '../operation';
import type { RowsOutput } from './readOutput';

/** With more rows, a workflow is better off with files: n8n keeps all items in memory. */
const MANY_ROWS = 100_000;

const INVALID_ROW_ADVICE =
	"To skip such rows, set Options > 'On Invalid Row' to Skip. To get the file itself, set 'Output' to Files.";

const SEPARATOR_ADVICE =
	"Each row therefore has only one column. Set 'Output' to Files and read them with Extract From File, which has an option for the separator.";

/** n8n can do nothing else while so many rows are changed. */
const ROWS_AT_A_TIME = 5_000;

const counted = (count: number, noun: string) =>
	`${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** What was read from the files. */
interface Result {
	items: OutputItem[];
	filesRead: number;
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

/**
 * The steps that every row takes, in this order, on its way from a file to the output. A row that is
 * filtered out costs nothing in the steps after that, and the limit counts what is left.
 */
const stepsOf = ({ flatten }: RowsOutput): RowStep[] => (flatten ? [flattenStep()] : []);

/** Receives the rows of a file, up to the limit or a failure. Whatever comes after that is ignored. */
function rowSink(
	result: Result,
	filename: string,
	{ skipBadRows }: RowsOutput,
	isDone: () => boolean,
	take: (row: IDataObject) => void,
): RowSink {
	return {
		row(row) {
			if (!isDone() && !result.failure) take(row);
		},
		invalidRow(line, problem) {
			if (isDone() || result.failure) return;
			const message = `has an invalid row on line ${line}: it ${problem}`;
			if (skipBadRows) {
				result.skippedRows++;
				result.firstSkippedRow ??= `"${filename}" ${message}`;
			} else result.failure = new FileError(message, INVALID_ROW_ADVICE);
		},
		linesLost(count) {
			if (!isDone()) result.linesLost += count;
		},
		warn(problem) {
			result.warning ??= `"${filename}" ${problem}`;
		},
	};
}

/** Replaces the rows in their items, so that each is in memory only once. */
async function finishRows(
	context: IExecuteFunctions,
	items: OutputItem[],
	steps: RowStep[],
): Promise<void> {
	if (!steps.some(({ finish }) => finish)) return;
	for (const [index, item] of items.entries()) {
		if (index > 0 && index % ROWS_AT_A_TIME === 0) await pause(context, 0);
		item.json = finishRow(steps, item.json);
	}
}

function showHints(connection: ItemConnection, { limit }: RowsOutput, result: Result): void {
	const { items, filesRead, skippedRows, firstSkippedRow, linesLost, warning } = result;
	const warn = (message: string) => connection.addHint(message, 'warning');
	addEmptyFilesHint(connection, result.emptyFiles);
	if (warning !== undefined) warn(`${warning}. ${SEPARATOR_ADVICE}`);
	if (items.length === 0 && skippedRows === 0 && filesRead > 0) {
		const files = counted(filesRead, 'empty file');
		connection.addHint(`No events match the date range and filters (${files}).`);
		return;
	}
	const read = `${counted(items.length, 'row')} from ${counted(filesRead, 'file')}.`;
	const isCut = items.length >= limit;
	connection.addHint(isCut ? `${read} Stopped at the limit. There may be more rows.` : read);
	if (skippedRows > 0) {
		const them = skippedRows === 1 ? 'it' : 'them';
		const lost = `, and lost ${counted(linesLost, 'more line')} with ${them}`;
		warn(
			`Skipped ${counted(skippedRows, 'invalid row')}${linesLost > 0 ? lost : ''}. The first: ${firstSkippedRow}`,
		);
	}
	if (items.length > MANY_ROWS) {
		warn(
			`n8n keeps all ${counted(items.length, 'item')} in memory. For so many rows, set 'Output' to Files and load the files where the rows are needed.`,
		);
	}
}

/**
 * Returns the rows of files, one item each, in their order. The download ends as soon as the limit is
 * reached; if there is a limit, also at an invalid row that is an error.
 *
 * @throws {NodeApiError} that names file and line
 */
export async function downloadRows(
	connection: ItemConnection,
	files: JobFile[],
	request: RowsOutput & { format?: string },
): Promise<OutputItem[]> {
	const { limit, maxFileBytes, format } = request;
	const steps = stepsOf(request);
	const items: OutputItem[] = [];
	const result: Result = { items, filesRead: 0, emptyFiles: [], skippedRows: 0, linesLost: 0 };
	const pairedItem = { item: connection.itemIndex };
	// Without a limit, a file is read to its end even after a failure, because its checksum may be wrong.
	const isDone = () => items.length >= limit || (result.failure !== undefined && limit < Infinity);
	const take = (row: IDataObject) => {
		const json = takeRow(steps, row);
		if (json) items.push({ json, pairedItem });
	};
	for (const file of files) {
		if (isDone()) break;
		result.filesRead++;
		const { filename } = file;
		const sink = rowSink(result, filename, request, isDone, take);
		await download(connection, file, { decompress: true, maxFileBytes }, async (chunks, remote) => {
			await readRows(chunks, { filename, format }, sink, isDone);
			if (result.failure) throw result.failure;
			if (remote.bytesReceived === 0) result.emptyFiles.push(filename);
		});
	}
	await finishRows(connection.context, items, steps);
	showHints(connection, request, result);
	return items;
}
