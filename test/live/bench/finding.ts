import { markdownTable, seconds, times } from '../harness/report.ts';

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
