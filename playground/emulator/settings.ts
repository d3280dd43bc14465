import { LOOKUP_NAMES, type LookupName } from './lookup-records.ts';

/** Settings that can be changed while the emulator runs. */
export interface Settings {
	/** Keys that may use the API. Each sees only its own jobs. */
	apiKeys: string[];
	/** Keys of accounts whose plan lacks the export API. */
	planlessKeys: string[];
	/** HTTP status for a plan without the feature: the guide's body says 401, its prose 403. */
	planStatus: number;
	/** Duration of a new job. */
	jobSeconds: number;
	/** Delay before a new job appears in the list. Its details are available at once. */
	listLagSeconds: number;
	/** Share of new jobs that end as `failed`, 0 to 1. */
	failureRate: number;
	/** Whether completed jobs show the progress of the guide's example, "2 out of 5 partitions". */
	oddProgress: boolean;
	/** Rows per day of an export without filters. */
	rowsPerDay: number;
	/** Seed for rows, failures and rates of faults. */
	seed: number;
	/** Number of records in each lookup. */
	counts: Record<LookupName, number>;
	/** Page size if the request has no limit. */
	defaultLimit: number;
	/** Largest page size. */
	maxLimit: number;
	/** For a limit above `maxLimit`: `reject` responds with 422, `clamp` with a page of `maxLimit`. */
	overLimit: 'reject' | 'clamp';
	/** Lifetime of a job, from its start. */
	jobTtlHours: number;
	/** Lifetime of a link, from the end of its job. */
	linkTtlHours: number;
	/** Origin of the links if not the emulator's file store, such as a host that does not exist. */
	filesUrl: string;
	/** Whether the file store supports Range. */
	ranges: boolean;
	/** Whether file responses have Content-Length. Without it they are chunked, and the size of a big file need not be counted first. */
	contentLength: boolean;
	/** Whether file responses have `Content-Encoding: gzip`, so that HTTP clients decompress them. */
	contentEncoding: boolean;
	/** Whether a file has one gzip member per day instead of one in all. */
	memberPerDay: boolean;
	/** Whether `json` files hold one array instead of one object per line. */
	jsonArray: boolean;
	/** Whether CSV files start with a byte-order mark. */
	csvBom: boolean;
	/** Metadata in CSV files: one column of JSON text, no column, or a column for each value. */
	csvMetadata: 'json' | 'none' | 'columns';
	/** Whether rows have `internal_event_id`, which older exports lack. */
	eventIds: boolean;
	/** Whether one row in ten is hard to store: characters, names, sizes and columns that a product can send. */
	oddRows: boolean;
	/** Whether names in lookups are hard to store or to show: markup, formulas, characters, equal, long and missing names. */
	oddNames: boolean;
}

/** Settings to change. Counts that are missing stay the same. */
export type SettingsPatch = Partial<Omit<Settings, 'counts'>> & {
	counts?: Partial<Settings['counts']>;
};

const DEFAULT_COUNT = 12;
const PAGED_COUNT = 53;

const defaultCounts = (): Record<LookupName, number> => {
	const counts = Object.fromEntries(LOOKUP_NAMES.map((name) => [name, DEFAULT_COUNT]));
	return { ...counts, events_properties: PAGED_COUNT, segments: PAGED_COUNT } as Record<
		LookupName,
		number
	>;
};

/** A fresh copy of the defaults. */
export const defaultSettings = (): Settings => ({
	apiKeys: ['playground-key'],
	planlessKeys: ['no-plan-key'],
	planStatus: 403,
	jobSeconds: 4,
	listLagSeconds: 0,
	failureRate: 0,
	oddProgress: false,
	rowsPerDay: 200,
	seed: 1,
	counts: defaultCounts(),
	defaultLimit: 50,
	maxLimit: 100,
	overLimit: 'reject',
	jobTtlHours: 72,
	linkTtlHours: 48,
	filesUrl: '',
	ranges: true,
	contentLength: true,
	contentEncoding: false,
	memberPerDay: false,
	jsonArray: false,
	csvBom: false,
	csvMetadata: 'json',
	eventIds: true,
	oddRows: false,
	oddNames: false,
});

const ALLOWED: Partial<Record<keyof Settings, readonly unknown[]>> = {
	planStatus: [401, 403],
	overLimit: ['reject', 'clamp'],
	csvMetadata: ['json', 'none', 'columns'],
};

function problemOf(name: string, value: unknown, model: unknown): string | undefined {
	const allowed = ALLOWED[name as keyof Settings];
	if (allowed && !allowed.includes(value)) return `${name} must be one of ${allowed.join(', ')}`;
	if (Array.isArray(model)) {
		const isTextList = Array.isArray(value) && value.every((entry) => typeof entry === 'string');
		return isTextList ? undefined : `${name} must be a list of texts`;
	}
	if (typeof value !== typeof model) return `${name} must be a ${typeof model}`;
	if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0)) {
		return `${name} must be a number from 0`;
	}
	return undefined;
}

/**
 * The settings with a patch applied: `counts` is merged, everything else is replaced.
 * Throws an Error that names the first unknown setting or invalid value.
 */
export function mergeSettings(current: Settings, patch: Record<string, unknown>): Settings {
	const merged: Record<string, unknown> = { ...current };
	for (const [name, value] of Object.entries(patch)) {
		if (value === undefined) continue;
		if (!Object.hasOwn(current, name)) throw new Error(`Unknown setting "${name}"`);
		if (name === 'counts') {
			merged.counts = mergeCounts(current.counts, value);
			continue;
		}
		const problem = problemOf(name, value, current[name as keyof Settings]);
		if (problem) throw new Error(problem);
		merged[name] = value;
	}
	return merged as unknown as Settings;
}

function mergeCounts(current: Settings['counts'], patch: unknown): Settings['counts'] {
	const merged: Record<string, number> = { ...current };
	for (const [name, count] of Object.entries(patch as Record<string, unknown>)) {
		if (!Object.hasOwn(current, name)) throw new Error(`Unknown lookup "${name}"`);
		if (!Number.isInteger(count) || (count as number) < 0) {
			throw new Error(`counts.${name} must be a whole number from 0`);
		}
		merged[name] = count as number;
	}
	return merged as Settings['counts'];
}
