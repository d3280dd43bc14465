import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

import { Failure } from '../../../playground/failure.ts';
import { PLAYGROUND } from '../../../playground/paths.ts';
import { type Finding, table } from '../bench/finding.ts';
import { PROJECT } from './workspace.ts';

const REPORT = path.join(PROJECT, 'docs', 'benchmarks.md');
const GIGABYTE = 1024 ** 3;

/** The machine that was measured on. */
export function machine(): string {
	const processors = cpus();
	const model = processors[0]?.model.trim() ?? 'unknown processor';
	const memory = Math.round(totalmem() / GIGABYTE);
	return `Measured on ${processors.length} cores (${model}), ${memory} GB of memory, ${process.platform}, Node ${process.versions.node}`;
}

export const takenTurns = (rounds: number): string =>
	`${machine()}; each the best of ${rounds} runs that took turns.`;

export function n8nVersion(): string {
	const text = readFileSync(path.join(PLAYGROUND, 'package.json'), 'utf8');
	return (JSON.parse(text) as { dependencies: { n8n: string } }).dependencies.n8n;
}

/**
 * Writes what a program has measured to docs/benchmarks.md, where its marks stand.
 *
 * @throws Failure when they do not
 */
export function writePart(
	program: 'bench' | 'bench -- --only files' | 'scale' | 'stopwatch',
	text: string,
): void {
	const marks = [`<!-- npm run ${program} -->`, `<!-- /npm run ${program} -->`] as const;
	const report = readFileSync(REPORT, 'utf8');
	const [start, end] = [report.indexOf(marks[0]), report.indexOf(marks[1])];
	if (start < 0 || end < start) throw new Failure(`${REPORT} lacks ${marks.join(' … ')}.`);
	const before = report.slice(0, start + marks[0].length);
	writeFileSync(REPORT, `${before}\n\n${text}\n\n${report.slice(end)}`);
}

/** What `npm run bench` writes. */
export const benchText = (findings: Finding[], rounds: number): string =>
	`${table(findings)}\n\n${takenTurns(rounds)} n8n ${n8nVersion()}.`;
