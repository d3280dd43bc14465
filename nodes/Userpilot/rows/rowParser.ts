import type { IDataObject } from 'n8n-workflow';

/** Where the rows of a file go. */
export interface RowSink {
	row(row: IDataObject): void;
	/**
	 * @param line the physical line of the file, from 1, on which the bad row begins
	 * @param problem in words that follow "which"
	 */
	badRow(line: number, problem: string): void;
	/** Counts lines that went down with a bad row and may have held rows of their own. */
	linesLost?(count: number): void;
	/** @param doubt what looks wrong about a file whose rows can be read, in words that follow its name */
	warn?(doubt: string): void;
}

/** Turns the text of a file, given piece by piece, into rows. */
export interface RowParser {
	write(text: string): void;
	end(): void;
}
