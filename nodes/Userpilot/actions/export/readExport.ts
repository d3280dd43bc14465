import { z } from 'zod/v3';

import type { ExportRequest } from '../../api/calls';
import type { OnConflict } from '../../jobs/start';
import type { ParameterReader } from '../parameters';
import {
	booleanSchema,
	choiceSchema,
	emailListSchema,
	filterListSchema,
	listSchema,
	segmentIdSchema,
	shown,
} from '../parameters';
import { readMaxWaitMs } from '../output/readOutput';
import type { DateRange } from './dateRange';
import { calendarDay, dateRangeOptions, relativeRange } from './dateRange';
import { formatOptions, onConflictOptions } from './fields';

const daySchema = z.unknown().transform((value, issues) => {
	const day = calendarDay(value);
	if (day !== undefined) return day;
	issues.addIssue({
		code: 'custom',
		message:
			value === undefined || value === null || value === ''
				? 'is empty: give a day such as 2024-05-02'
				: `is ${shown(value)}, which is not a date: give a day such as 2024-05-02`,
	});
	return z.NEVER;
});

/** The days, and what was asked for: a relative range moves on at midnight, but stays the same request. */
function readDateRange(
	parameters: ParameterReader,
	now: number,
): { days: DateRange; asked: DateRange | string } {
	const choice = parameters.read('dateRange', 'Date Range', choiceSchema(dateRangeOptions));
	if (choice !== 'custom') return { days: relativeRange(choice, now), asked: choice };
	const from = parameters.read('from', 'From', daySchema);
	const to = parameters.read(
		'to',
		'To',
		daySchema.refine(
			(day) => day >= from,
			(day) => ({ message: `is ${day}, which is before "From" (${from})` }),
		),
	);
	return { days: { from, to }, asked: { from, to } };
}

/** Leaves out what is empty, so that the API's own defaults hold. */
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
 * @param now Unix time in ms, which relative date ranges are reckoned from
 * @throws {NodeOperationError} that names the field as the editor shows it
 */
export function readExportRequest(parameters: ParameterReader, now: number) {
	const format = parameters.read('format', 'Format', choiceSchema(formatOptions));
	const eventTypes = parameters.read('filters.eventTypes', 'Event Types', listSchema);
	const customEventTypes =
		parameters.readIfAdded('filters.customEventTypes', 'Other Event Types', filterListSchema) ?? [];
	const { days, asked } = readDateRange(parameters, now);
	const body = withoutBlanks({
		...days,
		event_type: [...new Set([...eventTypes, ...customEventTypes])],
		user_id: parameters.readIfAdded('filters.userIds', 'User IDs', filterListSchema),
		company_id: parameters.readIfAdded('filters.companyIds', 'Company IDs', filterListSchema),
		segment_id: parameters.readIfAdded('filters.segmentId', 'Segment', segmentIdSchema),
		exclusions: parameters.read('filters.exclusions', 'Apply Exclusions', booleanSchema, false),
		emails: parameters.read('options.emails', 'Notify by Email', emailListSchema),
		// The two documents name different formats; they agree that none means JSON.
		format: format === 'json' ? '' : format,
	});
	return { body, asked: { ...body, from: undefined, to: undefined, dates: asked }, format };
}

/** What to do when another export is running, and how long that may take. */
export function readConflictOptions(parameters: ParameterReader, defaultOnConflict: OnConflict) {
	return {
		onConflict: parameters.read(
			'options.onConflict',
			'If an Export Is Running',
			choiceSchema(onConflictOptions),
			defaultOnConflict,
		),
		maxWaitMs: readMaxWaitMs(parameters),
	};
}
