import type { IDataObject } from 'n8n-workflow';

/** Receives what a file holds. */
export interface RowSink {
	/** The columns that are read of rows; others may be missing in them. Undefined for all. */
	readonly columns?: ReadonlySet<string>;
	row(row: IDataObject): void;
	/**
	 * @param line the line of the file, from 1, on which the invalid row starts
	 * @param problem words that follow "it", such as "is not JSON"
	 */
	invalidRow(line: number, problem: string): void;
	/** Counts lines that were lost with an invalid row and may have held rows of their own. */
	linesLost?(count: number): void;
	/** @param problem what looks wrong about a readable file, in words that follow its name */
	warn?(problem: string): void;
}

/** Turns the text of a file, chunk by chunk, into rows. */
export interface RowParser {
	write(text: string): void;
	end(): void;
}

/** In characters. A longer first line does not show how lines end. */
const MAX_FIRST_LINE = 1024 * 1024;

const withLineFeeds = (text: string) => text.replaceAll('\r', '\n');

/** Whether CR alone ends the first line; undefined while that line has no end yet. */
function endsWithCarriageReturn(
	text: string,
	isEnd: boolean,
	quoted?: RegExp,
): boolean | undefined {
	// Empty first lines do not show how the others end.
	const lines = text.replace(/^[\uFEFF\s]+/, '');
	const unquoted = quoted ? lines.replace(quoted, '""') : lines;
	const found = /\r\n?|\n/.exec(unquoted);
	const isSplit = found?.[0] === '\r' && found.index === unquoted.length - 1;
	return found && (!isSplit || isEnd) ? found[0] === '\r' : undefined;
}

/**
 * Lets a parser of lines that end with LF or CRLF read a file whose first line, and so each line, ends
 * with CR alone, as on old Macs. It would take such a file for a single line.
 *
 * @param quoted matches text in which line ends have no meaning
 */
export function anyLineEnds(parser: RowParser, quoted?: RegExp): RowParser {
	let start = '';
	/** The length at which to try again: trying at each chunk of a long line would take forever. */
	let nextTryLength = 1;
	let hasCarriageReturns: boolean | undefined;

	function decide(isEnd: boolean): void {
		if (start.length < nextTryLength && !isEnd) return;
		nextTryLength = 2 * start.length;
		const isLast = isEnd || start.length > MAX_FIRST_LINE;
		hasCarriageReturns =
			endsWithCarriageReturn(start, isEnd, quoted) ?? (isLast ? false : undefined);
		if (hasCarriageReturns === undefined) return;
		parser.write(hasCarriageReturns ? withLineFeeds(start) : start);
		start = '';
	}

	return {
		write(text) {
			if (hasCarriageReturns === undefined) {
				start += text;
				decide(false);
			} else parser.write(hasCarriageReturns ? withLineFeeds(text) : text);
		},
		end() {
			if (hasCarriageReturns === undefined) decide(true);
			parser.end();
		},
	};
}
