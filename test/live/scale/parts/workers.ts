import { availableParallelism } from 'node:os';

import { count } from '../../harness/report.ts';
import type { StoredExport } from '../../harness/store/exports.ts';
import { requireWhole } from '../../harness/store/store.ts';
import { downloadOf, fileSize } from '../../harness/workflows.ts';
import { JOB, type Plant } from '../plant.ts';
import { processorSeconds } from '../processor-time.ts';
import type { Section } from '../section.ts';

const WORKERS = [1, 2, 4];
const SIDE_BY_SIDE = 8;
const RUNS = 32;
/** About 10 MB when it is decompressed. */
const ROWS = 15_000;

/** The same work with more and more workers. */
export async function workers(plant: Plant): Promise<Section[]> {
	const { cluster, store } = plant;
	await plant.publish('scale-ndjson', downloadOf(JOB, 'rows'));
	await plant.publish('scale-binary', downloadOf(JOB, 'files'), { end: fileSize('data') });
	const stored = store.exports.make('json', ROWS);
	const rows: string[][] = [];
	const first = new Map<string, number>();
	for (const number of WORKERS) {
		await plant.newWorkers(number);
		for (const kind of ['files', 'ndjson'] as const) {
			const chain = `scale-${kind}`;
			// Each worker has had one before.
			await inTurns(plant, chain, stored, SIDE_BY_SIDE);
			const pids = {
				workers: cluster.workers.map((worker) => worker.process.pid),
				main: [cluster.main.process.pid],
				postgres: [cluster.postgres.pid],
				redis: [cluster.redis.pid],
			};
			const before = processorSeconds(pids);
			const startedAt = performance.now();
			await inTurns(plant, chain, stored, RUNS);
			const secondsTaken = (performance.now() - startedAt) / 1000;
			const after = processorSeconds(pids);
			const cores = (name: keyof typeof pids) =>
				((after[name] - before[name]) / secondsTaken).toFixed(2);
			const filesPerMinute = (RUNS / secondsTaken) * 60;
			if (!first.has(kind)) first.set(kind, filesPerMinute);
			rows.push([
				kind === 'files' ? 'Files' : 'Rows',
				String(number),
				count(Math.round(filesPerMinute)),
				kind === 'files' ? '' : count(Math.round((RUNS * ROWS) / secondsTaken)),
				`${(filesPerMinute / first.get(kind)!).toFixed(2)} ×`,
				cores('workers'),
				cores('main'),
				cores('postgres'),
				cores('redis'),
			]);
		}
	}
	return [
		{
			title: 'More workers',
			text: `${RUNS} executions, ${SIDE_BY_SIDE} at a time, each Job > Download of one file of ${count(ROWS)} rows (${(stored.bytes / 1e6).toFixed(1)} MB). "Cores" is how many processor cores each kind of process kept busy; this machine has ${availableParallelism()}.`,
			headings: [
				'Output',
				'Workers',
				'Files a minute',
				'Rows a second',
				'Against one worker',
				'Cores: workers',
				'main',
				'PostgreSQL',
				'Redis',
			],
			rows,
		},
	];
}

/** So many executions, a few of them at any time. */
async function inTurns(plant: Plant, chain: string, stored: StoredExport, runs: number) {
	let begun = 0;
	const turn = async () => {
		while (begun++ < runs) {
			const { last } = await plant.run(chain, stored.jobId);
			requireWhole(chain, last, stored);
		}
	};
	await Promise.all(Array.from({ length: SIDE_BY_SIDE }, turn));
}
