import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from '../../../../playground/failure.ts';
import { count, megabytes, seconds } from '../../harness/report.ts';
import { watchResidentMemory } from '../../harness/resident-memory.ts';
import type { StoredExport } from '../../harness/store/exports.ts';
import { requireWhole } from '../../harness/store/store.ts';
import { downloadOf, fileSize } from '../../harness/workflows.ts';
import { JOB, type Plant } from '../plant.ts';
import type { Section } from '../section.ts';

const WARM_UP_ROWS = 1_000;
/** After a warm-up n8n's memory comes to rest. */
const REST_MS = 3_000;
/** Different rows, which a file holds so many times. */
const BODY_ROWS = 100_000;
const FILES = [
	{ rows: 15_000, repeat: 1 },
	{ rows: BODY_ROWS, repeat: 15 },
	{ rows: BODY_ROWS, repeat: 60 },
];
const ROWS = [10_000, 50_000, 100_000, 200_000, 400_000];

/** What one execution costs its worker, which is a new one each time. */
export async function memory(plant: Plant): Promise<Section[]> {
	const { store } = plant;
	await plant.publish('memory-binary', downloadOf(JOB, 'files'), { end: fileSize('data') });
	await plant.publish('memory-rows', downloadOf(JOB, 'rows'));
	await plant.publish('memory-rows-kept', downloadOf(JOB, 'rows'), { saved: true });
	const files: string[][] = [];
	for (const { rows, repeat } of FILES) {
		const stored = store.exports.make('json', rows, repeat);
		const { ms, growth } = await once(plant, 'memory-files', stored);
		files.push([
			megabytes(stored.bytes),
			megabytes(stored.bytesCompressed),
			seconds(ms),
			`${Math.round(stored.bytes / 1e3 / ms)} MB/s`,
			`+${megabytes(growth)}`,
		]);
	}
	const rows: string[][] = [];
	for (const number of ROWS) {
		const stored = store.exports.make('json', number);
		const cells = async (chain: string) => {
			try {
				const { ms, growth } = await once(plant, chain, stored);
				return [seconds(ms), `${(ms / number).toFixed(3)} ms`, `+${megabytes(growth)}`];
			} catch (error) {
				if (!(error instanceof Failure)) throw error;
				console.log(error.message);
				return ['fails', '', ''];
			}
		};
		rows.push([
			count(number),
			megabytes(stored.bytes),
			...(await cells('memory-rows')),
			...(await cells('memory-rows-kept')),
		]);
	}
	return [
		{
			title: 'One file as binary',
			text: 'Job > Download with Output "Files" in a worker that keeps binary data on disk and saves only executions that fail, from the call of a webhook until the worker is free.',
			headings: ['File', 'Compressed', 'Time', 'Speed', "Worker's memory at its peak"],
			rows: files,
		},
		{
			title: 'One file as rows',
			text: 'The same with Output "Rows". "Saved" is n8n\'s default, where the execution and all of its items end up in the database; the other workflow saves only executions that fail.',
			headings: [
				'Rows',
				'JSON',
				'Not saved: time',
				'per row',
				'memory',
				'Saved: time',
				'per row',
				'memory',
			],
			rows,
		},
	];
}

/** One execution in a new worker that has done a small one before. */
async function once(plant: Plant, chain: string, stored: StoredExport) {
	await plant.newWorkers(1);
	await plant.run(chain, plant.store.exports.make('json', WARM_UP_ROWS).jobId);
	await sleep(REST_MS);
	const grown = watchResidentMemory(plant.cluster.workers[0]!.process.pid);
	try {
		const { last, ms } = await plant.run(chain, stored.jobId);
		requireWhole(chain, last, stored);
		return { ms, growth: grown() };
	} finally {
		grown();
	}
}
