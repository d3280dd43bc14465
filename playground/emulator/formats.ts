import type { ExportFormat } from './export-request.ts';
import { flatMetadata, METADATA_COLUMNS } from './row-columns.ts';
import { COLUMNS, type Row } from './rows.ts';
import type { Settings } from './settings.ts';

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

/** The options of a file's encoding. Those that are optional have the emulator's defaults. */
export interface EncodingOptions {
	jsonArray: boolean;
	csvBom: boolean;
	csvMetadata?: Settings['csvMetadata'];
	eventIds?: boolean;
}

function csvEncoding({ csvBom, csvMetadata = 'json', eventIds = true }: EncodingOptions): Encoding {
	const isFlat = csvMetadata === 'columns';
	const columns = [
		...COLUMNS.filter((column) => eventIds || column !== 'internal_event_id').filter(
			(column) => csvMetadata === 'json' || column !== 'metadata',
		),
		...(isFlat ? METADATA_COLUMNS : []),
	];
	const valuesOf = (row: Row): Record<string, unknown> =>
		isFlat ? { ...row, ...flatMetadata(row.metadata) } : row;
	return {
		head: (csvBom ? '\uFEFF' : '') + csvLine(columns),
		row: (row) => {
			const values = valuesOf(row);
			return csvLine(columns.map((column) => values[column]));
		},
		tail: '',
	};
}

/** The encoding of a format. For Parquet and Avro, the head is the whole file. */
export function encodingOf(format: ExportFormat, options: EncodingOptions): Encoding {
	const opaque = OPAQUE[format];
	if (opaque !== undefined) return { head: opaque, row: () => '', tail: '' };
	if (format === 'csv') return csvEncoding(options);
	return format === 'json' && options.jsonArray ? ARRAY : LINES;
}
