import type { IDataObject } from 'n8n-workflow';

import type { RowParser, RowSink } from '../../../nodes/Userpilot/rows/rowParser';

export type MakeParser = (sink: RowSink) => RowParser;
export type Outcome = Array<IDataObject | [line: number, problem: string]>;

export function parse(makeParser: MakeParser, chunks: Iterable<string>): Outcome {
	const outcome: Outcome = [];
	const parser = makeParser({
		row: (row) => outcome.push(row),
		invalidRow: (line, problem) => outcome.push([line, problem]),
	});
	for (const chunk of chunks) parser.write(chunk);
	parser.end();
	return outcome;
}

/** Parses a text whole, split in two at every place, and character by character. */
export function expectOutcome(makeParser: MakeParser, text: string, expected: Outcome): void {
	for (let cut = 0; cut <= text.length; cut++) {
		const outcome = parse(makeParser, [text.slice(0, cut), '', text.slice(cut)]);
		expect([cut, outcome]).toEqual([cut, expected]);
	}
	expect(parse(makeParser, [text])).toEqual(expected);
	expect(parse(makeParser, text.split(''))).toEqual(expected);
}

export const notJson = expect.stringMatching(/^is not JSON: ./);
export const NOT_OBJECT = 'is JSON, but not an object';
