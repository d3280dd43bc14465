import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(__dirname, '../../docs/reliability.md');
const BEGIN =
	'<!-- faults:begin, made by "UPDATE=1 npm test -- faults" -->\n\n<!-- prettier-ignore-start -->\n';
const END = '\n<!-- prettier-ignore-end -->\n\n<!-- faults:end -->';

/**
 * Compares what the tests have found with what docs/reliability.md says between its two marks; with
 * `UPDATE=1`, writes it there.
 */
export function checkDocument(section: string): void {
	const text = existsSync(FILE) ? readFileSync(FILE, 'utf8') : `${BEGIN}${END}\n`;
	const [before, rest] = text.split(BEGIN);
	const [committed, after] = (rest ?? '').split(END);
	if (before === undefined || committed === undefined || after === undefined) {
		throw new Error('docs/reliability.md has no marks around the table of faults');
	}
	if (process.env.UPDATE) {
		writeFileSync(FILE, `${before}${BEGIN}${section}${END}${after}`);
		return;
	}
	if (committed === section) return;
	const known = new Set(committed.split('\n'));
	const fresh = section.split('\n').filter((line) => !known.has(line));
	throw new Error(
		`docs/reliability.md is out of date. If the change is intended, run "UPDATE=1 npm test -- faults" and check the diff.\n\n${fresh.slice(0, 5).join('\n') || 'Rows were removed or moved.'}`,
	);
}
