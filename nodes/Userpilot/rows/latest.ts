import type { IDataObject } from 'n8n-workflow';

import { timeSortKey } from './eventTime';

export type LatestOf = 'user' | 'company';

/**
 * Keeps one row for each user or company: the one with the greatest `inserted_at`, and of equal ones the
 * last in the files. Memory grows with users or companies, not with rows.
 */
export class LatestRows<Kept> {
	/** Rows without the ID, which belong to nobody. */
	rowsWithoutId = 0;

	private readonly byId = new Map<string, { time: string; kept: Kept }>();

	readonly column: string;

	/** All that it reads of a row. */
	readonly columns: readonly string[];

	constructor(of: LatestOf) {
		this.column = `${of}_id`;
		this.columns = [this.column, 'inserted_at'];
	}

	/** @param keep what to keep of the row; called only if it is the latest so far */
	add(row: IDataObject, keep: (row: IDataObject) => Kept): void {
		const id = row[this.column];
		if (id === null || id === undefined || id === '') {
			this.rowsWithoutId++;
			return;
		}
		const time = timeSortKey(row.inserted_at);
		const key = String(id);
		const latest = this.byId.get(key);
		if (latest && time < latest.time) return;
		// Taken out first, so that the rows stand in the order of the files.
		this.byId.delete(key);
		this.byId.set(key, { time, kept: keep(row) });
	}

	/** In the order of the files. */
	*rows(): Generator<Kept> {
		for (const { kept } of this.byId.values()) yield kept;
	}
}
