/** The checked body of a POST. A missing list means "all". */
export interface ExportRequest {
	/** First day, YYYY-MM-DD, UTC. */
	from: string;
	/** Last day, YYYY-MM-DD, UTC, included. */
	to: string;
	event_type?: string[];
	user_id?: string[];
	company_id?: string[];
	emails?: string[];
	segment_id?: string;
	format: ExportFormat;
	exclusions?: boolean;
}

export const EXPORT_FORMATS = ['json', 'csv', 'ndjson', 'parquet', 'avro'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The event types that an export contains if the request names none. */
export const DEFAULT_EVENT_TYPES = [
	'identify_user',
	'identify_company',
	'page_view',
	'track',
	'track_feature',
	'interaction',
] as const;

type Check = (value: unknown) => string | undefined;

const isTextList: Check = (value) =>
	Array.isArray(value) && value.every((entry) => typeof entry === 'string')
		? undefined
		: 'must be a list of texts';

const isDay: Check = (value) => {
	if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return 'must be YYYY-MM-DD';
	const date = new Date(`${value}T00:00:00Z`);
	const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
	return exists ? undefined : 'is not a calendar day';
};

const CHECKS: Record<string, Check> = {
	from: isDay,
	to: isDay,
	event_type: isTextList,
	user_id: isTextList,
	company_id: isTextList,
	emails: isTextList,
	segment_id: (value) => (typeof value === 'string' ? undefined : 'must be a text'),
	format: (value) =>
		EXPORT_FORMATS.some((format) => format === value)
			? undefined
			: `must be one of ${EXPORT_FORMATS.join(', ')}`,
	exclusions: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
};

/** Checks the parsed body of a POST. Returns the request, or the first problem, which names its field. */
export function readExportRequest(body: unknown): { request: ExportRequest } | { problem: string } {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		return { problem: 'the body must be an object' };
	}
	for (const [field, value] of Object.entries(body)) {
		const check = CHECKS[field];
		if (!check) return { problem: `${field} is unknown` };
		const problem = check(value);
		if (problem) return { problem: `${field} ${problem}` };
	}
	const given = body as Partial<ExportRequest>;
	if (given.from === undefined) return { problem: 'from is required' };
	if (given.to === undefined) return { problem: 'to is required' };
	if (given.from > given.to) return { problem: 'from must not be after to' };
	return { request: { ...given, from: given.from, to: given.to, format: given.format ?? 'json' } };
}
