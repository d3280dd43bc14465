import { count } from '../../harness/report.ts';
import { measure, requireCount, type Bench } from '../bench.ts';
import { type Finding } from '../finding.ts';
import { REPEATS_PER_GB } from './binary.ts';

const LIMIT = 100;
const MAX_SHARE = 0.02;
/** On one machine the system's buffers take megabytes in a blink, which no network does. */
const PACE = '50MBps-20ms';

/** What a limit saves: bytes that the store has sent, against the whole file. */
export async function limit(bench: Bench): Promise<Finding[]> {
	const { exports, bytesSent } = bench.store;
	const stored = exports.make('json', 100_000, REPEATS_PER_GB);
	const before = await bytesSent(stored.jobId);
	const { count: rows } = await measure(bench, {
		work: 'node: first 100 rows',
		export: stored,
		pace: PACE,
	});
	requireCount('node: first 100 rows', rows, LIMIT);
	const bytes = (await bytesSent(stored.jobId)) - before;
	const share = bytes / stored.bytesCompressed;
	return [
		{
			what: `the first ${LIMIT} rows of 1 GB, bytes sent (50 MB/s)`,
			ours: count(bytes),
			against: count(stored.bytesCompressed),
			ratio: `${(share * 100).toFixed(2)} %`,
			limit: `≤ ${MAX_SHARE * 100} %`,
			ok: share <= MAX_SHARE,
		},
	];
}
