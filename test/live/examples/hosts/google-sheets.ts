import type { Respond } from '../web.ts';

/** The rows of the one sheet that the stand-in for Google keeps. */
export const sheet: unknown[][] = [['Date', 'Event type', 'Events', 'Users']];

export const sheets: Respond = ({ call, body }) => {
	if (/^GET [^?]*\/values\//.test(call)) return { values: sheet };
	if (/^GET /.test(call)) {
		const gridProperties = { rowCount: 1_000, columnCount: 26 };
		const properties = { sheetId: 0, title: 'Sheet1', index: 0, sheetType: 'GRID', gridProperties };
		return { sheets: [{ properties }] };
	}
	const { values } = body as { values?: unknown[][] };
	if (values) sheet.push(...values);
	return { updates: { updatedRows: values?.length ?? 0 } };
};
