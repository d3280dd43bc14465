import { markdownTable } from '../harness/report.ts';

/** What a part has measured. */
export interface Section {
	title: string;
	text: string;
	headings: string[];
	rows: string[][];
}

export const sectionText = ({ title, text, headings, rows }: Section): string =>
	`### ${title}\n\n${text}\n\n${markdownTable(headings, rows)}`;
