import { markdownTable, seconds, times } from '../harness/report.ts';

/** A line of the table. */
export interface Finding {
	what: string;
	ours: string;
	against: string;
	ratio: string;
	limit: string;
	/** Undefined where there is no limit. */
	ok?: boolean;
}

/** Ours may take `max` times as long as the other; without it, there is no limit. */
export function atMost(what: string, ours: number, against: number, max?: number): Finding {
	const ratio = ours / against;
	return {
		what,
		ours: seconds(ours),
		against: seconds(against),
		ratio: times(ratio),
		limit: max === undefined ? '' : `≤ ${max} ×`,
		ok: max === undefined ? undefined : ratio <= max,
	};
}

const HEADINGS = ['what', 'ours', 'against', 'ratio', 'limit', 'ok'];

function cells(finding: Finding): string[] {
	const { what, ours, against, ratio, limit, ok } = finding;
	return [what, ours, against, ratio, limit, ok === undefined ? '' : ok ? 'yes' : 'NO'];
}

/** The findings as a Markdown table. */
export const table = (findings: Finding[]): string => markdownTable(HEADINGS, findings.map(cells));
