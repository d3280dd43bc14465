import { count } from '../../harness/report.ts';
import { alternate, best, type Bench } from '../bench.ts';
import { atMost, type Finding } from '../finding.ts';
import type { Measurement } from '../measured/task.ts';

const ROWS = 100_000;
const MAX_RATIO = 1.5;

const fastest = (measurements: Measurement[]) => best(measurements, ({ ms }) => ms);

/** All rows of a file as items, against the raw limit. */
export async function ndjson(bench: Bench): Promise<Finding[]> {
	const job = { export: bench.store.exports.make('json', ROWS), count: ROWS };
	const { ours, bare } = await alternate(bench, {
		ours: { ...job, work: 'node: rows' },
		bare: { ...job, work: 'bare: NDJSON rows' },
	});
	return [atMost(`${count(ROWS)} NDJSON rows`, fastest(ours), fastest(bare), MAX_RATIO)];
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
	];
}
