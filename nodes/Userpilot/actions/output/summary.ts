import { nodeApiError } from '../../api/errors';
import type { JobFile } from '../../download/jobFiles';
import { fieldReaderOf, RowSteps } from '../../rows/steps';
import { Summary, SummaryTooLargeError } from '../../rows/summary';
import { namesOf } from '../lookup/names';
import type { ItemConnection, OutputItem } from '../operation';
import { addEmptyHint, addSkippedHint, counted, readFiles } from './rowsOfFiles';
import type { SummaryOutput } from './readOutput';

/**
 * Returns groups of the rows of files, one item each. All rows are read, and none is kept.
 *
 * @throws {NodeApiError} that names file and line, or says that the groups would fill the memory
 */
export async function summarizeRows(
	connection: ItemConnection,
	files: JobFile[],
	request: SummaryOutput & { format?: string },
): Promise<OutputItem[]> {
	const { groupBy, values, limit } = request;
	const { addHint } = connection;
	const names = namesOf(connection);
	const summary = new Summary({ groupBy, values, readerOf: fieldReaderOf(request, names) });
	const steps = new RowSteps(request, names, {
		fields: summary.fields,
		keep: (row) => row,
		receive: (row) => summary.add(row),
	});
	const rows = { names, steps, isFull: () => false, isLimited: false };
	const reading = await readFiles(connection, files, request, rows).catch(
		async (error: unknown) =>
			await Promise.reject(
				error instanceof SummaryTooLargeError ? tooLargeError(connection, error) : error,
			),
	);
	const groups = summary.rows();
	if (addEmptyHint(connection, reading)) return [];
	const { rowsRead, filesRead } = reading;
	const read = `${counted(rowsRead, 'row')} from ${counted(filesRead, 'file')}`;
	const isCut = groups.length > limit;
	addHint(
		`${isCut ? `The first ${limit.toLocaleString('en-US')} of ` : ''}${counted(groups.length, 'group')} of ${read}.`,
	);
	addSkippedHint(connection, reading);
	if (summary.skippedValues > 0) {
		const are = summary.skippedValues === 1 ? 'is not a number' : 'are not numbers';
		addHint(`Skipped ${counted(summary.skippedValues, 'value')} that ${are}.`, 'warning');
	}
	return groups.slice(0, limit).map((json) => ({ json }));
}

const tooLargeError = (connection: ItemConnection, { message }: Error) =>
	nodeApiError(connection, {
		message,
		description:
			"They would fill n8n's memory. Nothing was returned. Group by fewer columns, filter by event, or export fewer days at a time.",
	});
