import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Fault } from '../../../playground/emulator/faults.ts';
import { seededRandom } from '../../../playground/emulator/random.ts';
import { installN8n } from '../../../playground/install.ts';
import { showStep } from '../../../playground/progress.ts';
import { temporaryFolder } from '../harness/ending.ts';
import { Findings } from '../harness/findings.ts';
import { mixedFaults } from '../harness/mixed-faults.ts';
import { Instance } from '../harness/n8n.ts';
import { type CommandLine, numberOf, readOptions } from '../harness/options.ts';
import { startReceiver } from '../harness/receiver.ts';
import { Tally } from '../harness/tally.ts';
import { until } from '../harness/until.ts';
import { Watch } from '../harness/watch.ts';
import { Exporter } from './exporter.ts';
import { writeReport } from './report.ts';
import { readingsOf, sampleOf, type Sample, takeSamples } from './samples.ts';
import { judge } from './verdict.ts';

const WATCHES = 10;
const EXPORTERS = 10;
const IDLE_MS = 60_000;
const DRAIN_MS = 300_000;
const MAX_BETWEEN_JOBS_MS = 60_000;
const MAX_JOBS_AT_ONCE = 3;
const SHARE = 0.004;

/** One request in fifty fails or is late; as many more downloads are dropped. */
const FAULTS: Fault[] = [
	...mixedFaults(SHARE),
	{ kind: 'truncate', operation: 'file', rate: 5 * SHARE },
];

/** Adds jobs to what a trigger watches, at drawn times, until the time is over. */
async function addJobsUntil(watch: Watch, deadline: number, random: () => number): Promise<void> {
	while (Date.now() < deadline) {
		await sleep(random() * MAX_BETWEEN_JOBS_MS);
		const now = watch.emulator.control.now();
		watch.addJobs(...Array.from({ length: 1 + random() * MAX_JOBS_AT_ONCE }, () => now));
	}
}

/** Files of n8n's binary data, which belong to executions that were not saved. */
const filesLeft = (userFolder: string): string[] =>
	readdirSync(path.join(userFolder, '.n8n'), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /binary/i.test(entry.parentPath))
		.map((entry) => path.join(entry.parentPath, entry.name));

export async function run(commandLine: CommandLine): Promise<Findings> {
	const options = readOptions(commandLine, {
		minutes: { value: '<number>', help: 'how long it exports and polls (30)' },
		seed: { value: '<number>', help: 'draw the same sizes, pauses and faults again' },
		write: { help: 'write docs/soak.md and docs/soak.svg' },
	});
	const minutes = numberOf('minutes', options.minutes, 30);
	const seed = numberOf('seed', options.seed, Date.now() % 1_000_000);
	const folder = temporaryFolder('soak');
	const random = seededRandom(seed);
	console.log(`Seed ${seed}`);
	await installN8n();
	const meter = path.join(folder, 'meter.log');
	const instance = await Instance.launch(path.join(folder, 'n8n'), {
		env: {
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
			NODE_OPTIONS: `--expose-gc --require ${fileURLToPath(new URL('meter.cjs', import.meta.url))}`,
			SOAK_METER: meter,
		},
	});
	const { pid } = instance.process;
	const receiver = await startReceiver();
	const watches: Watch[] = [];
	const exporters: Exporter[] = [];
	const fired = () => watches.reduce((sum, watch) => sum + watch.fired().length, 0);
	const whole = () => exporters.reduce((sum, exporter) => sum + exporter.whole, 0);
	const idle = async () => {
		await sleep(IDLE_MS);
		return { sample: sampleOf(pid, 0), reading: readingsOf(meter).at(-1)! };
	};
	const before = await showStep('Idle, before anything is published', idle);

	await showStep(`Publishing ${WATCHES + EXPORTERS} workflows`, async () => {
		for (let index = 0; index < WATCHES; index++) {
			const watch = await Watch.create(instance, `watch-existing-${index}`, {
				startFrom: 'existing',
			});
			watches.push(watch);
			await watch.publish();
		}
		for (let index = 0; index < EXPORTERS; index++) {
			exporters.push(await Exporter.create(instance, receiver, index, random));
		}
	});
	[...watches, ...exporters].forEach(({ emulator: { control } }, index) => {
		control.set({ seed: seed + index });
		control.setFaults(FAULTS);
	});

	const startedAt = Date.now();
	const samples: Sample[] = [];
	await showStep(`Polling and exporting for ${minutes} minutes`, async (step) => {
		const deadline = startedAt + minutes * 60_000;
		const stop = takeSamples(pid, () => fired() + whole(), samples);
		const shown = setInterval(
			() => step.detail(`${fired()} jobs have fired, ${whole()} exports are whole`),
			5_000,
		);
		await Promise.all([
			...watches.map(async (watch) => await addJobsUntil(watch, deadline, random)),
			...exporters.map(async (exporter) => await exporter.exportUntil(deadline)),
		]);
		clearInterval(shown);
		stop();
	});
	const readings = readingsOf(meter).filter(({ at }) => at >= startedAt);
	const tallies = watches.map((watch) => new Tally(instance, watch));
	await showStep('Waiting for the last jobs', async () => {
		await until(() => tallies.every((tally) => tally.isComplete()), DRAIN_MS, 1_000);
	});
	const results = tallies.map((tally) => tally.result());
	for (const each of [...watches, ...exporters]) await each.close();
	receiver.close();
	const after = await showStep('Idle, at the end', idle);

	const findings = new Findings();
	const sum = (pick: (result: (typeof results)[number]) => number) =>
		results.reduce((total, result) => total + pick(result), 0);
	const requests = [...watches, ...exporters].flatMap(
		({ emulator }) => emulator.control.ledger().requests,
	);
	const faults = requests.filter(({ fault }) => fault).length;
	const errors = exporters.flatMap((exporter) => exporter.errors);
	findings.note(
		`${requests.length} calls and files, ${faults} (${((faults / requests.length) * 100).toFixed(1)} %) with a fault`,
	);
	findings.equal(
		'no job is missing',
		results.flatMap(({ missing }) => missing),
		[],
	);
	findings.equal(
		'no job fires twice',
		results.flatMap(({ twice }) => twice),
		[],
	);
	findings.note(`${sum(({ due }) => due)} jobs`);
	findings.equal(
		'each export is one job, and whole or told as an error',
		exporters.flatMap(({ wrong }) => wrong),
		[],
	);
	const rows = exporters.reduce((total, exporter) => total + exporter.rows, 0);
	findings.note(
		`${whole()} exports of ${rows.toLocaleString('en-US')} rows; ${errors.length} ended in an error: ${[...new Set(errors)].join(' ')}`,
	);
	const unavailable = exporters.reduce((total, exporter) => total + exporter.unavailable, 0);
	if (unavailable > 0) findings.note(`n8n responded 503 to ${unavailable} webhook requests`);
	const course = { samples, readings, idle: { before, after } };
	judge(findings, course);
	const left = filesLeft(instance.userFolder);
	findings.check('no file is left', left.length === 0, left.slice(0, 5).join(', '));
	await instance.stop();
	if (options.write) writeReport({ minutes, seed, findings, course });
	return findings;
}
