import type { LookupRecord } from './lookup-records.ts';

/** Names that a product team can give, and that spreadsheets, chats and columns trip over. */
const ODD_NAMES: ReadonlyArray<string | null> = [
	'<!channel> & <@U1> @here *bold* _it_ ~no~ `code`',
	'__proto__',
	'=HYPERLINK("http://localhost", "Open")',
	null,
	'Same Name',
	'row_number',
	'Same Name',
	'-2+3 "quoted", \'single\'',
	`+1 \u0000 NUL, half \ud83d a pair,\r\na line\ttab, ${'😀'.repeat(400)}`,
	'<https://localhost|a link>',
	'',
	'Same Name',
];

/** The same record with a name that is hard to store or to show. */
export function oddName(record: LookupRecord, index: number): LookupRecord {
	const name = ODD_NAMES[index % ODD_NAMES.length];
	return { ...record, ...('title' in record ? { title: name } : { display_name: name }) };
}
