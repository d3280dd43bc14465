import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

import { Failure } from '../../../playground/failure.ts';
import playground from '../../../playground/package.json' with { type: 'json' };
import { PROJECT } from '../../../playground/paths.ts';

export const DOCS = path.join(PROJECT, 'docs');
const BENCHMARKS = path.join(DOCS, 'benchmarks.md');
const GIGABYTE = 1024 ** 3;

/** `1234` → `1.23 s`. */
export const seconds = (ms: number): string =>
	ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

export const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

export const count = (value: number): string => value.toLocaleString('en-US');

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

/** The machine that was measured on. */
export function machine(): string {
	const processors = cpus();
	const model = processors[0]?.model.trim() ?? 'unknown processor';
	const memory = Math.round(totalmem() / GIGABYTE);
	return `Measured on ${processors.length} cores (${model}), ${memory} GB of memory, ${process.platform}, Node ${process.versions.node}`;
}

export const n8nVersion = (): string => playground.dependencies.n8n;

/**
 * Writes what a program has measured to docs/benchmarks.md, between its marks.
 *
 * @throws Failure when docs/benchmarks.md lacks them
 */
export function writePart(
	program: 'bench' | 'bench --only files' | 'bench --only summary' | 'scale' | 'stopwatch',
	text: string,
): void {
	const [start, end] = [
		`<!-- npm run live -- ${program} -->`,
		`<!-- /npm run live -- ${program} -->`,
	];
	const report = readFileSync(BENCHMARKS, 'utf8');
	const [from, to] = [report.indexOf(start), report.indexOf(end)];
	if (from < 0 || to < from) throw new Failure(`${BENCHMARKS} lacks ${start} … ${end}.`);
	const before = report.slice(0, from + start.length);
	writeFileSync(BENCHMARKS, `${before}\n\n${text}\n\n${report.slice(to)}`);
}
