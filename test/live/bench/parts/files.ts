import { count, megabytes, times } from '../../harness/report.ts';
import type { Bench } from '../bench.ts';
import { type Finding } from '../finding.ts';
import type { FileMeasurement, FileWork } from '../measured/task.ts';
import { bundleFileProgram, runFileWork } from '../program.ts';

const MAX_CSV_RATIO = 1;
const MAX_DECIMALS_RATIO = 10;
const MAX_REQUESTS_RATIO = 10;
const MAX_READINGS_RATIO = 3;

/** What is read by the working copy, and by another commit, against other parsers in the same run. */
export async function files(bench: Bench): Promise<Finding[]> {
	const { workspace, before } = bench;
	const now = await bundleFileProgram(workspace);
	const peers = {
		csv: await measure(bench, now, 'CSV rows by csv-parse'),
		decimals: await measure(bench, now, 'decimals by JSON.parse'),
	};
	const findings: Finding[] = [];
	if (before !== undefined) {
		const program = await bundleFileProgram(workspace, before);
		for (const { what, ...figures } of await findingsOf(bench, program, peers)) {
			findings.push({ ...figures, what: `${what}, ${before}`, limit: '', ok: undefined });
		}
	}
	return [...findings, ...(await findingsOf(bench, now, peers))];
}

async function findingsOf(
	bench: Bench,
	program: string,
	peers: Record<'csv' | 'decimals', FileMeasurement>,
): Promise<Finding[]> {
	const csv = await measure(bench, program, 'CSV rows');
	const decimals = await measure(bench, program, 'decimals');
	const { requests, bytesRead, fileBytes } = await measure(bench, program, 'pages');
	const rows = `${count(csv.count)} CSV rows with JSON in a column`;
	const ten = 'rows of 10 decimals, CPU a row, against JSON.parse';
	const pages = '80 gzip pages stored within gzip';
	return [
		finding(
			`${rows}, heap a row, against csv-parse`,
			heap(csv),
			heap(peers.csv),
			inBytes,
			MAX_CSV_RATIO,
		),
		finding(
			`${rows}, CPU a row, against csv-parse`,
			cpu(csv),
			cpu(peers.csv),
			inMicroseconds,
			MAX_CSV_RATIO,
		),
		finding(ten, cpu(decimals), cpu(peers.decimals), inMicroseconds, MAX_DECIMALS_RATIO),
		finding(`${pages}, requests`, requests, 1, String, MAX_REQUESTS_RATIO),
		finding(`${pages}, bytes read`, bytesRead, fileBytes, megabytes, MAX_READINGS_RATIO),
	];
}

const inBytes = (value: number) => `${Math.round(value)} B`;
const inMicroseconds = (value: number) => `${value.toFixed(1)} µs`;
const heap = ({ heapBytes, count: rows }: FileMeasurement) => heapBytes / rows;
const cpu = ({ cpuMs, count: rows }: FileMeasurement) => (cpuMs * 1000) / rows;

function finding(
	what: string,
	ours: number,
	against: number,
	show: (value: number) => string,
	max: number,
): Finding {
	const ratio = ours / against;
	return {
		what,
		ours: show(ours),
		against: show(against),
		ratio: times(ratio),
		limit: `≤ ${max} ×`,
		ok: ratio <= max,
	};
}

/** The best of each figure, as other processes disturb a measurement. */
async function measure(bench: Bench, program: string, work: FileWork): Promise<FileMeasurement> {
	let best = await runFileWork(bench.workspace, program, work);
	for (let round = 1; round < bench.rounds; round += 1) {
		const other = await runFileWork(bench.workspace, program, work);
		best = {
			...best,
			cpuMs: Math.min(best.cpuMs, other.cpuMs),
			heapBytes: Math.min(best.heapBytes, other.heapBytes),
		};
	}
	return best;
}
