import { calendar, timeSortKey } from '../../../nodes/Userpilot/rows/eventTime';

describe('the calendar day of an event', () => {
	it.each([
		['a Monday', '2024-07-29T00:00:00Z', ['2024-07-29', '2024-07-29', '2024-07-01']],
		['a Sunday', '2024-08-04T23:59:59.999999Z', ['2024-08-04', '2024-07-29', '2024-08-01']],
		[
			'a week that begins in another year',
			'2025-01-01T10:00:00Z',
			['2025-01-01', '2024-12-30', '2025-01-01'],
		],
		['a leap day', '2024-02-29T12:00:00Z', ['2024-02-29', '2024-02-26', '2024-02-01']],
		[
			'a time without a zone',
			'2024-07-29T23:30:00.123456',
			['2024-07-29', '2024-07-29', '2024-07-01'],
		],
		['a time with a space', '2024-07-29 23:30:00', ['2024-07-29', '2024-07-29', '2024-07-01']],
		[
			'a zone that is a day ahead',
			'2024-08-01T01:00:00+03:00',
			['2024-07-31', '2024-07-29', '2024-07-01'],
		],
		['a day alone', '2024-07-29', ['2024-07-29', '2024-07-29', '2024-07-01']],
	])('is known of %s', (_what, text, [day, week, month]) => {
		expect(calendar()(text)).toEqual({ day, week, month });
	});

	it.each([[''], [null], [undefined], [1722211200000], ['yesterday'], ['2024-13-01T00:00:00Z']])(
		'is unknown of %p',
		(value) => {
			expect(calendar()(value)).toBeUndefined();
		},
	);
});

describe('the sort key of a time', () => {
	it('orders times to the microsecond, in whatever form', () => {
		const ordered = [
			null,
			'2024-07-28T23:59:59Z',
			'2024-07-29T00:00:00Z',
			'2024-07-29T00:00:00.000001Z',
			'2024-07-29T00:00:00.00001',
			'2024-07-29 00:00:00.5',
			'2024-07-29T03:00:01+03:00',
			'2024-07-29T00:00:01.1Z',
		];
		const keys = ordered.map(timeSortKey);
		expect([...keys].sort()).toEqual(keys);
		expect(new Set(keys).size).toBe(keys.length);
	});

	it('is equal for equal times', () => {
		expect(timeSortKey('2024-07-29T00:00:00.500Z')).toBe(timeSortKey('2024-07-29 00:00:00.5'));
	});
});
