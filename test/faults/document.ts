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
		throw new Error('docs/reliability.md has lost the marks between which the faults stand');
	}
	if (process.env.UPDATE) {
		writeFileSync(FILE, `${before}${BEGIN}${section}${END}${after}`);
		return;
	}
	if (committed === section) return;
	const known = new Set(committed.split('\n'));
	const fresh = section.split('\n').filter((line) => !known.has(line));
	throw new Error(
		`What the nodes do is not what docs/reliability.md says. If it is meant to be so, run "UPDATE=1 npm test -- faults" and look at what has changed.\n\n${fresh.slice(0, 5).join('\n') || 'Rows have gone, or moved.'}`,
	);
}
