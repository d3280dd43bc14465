import { hasEnded } from '../../../../playground/executions.ts';
import { count, seconds } from '../../harness/report.ts';
import { requireWhole } from '../../harness/store/store.ts';
import { until } from '../../harness/until.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { downloadOf, TRIGGER, watchWorkflow } from '../../harness/workflows.ts';
import { JOB, type Plant } from '../plant.ts';
import type { Section } from '../section.ts';

const FILES = [1, 10, 100, 365];
const ROWS_PER_FILE = 1_000;
const JOBS = [10, 100, 1_000];
const SEGMENTS = [1_000, 10_000, 100_000];
const WORKERS = 2;
const PATIENCE_MS = 300_000;

/** What grows with the number of files, jobs and records. */
export async function growth(plant: Plant): Promise<Section[]> {
	await plant.newWorkers(WORKERS);
	const rows = [
		...(await files(plant)),
		...(await lookups(plant)),
		...(await jobLists(plant)),
		await triggered(plant),
	];
	return [
		{
			title: 'Many files, jobs, records',
			text: `With ${WORKERS} workers. A file holds ${count(ROWS_PER_FILE)} rows; jobs and segments come from the emulator, on the same machine, so that no time is spent on the way.`,
			headings: ['What', 'Time', 'For each'],
			rows,
		},
	];
}

const line = (what: string, ms: number, number: number) => [
	what,
	seconds(ms),
	`${(ms / number).toFixed(ms / number < 1 ? 3 : 1)} ms`,
];

async function files({ store, ...plant }: Plant): Promise<string[][]> {
	await plant.publish('growth-files', downloadOf(JOB, 'rows'));
	const rows: string[][] = [];
	for (const number of FILES) {
		const stored = store.exports.make('json', ROWS_PER_FILE, 1, number);
		const { last, ms } = await plant.run('growth-files', stored.jobId);
		requireWhole('growth-files', last, stored);
		rows.push(line(`Job > Download, rows of ${count(number)} files`, ms, number));
	}
	return rows;
}

async function lookups({ cluster, ...plant }: Plant): Promise<string[][]> {
	const rows: string[][] = [];
	for (const number of SEGMENTS) {
		const id = `growth-segments-${number}`;
		const { emulator, credentialId } = await startUserpilot(cluster, id, {
			counts: { segments: number },
		});
		const parameters = { resource: 'lookup', operation: 'getSegments', returnAll: true };
		await plant.publish(id, parameters, { credentialId });
		const { ms } = await plant.run(id);
		rows.push(line(`Lookup > Get Segments, ${count(number)}`, ms, number));
		await emulator.close();
	}
	return rows;
}

async function jobLists({ cluster, ...plant }: Plant): Promise<string[][]> {
	const rows: string[][] = [];
	for (const number of JOBS) {
		const id = `growth-jobs-${number}`;
		const { emulator, credentialId } = await startUserpilot(cluster, id);
		emulator.control.seedJobs({ count: number });
		const parameters = { resource: 'job', operation: 'getAll', returnAll: true };
		await plant.publish(id, parameters, { credentialId });
		const { ms } = await plant.run(id);
		rows.push(line(`Job > Get Many, ${count(number)} in the list`, ms, number));
		await emulator.close();
	}
	return rows;
}

/** All jobs that the list can hold are new to the trigger, and each starts an execution. */
async function triggered({ cluster }: Plant): Promise<string[]> {
	const number = JOBS.at(-1)!;
	const id = 'growth-trigger';
	const { emulator, credentialId } = await startUserpilot(cluster, id);
	emulator.control.seedJobs({ count: number });
	const startedAt = performance.now();
	const workflow = watchWorkflow(id, credentialId, { startFrom: 'existing' });
	await cluster.main.publish(workflow);
	const fired = new Map<string, number>();
	await until(
		async () => {
			for (const execution of await cluster.client.listExecutions(id)) {
				if (!hasEnded(execution) || fired.has(execution.id)) continue;
				const { output } = await cluster.client.getExecution(execution.id);
				fired.set(execution.id, output(TRIGGER).length);
			}
			return [...fired.values()].reduce((sum, jobs) => sum + jobs, 0) >= number;
		},
		PATIENCE_MS,
		500,
	);
	const ms = performance.now() - startedAt;
	await cluster.client.unpublishWorkflow(id);
	await emulator.close();
	return line(
		`Userpilot Trigger, ${count(number)} new jobs, in ${count(fired.size)} executions`,
		ms,
		number,
	);
}
