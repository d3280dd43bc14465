import { setTimeout as sleep } from 'node:timers/promises';

import { exportedRows } from '../../harness/exported-rows.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import {
	type FeatureUsage,
	oddFeatureNames,
	onOneLine,
	shortened,
	usageBy,
} from '../feature-usage.ts';
import { failNextMessage, isPlain, messagesOf, saveSlack } from '../hosts/slack.ts';
import type { Context } from '../scenario.ts';
import { DAY_MS, firstMonday } from '../weeks.ts';

const NAME = 'weekly-feature-usage-to-slack';
const TRIGGER = 'Every Monday at 6:00';
const COUNT = 'Count Feature Users';
const API_KEY = 'weekly-key';

const counted = (count: number, one: string, many: string) =>
	`${count} ${count === 1 ? one : many}`;

const decoded = (text: string) =>
	text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** `Nov 16 to Nov 22, 2026`: Monday to Sunday of the week before this one. */
function weekBefore(): string {
	const monday = firstMonday(1);
	const sunday = monday + 6 * DAY_MS;
	const [from, to] = [monday, sunday].map((ms) =>
		new Date(ms).toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' }),
	);
	return `${from} to ${to}, ${new Date(sunday).getUTCFullYear()}`;
}

const byUsers = (a: FeatureUsage, b: FeatureUsage) =>
	b.users.size - a.users.size || (a.feature < b.feature ? -1 : 1);

/** One message a week, with exact numbers, whatever features are called. */
export async function weeklyToSlack({ instance, findings, web }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, NAME, {
		apiKeys: [API_KEY],
		rowsPerDay: 300,
		jobSeconds: 1,
		oddRows: true,
		oddNames: true,
	});
	const credentials = { userpilotApi: credentialId, slackApi: await saveSlack(instance) };
	const example = await Example.create(instance, NAME, credentials);
	const rowsOfLastJob = async () => await exportedRows(emulator, API_KEY);
	const messageOf = async (workflow: Example) => {
		const before = web.calls.length;
		const { status, error } = await workflow.run(TRIGGER);
		const messages = messagesOf(web.calls.slice(before));
		findings.equal('it succeeds', [status, error], ['success', undefined]);
		return messages;
	};

	const messages = await messageOf(example);
	const [message = { channel: '', text: '' }] = messages;
	findings.check('one message', messages.length === 1 && message.channel === '#product-data');
	findings.check('without mentions, links and markup', isPlain(message));
	const names = oddFeatureNames();
	const usage = [...usageBy(await rowsOfLastJob(), (row) => String(row.event_name)).values()];
	const lines = usage.sort(byUsers).map(({ feature, users, companies }, index) => {
		const name = shortened(onOneLine(names.get(feature) || `Feature ${feature}`));
		const numbers = `${counted(users.size, 'user', 'users')} in ${counted(companies.size, 'company', 'companies')}`;
		return `${index + 1}. ${name}: ${numbers}`;
	});
	findings.equal(
		'the week, and each feature with its users and companies',
		decoded(message.text).trim().split('\n'),
		[
			`📊 Feature usage, ${weekBefore()} (UTC)`,
			`Features used: ${lines.length}. The most used:`,
			...lines,
		],
	);
	findings.note(
		`${(await rowsOfLastJob()).length} rows; the message: ${message.text.slice(0, 120)}…`,
	);

	const all = await Example.create(instance, NAME, credentials, {
		[COUNT]: { filters: { eventTypes: ['track_feature', 'track', 'interaction'] } },
	});
	const [long = { channel: '', text: '' }] = await messageOf(all);
	const groups = usageBy(await rowsOfLastJob(), (row) => String(row.event_name)).size;
	findings.check(
		'of many, it shows ten, and counts the others',
		long.text.includes(`\n10. `) &&
			!long.text.includes('\n11. ') &&
			long.text.includes(`Features used: ${groups}.`) &&
			long.text.includes(`Not shown: ${groups - 10} more`) &&
			isPlain(long),
		`${groups} groups, ${long.text.length} characters`,
	);

	failNextMessage(500);
	const tried = await messageOf(example);
	findings.equal(
		'after a failure of Slack, the same message again',
		tried.map(({ text }) => text),
		[message.text, message.text],
	);

	emulator.control.set({ rowsPerDay: 0 });
	await sleep(1_000);
	const [empty = { channel: '', text: '' }] = await messageOf(example);
	findings.check(
		'a week without events says so',
		empty.text.trim().endsWith('No feature was used.'),
		empty.text,
	);
	await emulator.close();
}
