import { count, seconds, times } from '../../harness/report.ts';
import { alternate, best, type Bench } from '../bench.ts';
import { type Finding } from '../finding.ts';

const BODY_ROWS = 100_000;
const ROWS = 1_000_000;
/** All rows are kept, some 3 KB each. */
const HEAP_MB = 12_000;
const MAX_P99_MS = 50;
const MAX_WORST_RATIO = 1.5;

/** How late a timer is while rows are parsed, against a bare loop that keeps the same rows. */
export async function eventLoop(bench: Bench): Promise<Finding[]> {
	const stored = bench.store.exports.make('json', BODY_ROWS, ROWS / BODY_ROWS);
	const job = { export: stored, heapMb: HEAP_MB, count: ROWS };
	const { ours, bare } = await alternate(bench, {
		ours: { ...job, work: 'node: rows' },
		bare: { ...job, work: 'bare: NDJSON rows' },
	});
	const p99 = best(ours, ({ delays }) => delays.p99Ms);
	const worst = best(ours, ({ delays }) => delays.worstMs);
	const bareWorst = best(bare, ({ delays }) => delays.worstMs);
	const what = `a timer while ${count(ROWS)} rows are parsed`;
	return [
		{
			what: `${what}, p99 of its delay`,
			ours: seconds(p99),
			against: seconds(best(bare, ({ delays }) => delays.p99Ms)),
			ratio: '',
			limit: `≤ ${MAX_P99_MS} ms`,
			ok: p99 <= MAX_P99_MS,
		},
		{
			what: `${what}, worst delay`,
			ours: seconds(worst),
			against: seconds(bareWorst),
			ratio: times(worst / bareWorst),
			limit: `≤ ${MAX_WORST_RATIO} ×`,
			ok: worst <= bareWorst * MAX_WORST_RATIO,
		},
		{
			what: `${what} and taken over by n8n, worst delay`,
			ours: seconds(best(ours, ({ delaysToTheEnd }) => delaysToTheEnd.worstMs)),
			against: '',
			ratio: '',
			limit: '',
		},
	];
}
