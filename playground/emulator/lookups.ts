import { unprocessable } from './errors.ts';
import { type LookupRecord, LOOKUPS, type LookupName } from './lookup-records.ts';
import { oddName } from './odd-names.ts';
import { jsonReply, type Reply } from './reply.ts';
import type { Settings } from './settings.ts';

/**
 * Starts like the API's cursors, which are binary Erlang terms. Its base64 always has `+` and `/`, so a
 * client that does not encode its query fails.
 */
const CURSOR_PREFIX = Buffer.from([0x83, 0x74, 0x00, 0x00, 0x00, 0x03, 0xfb, 0xef, 0xff]);

const recordOf = (name: LookupName, index: number, { oddNames }: Settings): LookupRecord => {
	const record = LOOKUPS[name].record(index);
	return oddNames ? oddName(record, index) : record;
};

function encodeCursor(name: LookupName, offset: number): string {
	return Buffer.concat([CURSOR_PREFIX, Buffer.from(`${name}:${offset}`)]).toString('base64');
}

function decodeCursor(name: LookupName, cursor: string): number | undefined {
	const bytes = Buffer.from(cursor, 'base64');
	const text = bytes.subarray(CURSOR_PREFIX.length).toString();
	const [cursorName, digits = ''] = text.split(':');
	const offset = Number(digits);
	const isOurs = cursorName === name && encodeCursor(name, offset) === cursor;
	return isOurs ? offset : undefined;
}

type Limit = { value: number } | { problem: string };

function readLimit(text: string | null, settings: Settings): Limit {
	if (text === null) return { value: settings.defaultLimit };
	const limit = Number(text);
	if (!/^\d+$/.test(text) || limit < 1) return { problem: 'limit must be a whole number from 1' };
	if (limit <= settings.maxLimit) return { value: limit };
	if (settings.overLimit === 'clamp') return { value: settings.maxLimit };
	return { problem: `limit must be at most ${settings.maxLimit}` };
}

function pageReply(name: LookupName, query: URLSearchParams, settings: Settings): Reply {
	const limit = readLimit(query.get('limit'), settings);
	if ('problem' in limit) return unprocessable(limit.problem);
	const cursor = query.get('after_cursor');
	const start = cursor === null ? 0 : decodeCursor(name, cursor);
	if (start === undefined) return unprocessable('after_cursor is invalid');
	const total = settings.counts[name];
	const end = Math.min(start + limit.value, total);
	const length = Math.max(0, end - start);
	return jsonReply(200, {
		data: Array.from({ length }, (_, position) => recordOf(name, start + position, settings)),
		metadata: {
			cursor: {
				after: end < total ? encodeCursor(name, end) : null,
				before: start > 0 ? encodeCursor(name, Math.max(0, start - limit.value)) : null,
			},
			limit: limit.value,
			total_count: total,
			total_count_cap_exceeded: false,
		},
	});
}

/** A page of a lookup, or the whole list. 422 for an invalid limit or a cursor that the emulator did not issue. */
export function lookupReply(name: LookupName, query: URLSearchParams, settings: Settings): Reply {
	const lookup = LOOKUPS[name];
	if (lookup.paged) return pageReply(name, query, settings);
	const length = settings.counts[name];
	return jsonReply(
		200,
		Array.from({ length }, (_, index) => recordOf(name, index, settings)),
	);
}
