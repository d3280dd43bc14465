import type { DownloadedFile } from './downloads.ts';
import type { JsonObject } from './executions.ts';

/** A text table of the files, with the totals below. */
export function filesTable(files: DownloadedFile[]): string {
	const sum = (pick: (file: DownloadedFile) => number) =>
		files.reduce((total, file) => total + pick(file), 0);
	return table(
		['File', 'Rows', 'Bytes'],
		files.map((file) => [file.filename, grouped(file.rows), grouped(file.bytes)]),
		[
			`${files.length} ${files.length === 1 ? 'file' : 'files'}`,
			grouped(sum((file) => file.rows)),
			grouped(sum((file) => file.bytes)),
		],
		['left', 'right', 'right'],
	);
}

const ROW_COLUMNS = ['inserted_at', 'event_type', 'event_name', 'user_id'];

/** A text table of the first rows, with a few of their columns and the number of rows below. */
export function rowsTable(rows: JsonObject[], shown = 5): string {
	const first = rows.slice(0, shown);
	return table(
		ROW_COLUMNS,
		first.map((row) => ROW_COLUMNS.map((column) => String(row[column] ?? '').replace(/\s+/g, ' '))),
		[`${grouped(rows.length)} rows`, '', '', ''],
		ROW_COLUMNS.map(() => 'left'),
	);
}

type Side = 'left' | 'right';

/** A text table: headings, rows, and a last line below a rule. */
function table(headings: string[], rows: string[][], last: string[], sides: Side[]): string {
	const widths = headings.map((_, column) =>
		Math.max(...[headings, ...rows, last].map((row) => row[column]?.length ?? 0)),
	);
	const rule = widths.map((width) => '─'.repeat(width));
	const align = (cell: string, column: number) =>
		sides[column] === 'left' ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
	return [headings, rule, ...rows, rule, last]
		.map((row) => row.map(align).join('  '))
		.map((line) => `  ${line}`.trimEnd())
		.join('\n');
}

function grouped(value: number): string {
	return value.toLocaleString('en-US');
}
