import { count } from '../../harness/report.ts';
import { alternate, best, type Bench, type Job } from '../bench.ts';
import { atMost, type Finding } from '../finding.ts';
import type { Measurement } from '../measured/task.ts';
import { bundleProgram } from '../program.ts';

const ROWS = 100_000;
const MAX_RATIO = 1.5;
/** Of the processor's time at another commit: other processes disturb it less than the time that passes. */
const MAX_RATIO_BEFORE = 1.03;

const fastest = (measurements: Measurement[]) => best(measurements, ({ ms }) => ms);

/** All rows of a file as items, against the raw limit. */
export async function ndjson(bench: Bench): Promise<Finding[]> {
	const job = { export: bench.store.exports.make('json', ROWS), count: ROWS };
	const { ours, bare } = await alternate(bench, {
		ours: { ...job, work: 'node: rows' },
		bare: { ...job, work: 'bare: NDJSON rows' },
	});
	const what = `${count(ROWS)} NDJSON rows`;
	return [
		atMost(what, fastest(ours), fastest(bare), MAX_RATIO),
		...(await againstBefore(bench, what, job)),
	];
}

/** The same rows by the built package and by that of another commit, in turn. */
async function againstBefore(
	bench: Bench,
	what: string,
	job: Omit<Job, 'work'> & { count: number },
): Promise<Finding[]> {
	const { before, workspace } = bench;
	if (before === undefined) return [];
	const program = await bundleProgram(workspace, before);
	const results = await alternate(bench, {
		ours: { ...job, work: 'node: rows' },
		before: { ...job, work: 'node: rows', program },
	});
	const cpu = (measurements: Measurement[]) => best(measurements, ({ cpuMs }) => cpuMs);
	return [
		atMost(
			`${what}, CPU, against ${before}`,
			cpu(results.ours),
			cpu(results.before),
			MAX_RATIO_BEFORE,
		),
		atMost(`${what}, against ${before}`, fastest(results.ours), fastest(results.before)),
	];
}

/** The same, against the node's own parser without n8n, and against one that everybody knows. */
export async function csv(bench: Bench): Promise<Finding[]> {
	const job = { export: bench.store.exports.make('csv', ROWS), count: ROWS };
	const { ours, bare, csvParse } = await alternate(bench, {
		ours: { ...job, work: 'node: rows' },
		bare: { ...job, work: 'bare: CSV rows' },
		csvParse: { ...job, work: 'bare: CSV rows by csv-parse' },
	});
	const what = `${count(ROWS)} CSV rows`;
	return [
		atMost(what, fastest(ours), fastest(bare), MAX_RATIO),
		atMost(`${what}, against csv-parse without n8n`, fastest(ours), fastest(csvParse)),
		...(await againstBefore(bench, what, job)),
	];
}
