import type { DownloadedFile } from './downloads.ts';

const HEADINGS = ['File', 'Rows', 'Bytes'];

/** The files as a table of text: names to the left, numbers to the right, a sum below. */
export function filesTable(files: DownloadedFile[]): string {
	const sum = (pick: (file: DownloadedFile) => number) =>
		files.reduce((total, file) => total + pick(file), 0);
	const rows = files.map((file) => [file.filename, grouped(file.rows), grouped(file.bytes)]);
	const total = [
		`${files.length} ${files.length === 1 ? 'file' : 'files'}`,
		grouped(sum((file) => file.rows)),
		grouped(sum((file) => file.bytes)),
	];
	const widths = HEADINGS.map((_, column) =>
		Math.max(...[HEADINGS, ...rows, total].map((row) => row[column]?.length ?? 0)),
	);
	const rule = widths.map((width) => '─'.repeat(width));
	return [HEADINGS, rule, ...rows, rule, total]
		.map((row) => row.map((cell, column) => align(cell, widths[column] ?? 0, column)).join('  '))
		.map((line) => `  ${line}`.trimEnd())
		.join('\n');
}

function align(cell: string, width: number, column: number): string {
	return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function grouped(value: number): string {
	return value.toLocaleString('en-US');
}
