import type { RowParser } from './rowParser';

/** In characters. A first line that is longer does not tell how lines end. */
const LONGEST_FIRST_LINE = 1024 * 1024;

const withLineFeeds = (text: string) => text.replaceAll('\r', '\n');

/** Whether CR alone ends the first line; undefined where that line has no end yet. */
function endsWithCarriageReturn(
	text: string,
	isEnd: boolean,
	quoted?: RegExp,
): boolean | undefined {
	// An empty first line says nothing of the others.
	const lines = text.replace(/^[\uFEFF\s]+/, '');
	const unquoted = quoted ? lines.replace(quoted, '""') : lines;
	const found = /\r\n?|\n/.exec(unquoted);
	const isCut = found?.[0] === '\r' && found.index === unquoted.length - 1;
	return found && (!isCut || isEnd) ? found[0] === '\r' : undefined;
}

/**
 * Lets a parser of lines that end with LF or CRLF read a file whose first line, and so each of them, ends
 * with CR alone, as on old Macs. It would take such a file for a single line.
 *
 * @param quoted what may hold line ends that are none
 */
export function anyLineEnds(parser: RowParser, quoted?: RegExp): RowParser {
	let start = '';
	/** How long the start must be for another look: a long line in many chunks would else take for ever. */
	let tellingLength = 1;
	let hasCarriageReturns: boolean | undefined;

	function decide(isEnd: boolean): void {
		if (start.length < tellingLength && !isEnd) return;
		tellingLength = 2 * start.length;
		const isLast = isEnd || start.length > LONGEST_FIRST_LINE;
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
