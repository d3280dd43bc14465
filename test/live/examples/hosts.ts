import type { Respond } from './web.ts';

/** The rows of the one sheet that the stand-in for Google keeps. */
export const sheet: unknown[][] = [['Date', 'Event type', 'Events', 'Users']];

const slack: Respond = ({ call }) =>
	call.startsWith('POST slack.com/api/chat.postMessage')
		? { ok: true, channel: 'C0000000001', ts: '1732000000.000100', message: {} }
		: undefined;

const token: Respond = () => ({ access_token: 'token', token_type: 'Bearer', expires_in: 3_600 });

const sheets: Respond = ({ call, body }) => {
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

/** The hosts that the examples use, as far as they do. */
export const HOSTS: Record<string, Respond> = {
	'oauth2.googleapis.com': token,
	'sheets.googleapis.com': sheets,
	'slack.com': slack,
};
