import { z } from 'zod/v3';

import type { ExportRequest } from '../../api/calls';
import {
	booleanSchema,
	emailListSchema,
	filterListSchema,
	isNothing,
	listSchema,
	segmentIdSchema,
	shown,
} from '../fieldSchemas';
import { eventTypesOf } from '../../rows/eventNames';
import type { OutputRequest } from '../output/readOutput';
import type { ParameterReader } from '../parameters';
import { readMaxWaitMs } from '../waiting';
import type { DateRange } from './dateRange';
import { calendarDay, dateRangeOptions, relativeRange } from './dateRange';
import { formatOptions, onConflictOptions } from './fields';

const daySchema = z.unknown().transform((value, issues) => {
	const day = calendarDay(value);
	if (day !== undefined) return day;
	issues.addIssue({
		code: 'custom',
		message:
			isNothing(value) || value === ''
				? 'is empty. Enter a day such as 2024-05-02'
				: `is ${shown(value)}, which is not a date. Enter a day such as 2024-05-02`,
	});
	return z.NEVER;
});

/** The days, and what was asked for: a relative range moves on at midnight, but stays the same request. */
function readDateRange(
	parameters: ParameterReader,
	now: number,
): { days: DateRange; asked: DateRange | string } {
	const choice = parameters.readChoice('dateRange', dateRangeOptions);
	if (choice !== 'custom') return { days: relativeRange(choice, now), asked: choice };
	const from = parameters.read('from', daySchema);
	const to = parameters.read('to', daySchema);
	if (to < from) parameters.refuse('to', `is ${to}, which is before 'From' (${from})`);
	return { days: { from, to }, asked: { from, to } };
}

/** Leaves out what is empty, so that the API's own defaults apply. */
function withoutBlanks(request: ExportRequest): ExportRequest {
	return Object.fromEntries(
		Object.entries(request).filter(
			([, value]) =>
				value !== undefined &&
				value !== '' &&
				value !== false &&
				!(Array.isArray(value) && value.length === 0),
		),
	) as ExportRequest;
}

/**
 * The body of the export from the node's fields, what was asked for in them, and the format of its
 * files.
 *
 * @param now Unix time in ms, from which relative date ranges are counted
 * @param output what to return of the export. Rows are read from JSON, and those of some events only if they
 * are exported
 */
export function readExportRequest(
	parameters: ParameterReader,
	now: number,
	output?: OutputRequest,
) {
	const rows = output && 'resolveNames' in output ? output : undefined;
	const format = rows ? 'json' : parameters.readChoice('format', formatOptions);
	const readFilter = (name: string) =>
		parameters.readIfAdded(`filters.${name}`, filterListSchema());
	const eventTypes = parameters.read('filters.eventTypes', listSchema);
	const otherEventTypes = readFilter('customEventTypes') ?? [];
	const types = new Set([...eventTypes, ...otherEventTypes]);
	const { days, asked } = readDateRange(parameters, now);
	const body = withoutBlanks({
		...days,
		event_type: types.size > 0 ? [...types] : eventTypesOf(rows?.eventNames ?? []),
		user_id: readFilter('userIds'),
		company_id: readFilter('companyIds'),
		segment_id: parameters.readIfAdded('filters.segmentId', segmentIdSchema),
		exclusions: parameters.read('filters.exclusions', booleanSchema),
		emails: parameters.read('options.emails', emailListSchema),
		// Userpilot's two documents name different formats. They agree that none means JSON.
		format: format === 'json' ? '' : format,
	});
	return { body, asked: { ...body, from: undefined, to: undefined, dates: asked }, format };
}

/** What to do when another export is running, and how long that may take. */
export const readConflictOptions = (parameters: ParameterReader) => ({
	onConflict: parameters.readChoice('options.onConflict', onConflictOptions),
	maxWaitMs: readMaxWaitMs(parameters),
});
