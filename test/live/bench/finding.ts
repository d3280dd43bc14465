/** A line of the table. */
export interface Finding {
	what: string;
	ours: string;
	against: string;
	ratio: string;
	owed: string;
	/** Undefined where nothing is owed. */
	ok?: boolean;
}

/** `1234` → `1.23 s`. */
export const seconds = (ms: number): string =>
	ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

export const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

export const count = (value: number): string => value.toLocaleString('en-US');

/** Ours may take this many times as long as the other; nothing is owed where none is given. */
export function atMost(what: string, ours: number, against: number, most?: number): Finding {
	const ratio = ours / against;
	return {
		what,
		ours: seconds(ours),
		against: seconds(against),
		ratio: times(ratio),
		owed: most === undefined ? '' : `≤ ${most} ×`,
		ok: most === undefined ? undefined : ratio <= most,
	};
}

const HEADINGS = ['what', 'ours', 'against', 'ratio', 'owed', 'ok'];

function cells(finding: Finding): string[] {
	const { what, ours, against, ratio, owed, ok } = finding;
	return [what, ours, against, ratio, owed, ok === undefined ? '' : ok ? 'yes' : 'NO'];
}

/** The findings as a Markdown table. */
export const table = (findings: Finding[]): string => markdownTable(HEADINGS, findings.map(cells));

/** Its columns are aligned, so that it reads well in a terminal too. */
export function markdownTable(headings: string[], body: string[][]): string {
	const rows = [headings, ...body];
	const widths = headings.map((_, column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	const line = (row: string[]) =>
		`| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
	const rule = line(widths.map((width) => '-'.repeat(width)));
	return [line(headings), rule, ...body.map(line)].join('\n');
}
