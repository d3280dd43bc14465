// One measurement in a process of its own: does its task once, prints the result as JSON.
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as bare from './bare';
import { csvParseRows, csvRows } from './bare-csv';
import * as node from './node';
import type { Measurement, Source, Task, Work } from './task';
import { watchMemory, watchTimer } from './watch';

const FIRST_ROWS = 100;

/** Rows are kept until the measurement is over, as n8n keeps items. */
type Outcome = unknown[] | number;

const works: Record<Work, (source: Source) => Promise<Outcome>> = {
	'node: rows': node.rows,
	'node: summary': node.summary,
	'node: first 100 rows': async (source) => await node.firstRows(source, FIRST_ROWS),
	'node: binary': node.binary,
	'node: a response': node.response,
	'bare: NDJSON rows': async ({ url }) => await bare.ndjsonRows(await bare.fetchFile(url)),
	'bare: NDJSON rows, none kept': async ({ url }) =>
		await bare.countNdjsonRows(await bare.fetchFile(url)),
	'bare: CSV rows': async ({ url }) => await csvRows(await bare.fetchFile(url)),
	'bare: CSV rows by csv-parse': async ({ url }) => await csvParseRows(await bare.fetchFile(url)),
	'bare: binary': async ({ url }) => await bare.binary(url, path.join(tmpdir(), 'file')),
	'bare: two files in turn': async ({ url }) => await bare.twoFilesInTurn(url),
	'bare: two files, one fetched ahead': async ({ url }) => await bare.twoFilesOneAhead(url),
};

async function measure({ work, source, warmUp }: Task): Promise<Measurement> {
	await works[work](warmUp);
	let delays: Measurement['delays'] | undefined;
	node.onItemsReturned(() => (delays = timer.delays()));
	const memoryGrowth = watchMemory();
	const timer = watchTimer();
	const startedAt = performance.now();
	const cpuBefore = process.cpuUsage();
	const outcome = await works[work](source);
	const { user, system } = process.cpuUsage(cpuBefore);
	const ms = performance.now() - startedAt;
	timer.stop();
	const delaysToTheEnd = timer.delays();
	return {
		ms,
		cpuMs: (user + system) / 1000,
		count: typeof outcome === 'number' ? outcome : outcome.length,
		memoryGrowth: memoryGrowth(),
		delays: delays ?? delaysToTheEnd,
		delaysToTheEnd,
	};
}

measure(JSON.parse(process.argv[2] ?? '') as Task).then(
	(measurement) => {
		console.log(JSON.stringify(measurement));
		process.exit(0);
	},
	(error) => {
		console.error(error);
		process.exit(1);
	},
);
