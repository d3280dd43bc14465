import { quoteLongNumbers } from './exactJson';
import { extended, isBlank, MAX_ROW_LENGTH, rowParser, tooLong, withoutMarks } from './jsonRow';
import type { RowParser, RowSink } from './rowParser';
import { anyLineEnds } from './rowParser';

/**
 * NDJSON: one JSON object per line. Lines end with LF, CRLF or, if the first one does, CR. Blank lines
 * are skipped.
 *
 * @param maxLength of a row, in characters; a row that arrives in one chunk may be longer
 */
export const ndjsonParser = (sink: RowSink, maxLength = MAX_ROW_LENGTH): RowParser =>
	anyLineEnds(lineParser(sink, maxLength));

function lineParser(sink: RowSink, maxLength: number): RowParser {
	/** The start of a row; undefined if it is too long. */
	let unfinished: string | undefined = '';
	let line = 1;
	const parseRow = rowParser(sink);

	function parseLines(marked: string): void {
		const text = withoutMarks(marked);
		const lines = text.split('\n');
		// Where only some columns are read, few rows are parsed as a whole.
		const quoted = sink.columns ? undefined : quoteLongNumbers(text);
		const quotedLines = quoted === text ? lines : quoted?.split('\n');
		for (let index = 0; index < lines.length; index++, line++) {
			const json = lines[index]!;
			if (!isBlank(json)) parseRow(json, line, quotedLines?.[index]);
		}
	}

	const refuseTooLong = () => sink.invalidRow(line++, tooLong(maxLength));

	return {
		write(text) {
			const end = text.lastIndexOf('\n');
			if (end < 0) {
				unfinished = extended(unfinished, text, maxLength);
				return;
			}
			const firstEnd = text.indexOf('\n');
			if (unfinished === undefined) refuseTooLong();
			else parseLines(unfinished + text.slice(0, firstEnd));
			// On its own, because joining all of the text would copy it.
			if (firstEnd < end) parseLines(text.slice(firstEnd + 1, end));
			unfinished = extended('', text.slice(end + 1), maxLength);
		},
		end() {
			if (unfinished === undefined) refuseTooLong();
			else parseLines(unfinished);
		},
	};
}
