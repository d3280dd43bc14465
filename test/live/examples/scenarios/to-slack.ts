import { startUserpilot } from '../../harness/userpilot.ts';
import { pollTimes } from '../../harness/workflows.ts';
import { Example } from '../example.ts';
import { messagesOf, saveSlack } from '../hosts/slack.ts';
import type { Context } from '../scenario.ts';

/** The addresses that Slack opens. */
const linksIn = (text: string): string[] =>
	[...text.matchAll(/<(http[^|<>]+)\|[\w. -]+\.json\.gz>/g)].map(([, link]) =>
		link!.replaceAll('&amp;', '&'),
	);

/** One message with links for a completed export, one alert for a failed one. */
export async function toSlack({ instance, findings, web }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'to-slack');
	const example = await Example.create(
		instance,
		'finished-exports-to-slack',
		{ userpilotApi: credentialId, slackApi: await saveSlack(instance) },
		{
			'Export Finished': {
				pollTimes,
			},
		},
	);
	await example.publish();
	const [completed = ''] = emulator.control.seedJobs();
	await example.executions(1);
	const [failed = ''] = emulator.control.seedJobs({ status: 'failed' });
	const executions = await example.executions(2);
	await example.unpublish();
	findings.equal(
		'both executions succeed',
		executions.map(({ status, error }) => error ?? status),
		['success', 'success'],
	);
	const messages = messagesOf(web.calls);
	findings.equal(
		'a message for each, in the channel',
		messages.map(({ channel }) => channel),
		['#product-data', '#product-data'],
	);
	const [links = '', alert = ''] = messages.map(({ text }) => text);
	const link = linksIn(links)[0] ?? '';
	findings.check(
		'the first has links that work',
		(await fetch(link)).ok && link.includes(completed),
	);
	findings.check('the second names the job that failed', alert.includes(failed), alert);

	await example.publish();
	emulator.control.seedJobs({ request: { from: '2025-01-01', to: '2025-12-31' } });
	await example.executions(3);
	await example.unpublish();
	const { text = '' } = messagesOf(web.calls).at(-1) ?? {};
	const count = linksIn(text).length;
	const notListed = Number(/Not listed: (\d+) more/.exec(text)?.[1]);
	findings.check(
		'of many files, it links some, and counts the others',
		count === 20 && count + notListed === 53 && text.length < 40_000,
		`${count} links, ${notListed} more, ${text.length} characters`,
	);
	await emulator.close();
}
