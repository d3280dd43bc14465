import type { IDataObject } from 'n8n-workflow';

import type { LatestOf } from '../../../nodes/Userpilot/rows/latest';
import { LatestRows } from '../../../nodes/Userpilot/rows/latest';

function latest(of: LatestOf, rows: IDataObject[]) {
	const latestRows = new LatestRows<IDataObject>(of);
	for (const row of rows) latestRows.add(row, (kept) => kept);
	return { rows: [...latestRows.rows()], rowsWithoutId: latestRows.rowsWithoutId };
}

const row = (user_id: unknown, second: string | null, n: number) =>
	({ user_id, inserted_at: second && `2024-07-29T00:00:${second}Z`, n }) as IDataObject;

describe('the latest row of each user', () => {
	it('is the one with the greatest time, wherever it stands', () => {
		const rows = [row('a', '02', 1), row('b', '01', 2), row('a', '01', 3), row('b', '09', 4)];
		expect(latest('user', rows).rows).toEqual([rows[0], rows[3]]);
	});

	it('is the later one in the files when times are equal', () => {
		const rows = [row('a', '01.5', 1), row('a', '01.500', 2)];
		expect(latest('user', rows).rows).toEqual([rows[1]]);
	});

	it('tells microseconds apart', () => {
		const rows = [row('a', '01.000002', 1), row('a', '01.000001', 2)];
		expect(latest('user', rows).rows).toEqual([rows[0]]);
	});

	it('has a time if any row of the user has one', () => {
		const rows = [row('a', '01', 1), row('a', null, 2), row('b', null, 3)];
		expect(latest('user', rows).rows).toEqual([rows[0], rows[2]]);
	});

	it('takes an ID and its text for the same user', () => {
		expect(latest('user', [row(7, '01', 1), row('7', '02', 2)]).rows).toHaveLength(1);
	});

	it('counts rows that belong to nobody', () => {
		const rows = [row(null, '01', 1), row('', '01', 2), { n: 3 }, row(0, '01', 4)];
		expect(latest('user', rows)).toEqual({ rows: [rows[3]], rowsWithoutId: 3 });
	});

	it('is asked for companies by their own ID', () => {
		const rows = [{ company_id: 'c' }, { user_id: 'u' }];
		expect(latest('company', rows)).toEqual({ rows: [rows[0]], rowsWithoutId: 1 });
	});
});
