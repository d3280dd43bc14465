/** One page of records and the cursor of the next one, null at the end. */
export interface Page<T> {
	records: T[];
	after: string | null;
}

export interface PageRequest {
	/** The cursor of the page before, null for the first page. */
	cursor: string | null;
	/** How many records to ask for. */
	size: number;
}

/** The API documents no maximum. */
export const MAX_PAGE_SIZE = 100;
/** 100,000 records are 2,000 pages of the API's default size, 50. Many more would take hours. */
export const MAX_PAGES = 2_500;
/** Give up after this many empty pages in a row. */
export const MAX_EMPTY_PAGES = 10;

interface Collected<T> {
	records: T[];
	/** Why the records are incomplete, as in "Userpilot sent …". */
	problem?: string;
}

/** The smallest page size that gets `limit` records with the fewest requests. */
export function pageSizeFor(limit: number): number {
	if (!Number.isFinite(limit)) return MAX_PAGE_SIZE;
	const size = Math.ceil(limit / Math.ceil(limit / MAX_PAGE_SIZE));
	return Math.min(MAX_PAGE_SIZE, Math.max(1, size));
}

/**
 * Follows the cursor until there are `limit` records (`Infinity` for all) or no more pages. The API's
 * total is not used, because it may be capped. A repeated cursor and too many pages are a `problem`.
 */
export async function collect<T>(
	fetchPage: (request: PageRequest) => Promise<Page<T>>,
	limit: number,
): Promise<Collected<T>> {
	const records: T[] = [];
	const seen = new Set<string>();
	const size = pageSizeFor(limit);
	let cursor: string | null = null;
	let emptyPages = 0;
	for (let pages = 0; pages < MAX_PAGES; pages++) {
		const page: Page<T> = await fetchPage({ cursor, size });
		for (const record of page.records) {
			if (records.length === limit) break;
			records.push(record);
		}
		if (page.after === null || records.length === limit) return { records };
		if (seen.has(page.after)) return { records, problem: 'the same page cursor twice' };
		seen.add(page.after);
		emptyPages = page.records.length === 0 ? emptyPages + 1 : 0;
		if (emptyPages === MAX_EMPTY_PAGES) {
			return { records, problem: `${MAX_EMPTY_PAGES} empty pages in a row` };
		}
		cursor = page.after;
	}
	return { records, problem: `more than ${MAX_PAGES} pages` };
}
