import { megabytes } from '../../harness/report.ts';
import { alternate, best, measure, requireCount, type Bench } from '../bench.ts';
import { atMost, type Finding } from '../finding.ts';

const BODY_ROWS = 100_000;
const MAX_TIME_RATIO = 2;
const MAX_MEMORY_BYTES = 100e6;

/** Copies of the body that make a gigabyte or more. */
export const REPEATS_PER_GB = 15;

const gigabytes = (bench: Bench, size: number) =>
	bench.store.exports.make('json', BODY_ROWS, REPEATS_PER_GB * size);

function memory(what: string, growth: number): Finding {
	return {
		what: `${what}, memory at its peak`,
		ours: `+${megabytes(growth)}`,
		against: '',
		ratio: '',
		limit: `≤ +${megabytes(MAX_MEMORY_BYTES)}`,
		ok: growth <= MAX_MEMORY_BYTES,
	};
}

/** A file as n8n's binary data, against a pipeline of Node's streams into a file. */
export async function binary(bench: Bench): Promise<Finding[]> {
	const one = gigabytes(bench, 1);
	const { ours, bare } = await alternate(bench, {
		ours: { work: 'node: binary', export: one, count: one.bytes },
		bare: { work: 'bare: binary', export: one, count: one.bytes },
	});
	const four = gigabytes(bench, 4);
	const large = await measure(bench, { work: 'node: binary', export: four });
	requireCount('node: binary', large.count, four.bytes);
	const msOf = ({ ms }: { ms: number }) => ms;
	return [
		atMost('binary, 1 GB', best(ours, msOf), best(bare, msOf), MAX_TIME_RATIO),
		memory('binary, 1 GB', Math.max(...ours.map(({ memoryGrowth }) => memoryGrowth))),
		memory('binary, 4 GB', large.memoryGrowth),
	];
}
