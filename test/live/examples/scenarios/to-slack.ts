import { startUserpilot } from '../../harness/userpilot.ts';
import { pollTimes } from '../../harness/workflows.ts';
import { Example } from '../example.ts';
import type { Context } from '../scenario.ts';

/** One message with links for a completed export, one alert for a failed one. */
export async function toSlack({ instance, findings, web }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'to-slack');
	const slack = await instance.client.saveCredential('Slack', 'slackApi', {
		accessToken: 'xoxb-test',
	});
	const example = await Example.create(
		instance,
		'finished-exports-to-slack',
		{ userpilotApi: credentialId, slackApi: slack.id },
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
	const messages = web.calls
		.filter(({ call }) => call.includes('slack.com'))
		.map(({ body }) => body as { channel: string; text: string });
	findings.equal(
		'a message for each, in the channel',
		messages.map(({ channel }) => channel),
		['#product-data', '#product-data'],
	);
	const [links = '', alert = ''] = messages.map(({ text }) => text);
	const link = /<(http[^|]+)\|([^>]+\.json\.gz)>/.exec(links)?.[1] ?? '';
	findings.check(
		'the first has links that work',
		(await fetch(link)).ok && link.includes(completed),
	);
	findings.check('the second names the job that failed', alert.includes(failed), alert);
	await emulator.close();
}
