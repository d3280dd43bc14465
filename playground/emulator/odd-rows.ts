import type { Row } from './rows.ts';

/** One row in this many is odd. */
const ROWS_PER_ODD = 10;

const SHARED_63_BYTES = 'a'.repeat(63);

/** Metadata that a product can send, and that databases, spreadsheets and chats trip over. */
const ODD_METADATA: readonly unknown[] = [
	{ 'key \u0000 with NUL': 'value \u0000 with NUL', note: 'a backslash before u0000: \\u0000' },
	{ 'half \ud83d': 'halves \ude00\ud83d of surrogate pairs', smile: '😀' },
	{ onboarding_questionnaire: { which_department_are_you_working_in: 'Sales' } },
	{ [`${SHARED_63_BYTES}_first`]: 1, [`${SHARED_63_BYTES}_second`]: 2 },
	{
		'': 'a key without a character',
		' ': 'a key that is a space',
		'a.b': { c: 1 },
		a: { 'b.c': 2 },
	},
	{
		"'; DROP TABLE events; --": '=1+1',
		'{{ $json }}': '{{ 1 + 1 }} $1 $2',
		'"quoted"': 'a\tb\r\nc',
	},
	{ user_id: 'shadow', event_type: 'shadow', INSERTED_AT: 'shadow', __proto: 1, constructor: 'x' },
	{ plan: { name: 'growth' }, amount: '12,50 €', items: [[], [{}]], created_at: 'not a date' },
	{ text: 'long '.repeat(2_000), channel: '<!channel> & <@U1> *bold* _it_' },
	'text instead of an object',
	[1, 'a list instead of an object'],
	null,
];

const without = (row: Row, ...columns: string[]): Row =>
	Object.fromEntries(Object.entries(row).filter(([column]) => !columns.includes(column))) as Row;

/** Odd in another way than by metadata. */
const ODD_ROWS: ReadonlyArray<(row: Row) => Row[]> = [
	(row) => [without(row, 'internal_event_id')],
	(row) => [without(row, 'inserted_at')],
	(row) => [without(row, 'company_id', 'source')],
	(row) => [row, { ...row }],
	(row) => [{ ...row, user_id: `O'Brien, "Zoë" 𝄞 \\ ${String(row.user_id)}` }],
	(row) => [{ ...row, company_id: '', added_by_userpilot: 'a column that nobody knows' }],
];

/**
 * What is exported for a row if rows are odd: mostly the row itself, sometimes one that is hard to store,
 * or the same row twice. The same in every export.
 *
 * @param index of the row in its day
 */
export function oddRows(row: Row, index: number): Row[] {
	if (index % ROWS_PER_ODD !== 0) return [row];
	const kind = (index / ROWS_PER_ODD) % (ODD_METADATA.length + ODD_ROWS.length);
	const change = ODD_ROWS[kind - ODD_METADATA.length];
	return change ? change(row) : [{ ...row, metadata: ODD_METADATA[kind] }];
}
