import {
	collect,
	MAX_EMPTY_PAGES,
	MAX_PAGES,
	pageSizeFor,
} from '../../../nodes/Userpilot/api/pagination';
import type { Page, PageRequest } from '../../../nodes/Userpilot/api/pagination';

/** A server with so many records, at most `cap` per page. */
function server(total: number, cap = 100) {
	const calls: PageRequest[] = [];
	const fetchPage = async (request: PageRequest): Promise<Page<number>> => {
		calls.push(request);
		const start = Number(request.cursor ?? 0);
		const end = Math.min(total, start + Math.min(cap, request.size));
		return {
			records: Array.from({ length: end - start }, (_, index) => start + index),
			after: end < total ? String(end) : null,
		};
	};
	return { calls, fetchPage };
}

describe('collect', () => {
	it.each([
		// total, limit, pages, requests
		[0, Infinity, 1],
		[1, Infinity, 1],
		[49, Infinity, 1],
		[50, Infinity, 1],
		[51, Infinity, 1],
		[53, Infinity, 1],
		[100, Infinity, 1],
		[101, Infinity, 2],
		[1000, Infinity, 10],
		[1000, 1, 1],
		[1000, 50, 1],
		[1000, 100, 1],
		[1000, 101, 2],
		[1000, 150, 2],
		[1000, 999, 10],
		[53, 60, 1],
	])('gets %i records, up to %d, in %i requests', async (total, limit, calls) => {
		const api = server(total);
		const { records, problem } = await collect(api.fetchPage, limit);
		const expected = Math.min(total, limit);
		expect(problem).toBeUndefined();
		expect(records).toEqual(Array.from({ length: expected }, (_, index) => index));
		expect(api.calls).toHaveLength(calls);
	});

	it('follows the cursor when a page is smaller than requested', async () => {
		const api = server(53, 10);
		expect((await collect(api.fetchPage, 25)).records).toHaveLength(25);
		expect(api.calls).toHaveLength(3);
	});

	it('continues after an empty page', async () => {
		const pages: Array<Page<number>> = [
			{ records: [1], after: 'a' },
			{ records: [], after: 'b' },
			{ records: [2], after: null },
		];
		expect(await collect(async () => pages.shift()!, Infinity)).toEqual({ records: [1, 2] });
	});

	it.each([
		['at once', ['a', 'a'], 2],
		['after a while', ['a', 'b', 'c', 'b'], 4],
	])('stops when a cursor is repeated %s', async (_, cursors, calls) => {
		let call = 0;
		const { records, problem } = await collect(
			async () => ({ records: [call], after: cursors[call++]! }),
			Infinity,
		);
		expect(call).toBe(calls);
		expect(records).toHaveLength(calls);
		expect(problem).toBe('the same page cursor twice');
	});

	it('stops after many empty pages in a row', async () => {
		let call = 0;
		const result = await collect(
			async () => ({ records: [], after: `cursor ${call++}` }),
			Infinity,
		);
		expect(call).toBe(MAX_EMPTY_PAGES);
		expect(result.problem).toMatch(/10 empty pages/);
	});

	it('stops after the maximum number of pages', async () => {
		let call = 0;
		const result = await collect(async () => ({ records: [0], after: `${call++}` }), Infinity);
		expect(call).toBe(MAX_PAGES);
		expect(result.problem).toMatch(/more than 2500 pages/);
	});

	it('ignores a repeated cursor when it has enough records', async () => {
		const fetchPage = async () => ({ records: [1, 2], after: 'same' });
		expect(await collect(fetchPage, 4)).toEqual({ records: [1, 2, 1, 2] });
	});
});

describe('pageSizeFor', () => {
	it.each([
		[Infinity, 100],
		[1, 1],
		[50, 50],
		[100, 100],
		[101, 51],
		[150, 75],
		[1000, 100],
		// So large that the division rounds up.
		[8e215, 100],
	])('fits %d records', (limit, size) => {
		expect(pageSizeFor(limit)).toBe(size);
	});
});
