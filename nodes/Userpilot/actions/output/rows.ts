import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { pause } from '../../api/connection';
import { FileProblem } from '../../download/fileError';
import { Flattener } from '../../rows/flatten';
import { gunzip } from '../../download/gunzip';
import { readRows } from '../../rows/readRows';
import type { JobFile } from '../../download/remoteFile';
import { upTo } from '../../download/sizeLimit';
import { addEmptyFilesHint } from '../hints';
import type { ItemConnection, OutputItem } from '../operation';
import { download } from '../../download/jobFiles';
import type { RowsOutput } from './readOutput';

/** From here on a workflow is better off with files: n8n keeps all items in memory. */
const MANY_ROWS = 100_000;

const BAD_ROW_ADVICE =
	'Set Options > On Invalid Row to Skip to leave such rows out, or Output to Files to get the file itself.';

const SEPARATOR_ADVICE =
	'So each row has only one column. Set Output to Files and read them with Extract From File, which has an option for the separator.';

/** n8n can do nothing else while so many rows are changed. */
const ROWS_AT_A_TIME = 5_000;

const counted = (count: number, noun: string) =>
	`${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** What came of the files. */
interface Rows {
	items: OutputItem[];
	/** Whether no more is wanted of the files. */
	isDone(): boolean;
	/** The one that is the error. */
	badRow?: FileProblem;
	filesRead: number;
	badRows: number;
	firstBadRow?: string;
	/** Lines of the files that were lost with bad rows. */
	linesLost: number;
	/** What looks wrong about a file; the first one tells of the others. */
	doubt?: string;
	emptyFiles: string[];
}

function showHints(connection: ItemConnection, { limit }: RowsOutput, rows: Rows): void {
	const { addHint } = connection;
	const { items, filesRead, badRows, firstBadRow, linesLost, doubt, emptyFiles } = rows;
	addEmptyFilesHint(connection, emptyFiles);
	if (doubt !== undefined) addHint(`${doubt}. ${SEPARATOR_ADVICE}`, 'warning');
	if (items.length === 0 && badRows === 0 && filesRead > 0) {
		const none = `${counted(filesRead, 'file')} without a row: no event fits the dates and filters of the export.`;
		addHint(none);
		return;
	}
	const came = `${counted(items.length, 'row')} of ${counted(filesRead, 'file')}.`;
	addHint(items.length < limit ? came : `${came} Stopped at the limit; there may be more rows.`);
	if (badRows > 0) {
		const lost = `, and ${counted(linesLost, 'more line')} lost with ${badRows === 1 ? 'it' : 'them'}`;
		addHint(
			`${counted(badRows, 'bad row')} left out${linesLost > 0 ? lost : ''}. The first: ${firstBadRow}`,
			'warning',
		);
	}
	if (items.length > MANY_ROWS) {
		addHint(
			`n8n keeps all ${counted(items.length, 'item')} in memory. For so many, set Output to Files and load the files where the rows are needed.`,
			'warning',
		);
	}
}

/** Changes the rows in their place, so that each is in memory only once. */
async function changeRows(
	context: IExecuteFunctions,
	items: OutputItem[],
	change: (row: IDataObject) => IDataObject,
): Promise<void> {
	for (const [index, item] of items.entries()) {
		if (index > 0 && index % ROWS_AT_A_TIME === 0) await pause(context, 0);
		item.json = change(item.json);
	}
}

/** Where the rows of a file go; whatever comes behind the last that is wanted is none. */
function rowSink(
	rows: Rows,
	filename: string,
	skipBadRows: boolean,
	add: (row: IDataObject) => void,
) {
	return {
		row(row: IDataObject) {
			if (!rows.isDone() && !rows.badRow) add(row);
		},
		badRow(line: number, problem: string) {
			if (rows.isDone() || rows.badRow) return;
			const where = `has a bad row in line ${line}, which ${problem}`;
			if (!skipBadRows) {
				rows.badRow = new FileProblem(where, BAD_ROW_ADVICE);
				return;
			}
			rows.badRows++;
			rows.firstBadRow ??= `"${filename}" ${where}`;
		},
		linesLost(count: number) {
			if (!rows.isDone()) rows.linesLost += count;
		},
		warn(doubt: string) {
			rows.doubt ??= `"${filename}" ${doubt}`;
		},
	};
}

/**
 * The rows of files, one item each, in their order. The download ends as soon as the limit is reached;
 * where there is one, also at a bad row that is an error.
 *
 * @throws {NodeApiError} that names file and line
 */
export async function downloadRows(
	connection: ItemConnection,
	files: JobFile[],
	request: RowsOutput & { format?: string },
): Promise<OutputItem[]> {
	const { limit, flatten, skipBadRows, maxFileBytes, format } = request;
	const pairedItem = { item: connection.itemIndex };
	const flattener = flatten ? new Flattener() : undefined;
	const rows: Rows = {
		items: [],
		// Where all rows are wanted, a file is read on behind a bad one, as it may fail its checksum.
		isDone: () => rows.items.length >= limit || (rows.badRow !== undefined && limit < Infinity),
		filesRead: 0,
		badRows: 0,
		linesLost: 0,
		emptyFiles: [],
	};
	const add = (row: IDataObject) => {
		flattener?.add(row);
		rows.items.push({ json: row, pairedItem });
	};
	for (const file of files) {
		if (rows.isDone()) break;
		rows.filesRead++;
		const sink = rowSink(rows, file.filename, skipBadRows, add);
		await download(connection, file, async (remote) => {
			const bytes = upTo(maxFileBytes, gunzip(remote));
			await readRows(bytes, { filename: file.filename, format }, sink, rows.isDone);
			if (rows.badRow) throw rows.badRow;
			if (remote.bytesReceived === 0) rows.emptyFiles.push(file.filename);
		});
	}
	if (flattener) await changeRows(connection.context, rows.items, (row) => flattener.flatten(row));
	showHints(connection, request, rows);
	return rows.items;
}
