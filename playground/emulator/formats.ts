import type { ExportFormat } from './export-request.ts';
import { COLUMNS, type Row } from './rows.ts';

/** How rows are written as text: what comes before them, each row, and what comes after them. */
export interface Encoding {
	head: string;
	row: (row: Row, index: number) => string;
	tail: string;
}

/** RFC 4180: a field with a quote, a comma or a line end is quoted, and its quotes are doubled. */
function csvField(value: unknown): string {
	if (value === null || value === undefined) return '';
	const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csvLine = (values: readonly unknown[]): string => `${values.map(csvField).join(',')}\r\n`;

const LINES: Encoding = { head: '', row: (row) => `${JSON.stringify(row)}\n`, tail: '' };

const ARRAY: Encoding = {
	head: '[',
	row: (row, index) => `${index === 0 ? '' : ','}\n${JSON.stringify(row)}`,
	tail: '\n]\n',
};

/** Placeholders with the right first and last bytes and without rows. */
const OPAQUE: Partial<Record<ExportFormat, string>> = {
	parquet: `PAR1${'\0'.repeat(56)}PAR1`,
	avro: `Obj\x01${'\0'.repeat(60)}`,
};

export const isOpaque = (format: ExportFormat): boolean => OPAQUE[format] !== undefined;

/** The encoding of a format. For Parquet and Avro, the head is the whole file. */
export function encodingOf(
	format: ExportFormat,
	options: { jsonArray: boolean; csvBom: boolean },
): Encoding {
	const opaque = OPAQUE[format];
	if (opaque !== undefined) return { head: opaque, row: () => '', tail: '' };
	if (format !== 'csv') return format === 'json' && options.jsonArray ? ARRAY : LINES;
	const bom = options.csvBom ? '\uFEFF' : '';
	return {
		head: bom + csvLine(COLUMNS),
		row: (row) => csvLine(COLUMNS.map((column) => row[column])),
		tail: '',
	};
}
