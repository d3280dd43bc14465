import { count, seconds, times } from '../../harness/report.ts';
import { alternate, best, type Bench } from '../bench.ts';
import { type Finding } from '../finding.ts';

const ROWS = 100_000;
const WORTH_IT = 1.3;

/** Where the second file comes from. */
const STORES = [
	{ name: 'this machine', pace: undefined },
	{ name: '20 MB/s, 50 ms away', pace: '20MBps-50ms' },
	{ name: '5 MB/s, 50 ms away', pace: '5MBps-50ms' },
];

/** The most that fetching one file ahead could gain over two files in turn, without n8n. */
export async function prefetch(bench: Bench): Promise<Finding[]> {
	const stored = bench.store.exports.make('json', ROWS);
	const findings: Finding[] = [];
	for (const { name, pace } of STORES) {
		const job = { export: stored, pace, count: ROWS * 2 };
		const { ahead, inTurn } = await alternate(bench, {
			ahead: { ...job, work: 'bare: two files, one fetched ahead' },
			inTurn: { ...job, work: 'bare: two files in turn' },
		});
		const aheadMs = best(ahead, ({ ms }) => ms);
		const inTurnMs = best(inTurn, ({ ms }) => ms);
		findings.push({
			what: `2 files of ${count(ROWS)} rows, one fetched ahead (${name}), no n8n`,
			ours: seconds(aheadMs),
			against: seconds(inTurnMs),
			ratio: times(inTurnMs / aheadMs),
			limit: `worth it from ${WORTH_IT} ×`,
		});
	}
	return findings;
}
