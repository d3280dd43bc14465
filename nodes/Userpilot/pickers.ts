import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';

import { segments } from './actions/lookup/lookups';
import { listJobs, lookupPages } from './api/calls';
import { MAX_PAGE_SIZE } from './api/pagination';
import { connect } from './api/client';
import type { JobSummary, LookupRecord } from './api/schemas';
import { segmentSchema } from './api/schemas';
import { formatUtc, newestFirst } from './jobs/job';

/** A person waits for these lists, so they time out sooner than an execution. */
const SEARCH_BUDGET_MS = 20_000;
/** A search without matches reads this many pages before it returns. The editor can load more. */
const MAX_PAGES_PER_SEARCH = 20;
const ITEMS_PER_PAGE = 50;

const matches = (filter: string | undefined, name: string) =>
	!filter || name.toLowerCase().includes(filter.trim().toLowerCase());

/** The field is narrow. The first part of the ID tells jobs of the same second apart. */
function jobItem({ job_id, status, start_time }: JobSummary): INodeListSearchItems {
	return {
		name: `${formatUtc(start_time)} · ${(status ?? 'unknown status').replace(/_/g, ' ')} · ${job_id.slice(0, 8)}`,
		value: job_id,
	};
}

/** The jobs, newest first. The token of the next page is the number of jobs before it. */
export async function searchJobs(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const connection = await connect(this, { budgetMs: SEARCH_BUDGET_MS });
	const items = (await listJobs(connection))
		.sort(newestFirst)
		.map(jobItem)
		.filter(({ name, value }) => matches(filter, `${name} ${value}`));
	const start = Number(paginationToken ?? 0);
	const end = start + ITEMS_PER_PAGE;
	return {
		results: items.slice(start, end),
		paginationToken: end < items.length ? String(end) : undefined,
	};
}

function segmentItem(record: LookupRecord): INodeListSearchItems[] {
	const { success, data } = segmentSchema.safeParse(record);
	if (!success) return [];
	const marks = [
		data.is_hidden ? 'hidden' : '',
		data.status && data.status !== 'published' ? data.status : '',
	].filter(Boolean);
	const title = data.title || `Segment ${data.id}`;
	return [
		{
			name: marks.length > 0 ? `${title} (${marks.join(', ')})` : title,
			value: String(data.id),
		},
	];
}

/** The segments, page by page. With a filter, pages are read until there are enough matches. */
export async function searchSegments(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const connection = await connect(this, { budgetMs: SEARCH_BUDGET_MS });
	const fetchPage = lookupPages(connection, segments);
	const results: INodeListSearchItems[] = [];
	let cursor: string | null = paginationToken ?? null;
	for (let pages = 0; pages < MAX_PAGES_PER_SEARCH; pages++) {
		const { records, after } = await fetchPage({ cursor, size: MAX_PAGE_SIZE });
		results.push(...records.flatMap(segmentItem).filter(({ name }) => matches(filter, name)));
		if (after === null || after === cursor) return { results };
		cursor = after;
		if (results.length >= ITEMS_PER_PAGE) break;
	}
	return { results, paginationToken: cursor ?? undefined };
}
