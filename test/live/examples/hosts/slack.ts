import type { Respond } from '../web.ts';

export const slack: Respond = ({ call }) =>
	call.startsWith('POST slack.com/api/chat.postMessage')
		? { ok: true, channel: 'C0000000001', ts: '1732000000.000100', message: {} }
		: undefined;
