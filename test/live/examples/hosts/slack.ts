import type { Respond, Web } from '../web.ts';

const POST = 'POST slack.com/api/chat.postMessage';

export const slack: Respond = ({ call }) =>
	call.startsWith(POST)
		? { ok: true, channel: 'C0000000001', ts: '1732000000.000100', message: {} }
		: undefined;

/** What has been posted, oldest first. */
export const slackMessages = ({ calls }: Web) =>
	calls
		.filter(({ call }) => call.startsWith(POST))
		.map(({ body }) => body as { channel: string; text: string });
