import { DateTime } from 'luxon';

import { calendarDay, relativeRange } from '../../../../nodes/Userpilot/actions/export/dateRange';

describe('relativeRange', () => {
	it.each([
		// Friday 1 March 2024, a leap year, early in UTC
		['2024-03-01T00:00:00Z', 'yesterday', '2024-02-29', '2024-02-29'],
		['2024-03-01T00:00:00Z', 'last7Days', '2024-02-23', '2024-02-29'],
		['2024-03-01T00:00:00Z', 'last30Days', '2024-01-31', '2024-02-29'],
		['2024-03-01T00:00:00Z', 'previousWeek', '2024-02-19', '2024-02-25'],
		['2024-03-01T00:00:00Z', 'previousMonth', '2024-02-01', '2024-02-29'],
		// Monday and Sunday
		['2024-07-01T12:00:00Z', 'previousWeek', '2024-06-24', '2024-06-30'],
		['2024-06-30T23:59:59.999Z', 'previousWeek', '2024-06-17', '2024-06-23'],
		// New Year, in UTC and with the local clock still in the old one
		['2025-01-01T00:00:00Z', 'previousMonth', '2024-12-01', '2024-12-31'],
		['2024-12-31T20:00:00-05:00', 'yesterday', '2024-12-31', '2024-12-31'],
		['2025-01-01T00:30:00+02:00', 'yesterday', '2024-12-30', '2024-12-30'],
	] as const)('at %s, %s is %s to %s', (now, range, from, to) => {
		expect(relativeRange(range, Date.parse(now))).toEqual({ from, to });
	});
});

describe('calendarDay', () => {
	it.each([
		['2024-05-02', '2024-05-02'],
		[' 2024-05-02 ', '2024-05-02'],
		['2024-05-02T00:00:00', '2024-05-02'],
		['2024-05-02T23:30:00.000-05:00', '2024-05-02'],
		['2024-05-02T00:30:00+09:00', '2024-05-02'],
		['2024-05-02T23:59:59Z', '2024-05-02'],
		['2024-05-02 13:14:15', '2024-05-02'],
		[DateTime.fromISO('2024-05-02T23:30:00', { zone: 'America/New_York' }), '2024-05-02'],
		[new Date('2024-05-02T23:30:00Z'), '2024-05-02'],
	])('reads %s', (value, day) => {
		expect(calendarDay(value)).toBe(day);
	});

	it.each([
		['2024-02-30'],
		['2024-13-01'],
		['02/05/2024'],
		['2024'],
		['2024-W10'],
		['yesterday'],
		['2024-05-02garbage'],
		[''],
		[20240502],
		[null],
		[{}],
		[new Date('nonsense')],
	])('%s is not a date', (value) => {
		expect(calendarDay(value)).toBeUndefined();
	});
});
