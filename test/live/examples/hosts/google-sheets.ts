import { type Respond, WebError } from '../web.ts';

type Cell = string | number | boolean | { formula: string };

const DEFAULT_ROWS = 1_000;
const FIRST_CHARACTERS_OF_FORMULAS = /^[=+]/;

/** What Google stores for a value. What a person could have typed may be a formula. */
const cellOf = (value: unknown, input: string): Cell =>
	input === 'USER_ENTERED' && typeof value === 'string' && FIRST_CHARACTERS_OF_FORMULAS.test(value)
		? { formula: value }
		: (value as Cell);

const columnNumber = (letters: string): number =>
	[...letters].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0) - 1;

const isEmpty = (cell: Cell | undefined): boolean => cell === undefined || cell === '';

function withoutTrailing<T>(list: T[], isNothing: (entry: T) => boolean): T[] {
	const last = list.findLastIndex((entry) => !isNothing(entry));
	return list.slice(0, last + 1);
}

/** One tab of a document. */
class Tab {
	readonly rows: Cell[][] = [];
	/** Google refuses a range that begins below the grid. */
	gridRows = DEFAULT_ROWS;

	/** Without empty cells and rows at the end, as Google gives them. */
	values(): Cell[][] {
		const rows = Array.from(this.rows, (row = []) => withoutTrailing(Array.from(row), isEmpty));
		return withoutTrailing(rows, ({ length }) => length === 0);
	}

	/** @param range A1 notation, with or without the name of the tab and columns */
	write(range: string, values: unknown[][], input: string): void {
		const [, letters = '', digits = '1'] = /^(?:.*!)?([A-Z]*)(\d*)/.exec(range) ?? [];
		const column = letters ? columnNumber(letters) : 0;
		const first = Number(digits) - 1;
		if (first >= this.gridRows) {
			const message = `Range (${range}) exceeds grid limits. Max rows: ${this.gridRows}`;
			throw new WebError(400, { error: { code: 400, message, status: 'INVALID_ARGUMENT' } });
		}
		values.forEach((cells, index) => {
			const row = (this.rows[first + index] ??= []);
			cells.forEach((value, position) => {
				if (value !== null) row[column + position] = cellOf(value, input);
			});
		});
		this.gridRows = Math.max(this.gridRows, this.rows.length);
	}
}

/** A document of the stand-in for Google Sheets. */
export class SheetsDocument {
	readonly tabs = new Map<string, Tab>();
	/** The writes, and reads, so far: Google allows 60 of each in a minute. */
	readonly requests: string[] = [];
	/** The next write is done, and its response is lost. */
	losesNextResponse = false;
	readonly url: string;

	constructor(name: string, tabs: string[]) {
		const id = name.padEnd(44, '-');
		this.url = `https://docs.google.com/spreadsheets/d/${id}/edit`;
		for (const tab of tabs) this.tabs.set(tab, new Tab());
		documents.set(id, this);
	}

	/** The cells of a tab. */
	cells(tab: string): Cell[][] {
		return this.tabs.get(tab)!.values();
	}

	respond(method: string, path: string, query: URLSearchParams, body: SheetsBody): unknown {
		this.requests.push(`${method} ${path}`);
		const result = method === 'GET' ? this.read(path, query) : this.write(path, query, body);
		if (method !== 'GET' && this.losesNextResponse) {
			this.losesNextResponse = false;
			throw new WebError(503, { error: { code: 503, message: 'Unavailable' } });
		}
		return result;
	}

	private read(path: string, query: URLSearchParams): unknown {
		if (!path.startsWith('/values/')) {
			return {
				sheets: [...this.tabs].map(([title, { gridRows: rowCount }], sheetId) => ({
					properties: { sheetId, title, gridProperties: { rowCount, columnCount: 26 } },
				})),
			};
		}
		const range = path.slice('/values/'.length);
		const values = this.tabOf(range).values();
		const [, row] = /!(\d+):\1$/.exec(range) ?? [];
		const part = row ? values.slice(Number(row) - 1, Number(row)) : values;
		if (part.length === 0) return { range };
		const isFormatted = query.get('valueRenderOption') === 'FORMATTED_VALUE';
		return { range, values: isFormatted ? part.map((cells) => cells.map(String)) : part };
	}

	private write(path: string, query: URLSearchParams, body: SheetsBody): unknown {
		const { requests = [], data = [], values = [], valueInputOption = '' } = body;
		for (const { appendDimension } of requests) {
			const tab = [...this.tabs.values()][appendDimension.sheetId]!;
			if (appendDimension.dimension === 'ROWS') tab.gridRows += appendDimension.length;
		}
		for (const { range, values } of data) this.tabOf(range).write(range, values, valueInputOption);
		if (path.startsWith('/values/')) {
			const range = path.slice('/values/'.length);
			this.tabOf(range).write(range, values, query.get('valueInputOption') ?? '');
		}
		return {};
	}

	private tabOf(range: string): Tab {
		const name = range.split('!')[0]!.replace(/^'|'$/g, '');
		const tab = this.tabs.get(name);
		if (tab) return tab;
		throw new WebError(400, { error: { code: 400, message: `Unable to parse range: ${range}` } });
	}
}

interface SheetsBody {
	requests?: Array<{ appendDimension: { sheetId: number; dimension: string; length: number } }>;
	data?: Array<{ range: string; values: unknown[][] }>;
	values?: unknown[][];
	valueInputOption?: string;
}

const documents = new Map<string, SheetsDocument>();

export const sheets: Respond = ({ call, body }) => {
	const [, method = '', id = '', path = '', query] =
		/^(\w+) [^/]+\/v4\/spreadsheets\/([^/:?]*)([^?]*)\??(.*)$/.exec(call) ?? [];
	return documents
		.get(id)
		?.respond(method, path, new URLSearchParams(query), (body || {}) as SheetsBody);
};
