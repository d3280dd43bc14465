import { createHash } from 'node:crypto';
import { EVENT_NAMES } from './event-names.ts';
import { DEFAULT_EVENT_TYPES, type ExportRequest } from './export-request.ts';
import { hash32, pick, seededRandom } from './random.ts';
import { capturedColumns, metadataOf, sourceOf } from './row-columns.ts';

/** One exported event. Column names are the API's. */
export type Row = Record<string, unknown> & { event_type: string; inserted_at: string };

/** What rows are generated from. The same source and day give the same rows in every export. */
export interface RowSource {
	appToken: string;
	seed: number;
	rowsPerDay: number;
}

const USER_COUNT = 500;
const COMPANY_COUNT = 40;
const DAY_US = 86_400_000_000;
const HOUR_US = 3_600_000_000;
/** One session_start per this many rows, on top of `rowsPerDay`, because it is exported on demand only. */
const ROWS_PER_SESSION = 10;

/** Whether a user is in a group. Depends on the id only, so that a segment has the same people in every export. */
const isMember = (group: string, userId: string, oneIn: number): boolean =>
	hash32(`${group}/${userId}`) % oneIn === 0;

/** The users in an export; undefined for all. */
function allowedUsers(request: ExportRequest): Set<string> | undefined {
	const { segment_id: segment, exclusions, user_id: ids } = request;
	if (segment === undefined && !exclusions && !ids?.length) return undefined;
	const everyone = Array.from({ length: USER_COUNT }, (_, index) => `user_${index + 1}`);
	const named = ids?.length ? everyone.filter((id) => ids.includes(id)) : everyone;
	return new Set(
		named
			.filter((id) => segment === undefined || isMember(`segment ${segment}`, id, 4))
			.filter((id) => !exclusions || !isMember('excluded', id, 20)),
	);
}

/** The filters of an export as a predicate on rows. */
export function rowFilter(request: ExportRequest): (row: Row) => boolean {
	const types = new Set<string>(
		request.event_type?.length ? request.event_type : DEFAULT_EVENT_TYPES,
	);
	const users = allowedUsers(request);
	const companies = request.company_id?.length ? new Set(request.company_id) : undefined;
	return (row) =>
		types.has(row.event_type) &&
		(users === undefined || users.has(row.user_id as string)) &&
		(companies === undefined || companies.has(row.company_id as string));
}

const microsecondsOf = (us: number): string => String(us % 1_000_000).padStart(6, '0');

/** HH:MM:SS.ffffff of a moment of the day, in microseconds since its start. */
function clockOf(us: number): string {
	const seconds = Math.floor(us / 1_000_000);
	const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
	return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}.${microsecondsOf(us)}`;
}

/** The decimal text of a 64-bit hash of the fields that Userpilot hashes. Its own hash is xxHash64. */
const eventIdOf = (fields: unknown[]): string =>
	createHash('sha1').update(fields.join('|')).digest().readBigUInt64BE().toString();

function rowAt(
	source: RowSource,
	day: string,
	type: string,
	us: number,
	random: () => number,
): Row {
	const user = 1 + Math.floor(random() * USER_COUNT);
	const isCompany = type === 'identify_company';
	// A company can be identified without a user, and every eighth user has no company.
	const userId = isCompany && random() < 0.25 ? '' : `user_${user}`;
	const companyId = user % 8 === 0 && !isCompany ? null : `comp_${1 + (user % COMPANY_COUNT)}`;
	const name = pick(random, EVENT_NAMES[type] ?? ['']);
	const origin = sourceOf(random, type);
	const insertedAt = `${day}T${clockOf(us)}Z`;
	return {
		app_token: source.appToken,
		event_type: type,
		event_name: name,
		user_id: userId,
		company_id: companyId,
		source: origin,
		inserted_at: insertedAt,
		internal_event_id: eventIdOf([source.appToken, type, name, userId, companyId, insertedAt]),
		...capturedColumns(random, { source: origin, user, hour: Math.floor(us / HOUR_US) }),
		metadata: metadataOf(random, type, user),
	};
}

/** All rows of a day, oldest first, unfiltered. */
export function* rowsOfDay(source: RowSource, day: string): Generator<Row> {
	const random = seededRandom(hash32(`${source.seed}/${day}`));
	const step = DAY_US / Math.max(1, source.rowsPerDay);
	for (let index = 0; index < source.rowsPerDay; index += 1) {
		const us = Math.floor((index + random()) * step);
		yield rowAt(source, day, pick(random, DEFAULT_EVENT_TYPES), us, random);
		if (index % ROWS_PER_SESSION === 0) yield rowAt(source, day, 'session_start', us, random);
	}
}

/** The columns, in the order of a row's keys. */
export const COLUMNS: readonly string[] = Object.keys(
	rowAt({ appToken: '', seed: 0, rowsPerDay: 1 }, '2024-01-01', 'track', 0, seededRandom(0)),
);
