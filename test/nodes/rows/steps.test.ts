import type { IDataObject } from 'n8n-workflow';

import type { RowStep } from '../../../nodes/Userpilot/rows/steps';
import { finishRow, takeRow } from '../../../nodes/Userpilot/rows/steps';

describe('steps', () => {
	const seen: IDataObject[] = [];
	const even: RowStep = { take: (row) => ((row.n as number) % 2 === 0 ? row : undefined) };
	const doubled: RowStep = {
		take(row) {
			seen.push(row);
			return { n: 2 * (row.n as number) };
		},
		finish: (row) => ({ ...row, of: seen.length }),
	};

	beforeEach(() => void (seen.length = 0));

	it('take a row one after the other', () => {
		expect(takeRow([even, doubled], { n: 4 })).toEqual({ n: 8 });
		expect(takeRow([doubled, doubled], { n: 3 })).toEqual({ n: 12 });
	});

	it('do not see a row that a step before them has filtered out', () => {
		expect(takeRow([even, doubled], { n: 3 })).toBeUndefined();
		expect(seen).toEqual([]);
	});

	it('finish a row once all rows are known', () => {
		const rows = [{ n: 1 }, { n: 2 }].map((row) => takeRow([doubled], row)!);
		expect(rows.map((row) => finishRow([even, doubled], row))).toEqual([
			{ n: 2, of: 2 },
			{ n: 4, of: 2 },
		]);
	});

	it('leave a row as it is where there are none', () => {
		const row = { n: 1 };
		expect(takeRow([], row)).toBe(row);
		expect(finishRow([], row)).toBe(row);
	});
});
