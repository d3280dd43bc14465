import type { Instance } from '../../harness/n8n.ts';
import { type Respond, type WebCall, WebReply } from '../web.ts';

/** A message as the stand-in for Slack got it. */
export interface SlackMessage {
	channel: string;
	text: string;
	mrkdwn?: boolean;
}

const failing: number[] = [];

/** The next message gets this status instead. */
export const failNextMessage = (status: number): unknown => failing.push(status);

export const slack: Respond = ({ call }) => {
	if (!call.startsWith('POST slack.com/api/chat.postMessage')) return undefined;
	const status = failing.shift();
	if (status !== undefined) return new WebReply(status, {}, { ok: false, error: 'fatal_error' });
	return { ok: true, channel: 'C0000000001', ts: '1732000000.000100', message: {} };
};

/** The messages of these calls, also those that failed. */
export const messagesOf = (calls: WebCall[]): SlackMessage[] =>
	calls.filter(({ call }) => call.includes('slack.com')).map(({ body }) => body as SlackMessage);

/** Whether Slack shows this text as it is: no mention, link, bold or other markup. */
export const isPlain = ({ text, mrkdwn }: SlackMessage): boolean =>
	mrkdwn === false && !/[<>]|&(?!amp;|lt;|gt;)/.test(text) && !/\p{Surrogate}/u.test(text);

/** The credential of a bot, for the stand-in; gives its id. */
export async function saveSlack({ client }: Instance): Promise<string> {
	const { id } = await client.saveCredential('Slack', 'slackApi', { accessToken: 'xoxb-test' });
	return id;
}
