import { alternate, best, type Bench } from '../bench.ts';
import { atMost, count, type Finding } from '../finding.ts';
import type { RowFormat } from '../store/exports.ts';

const ROWS = 100_000;
const OWED = 1.5;

/** All rows of a file as items, against the raw limit. */
const rowsOf = (format: RowFormat, name: string) =>
	async function (bench: Bench): Promise<Finding[]> {
		const stored = bench.store.exports.make(format, ROWS);
		const { ours, bare } = await alternate(bench, {
			ours: { work: 'node: rows', export: stored, count: ROWS },
			bare: { work: `bare: ${name} rows` as 'bare: CSV rows', export: stored, count: ROWS },
		});
		const what = `${count(ROWS)} ${name} rows`;
		return [
			atMost(
				what,
				best(ours, ({ ms }) => ms),
				best(bare, ({ ms }) => ms),
				OWED,
			),
		];
	};

export const ndjson = rowsOf('json', 'NDJSON');
export const csv = rowsOf('csv', 'CSV');
