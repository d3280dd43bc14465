import type { IExecuteFunctions } from 'n8n-workflow';

import { pause } from '../../api/connection';
import type { JobFile } from '../../download/jobFiles';
import type { RowShape } from '../../rows/steps';
import { rowShape, RowSteps } from '../../rows/steps';
import { namesOf } from '../lookup/names';
import type { ItemConnection, OutputItem } from '../operation';
import type { Reading } from './rowsOfFiles';
import { addEmptyHint, addSkippedHint, counted, readFiles } from './rowsOfFiles';
import type { RowsOutput } from './readOutput';

/** With more rows, a workflow is better off with files or a summary: n8n keeps all items in memory. */
const MANY_ROWS = 100_000;

/** n8n can do nothing else while so many rows are changed. */
const ROWS_AT_A_TIME = 5_000;

/** Replaces the rows in their items, so that each is in memory only once. */
async function finishRows(
	context: IExecuteFunctions,
	items: OutputItem[],
	{ finish }: RowShape,
): Promise<void> {
	if (!finish) return;
	for (const [index, item] of items.entries()) {
		if (index > 0 && index % ROWS_AT_A_TIME === 0) await pause(context, 0);
		item.json = finish(item.json);
	}
}

function addHints(
	connection: ItemConnection,
	count: number,
	isCut: boolean,
	reading: Reading,
): void {
	const { addHint } = connection;
	if (addEmptyHint(connection, reading)) return;
	const rows = isCut && count === 1 ? 'row' : counted(count, 'row');
	const from = `${rows} from ${counted(reading.filesRead, 'file')}.`;
	// n8n itself shows where a limit is changed.
	addHint(isCut ? `The first ${from}` : from);
	addSkippedHint(connection, reading);
	if (count > MANY_ROWS) {
		addHint(
			`n8n keeps all ${counted(count, 'item')} in memory. For so many rows, set 'Output' to Summary, or to Files and load these where the rows are needed. 'Output Fields' makes rows smaller.`,
			'warning',
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
	const { limit } = request;
	const names = namesOf(connection);
	const shape = rowShape(request, names);
	const items: OutputItem[] = [];
	const pairedItem = { item: connection.itemIndex };
	const isFull = () => items.length >= limit;
	const steps = new RowSteps(request, names, {
		fields: request.outputFields,
		keep: (row) => shape.keep(row),
		receive(json) {
			if (isFull()) return;
			shape.add(json);
			items.push({ json, pairedItem });
		},
	});
	const isLimited = limit < Infinity;
	const reading = await readFiles(connection, files, request, { names, steps, isFull, isLimited });
	await finishRows(connection.context, items, shape);
	addHints(connection, items.length, isFull(), reading);
	return items;
}
