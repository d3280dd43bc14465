import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from '../../api/context';
import { FileProblem } from '../../files/fileProblem';
import { flatten } from '../../files/flatten';
import { gunzip } from '../../files/gunzip';
import { readRows } from '../../files/readRows';
import type { JobFile } from '../../files/remoteFile';
import { upTo } from '../../files/sizeLimit';
import { addEmptyFilesHint, addHint } from '../hints';
import type { OutputItem } from '../operation';
import { download } from './download';
import type { RowsOutput } from './readOutput';

/** From here on a workflow is better off with files: n8n keeps all items in memory. */
const MANY_ROWS = 100_000;

const BAD_ROW_ADVICE =
	'Set Options > On Bad Row to Skip to leave such rows out, or Output to Files to get the file itself.';

const counted = (count: number, noun: string) =>
	`${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** What came of the files. */
interface Rows {
	items: OutputItem[];
	filesRead: number;
	badRows: number;
	firstBadRow?: string;
	emptyFiles: string[];
}

function showHints(context: IExecuteFunctions, { limit }: RowsOutput, rows: Rows): void {
	const { items, filesRead, badRows, firstBadRow, emptyFiles } = rows;
	addEmptyFilesHint(context, emptyFiles);
	if (items.length === 0 && badRows === 0 && filesRead > 0) {
		const none = `${counted(filesRead, 'file')} without a row: no event fits the dates and filters of the export.`;
		addHint(context, none);
		return;
	}
	const came = `${counted(items.length, 'row')} of ${counted(filesRead, 'file')}.`;
	addHint(
		context,
		items.length < limit ? came : `${came} Stopped at the limit; there may be more rows.`,
	);
	if (badRows > 0) {
		addHint(
			context,
			`${counted(badRows, 'bad row')} left out. The first: ${firstBadRow}`,
			'warning',
		);
	}
	if (items.length > MANY_ROWS) {
		addHint(
			context,
			`n8n keeps all ${counted(items.length, 'item')} in memory. For so many, set Output to Files and load the files where the rows are needed.`,
			'warning',
		);
	}
}

/**
 * The rows of files, one item each, in their order. The download ends as soon as the limit is reached.
 *
 * @param extra columns that every row gets, unless it has them
 * @throws {NodeApiError} that names file and line
 */
export async function downloadRows(
	connection: Connection,
	context: IExecuteFunctions,
	files: JobFile[],
	request: RowsOutput & { format?: string },
	extra: IDataObject,
): Promise<OutputItem[]> {
	const { limit, flatten: isFlat, skipBadRows, maxFileBytes, format } = request;
	const extras = Object.entries(extra);
	const pairedItem = { item: connection.itemIndex ?? 0 };
	const rows: Rows = { items: [], filesRead: 0, badRows: 0, emptyFiles: [] };
	const isDone = () => rows.items.length >= limit;
	for (const file of files) {
		if (isDone()) break;
		rows.filesRead++;
		// Thrown at the end of the file: what looks like a bad row may be a file that fails its checksum.
		let badRow: FileProblem | undefined;
		const sink = {
			row(row: IDataObject) {
				if (isDone() || badRow) return;
				const json = isFlat ? flatten(row) : row;
				for (const [name, value] of extras) if (!(name in json)) json[name] = value;
				rows.items.push({ json, pairedItem });
			},
			badRow(line: number, problem: string) {
				if (isDone() || badRow) return;
				const where = `has a bad row in line ${line}, which ${problem}`;
				if (!skipBadRows) {
					badRow = new FileProblem(where, BAD_ROW_ADVICE);
					return;
				}
				rows.badRows++;
				rows.firstBadRow ??= `"${file.filename}" ${where}`;
			},
		};
		await download(connection, file, async (remote) => {
			const bytes = upTo(maxFileBytes, gunzip(remote));
			await readRows(bytes, { filename: file.filename, format }, sink, isDone);
			if (badRow) throw badRow;
			if (remote.bytesReceived === 0) rows.emptyFiles.push(file.filename);
		});
	}
	showHints(context, request, rows);
	return rows.items;
}
