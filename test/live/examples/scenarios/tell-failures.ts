import { randomUUID } from 'node:crypto';

import { until } from '../../harness/until.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import {
	base,
	chain,
	downloadOf,
	type Node,
	userpilotNode,
	watchWorkflow,
	webhookNode,
} from '../../harness/workflows.ts';
import { Example } from '../example.ts';
import { messagesOf, saveSlack } from '../hosts/slack.ts';
import type { Context } from '../scenario.ts';

const NAME = 'tell-me-when-a-workflow-fails';
/** n8n counts by the hour of the clock. */
const isAwayFromFullHour = () => new Date().getUTCMinutes() < 58;
const WAIT_MS = 60_000;
const HOSTILE = 'a < b & c: <!channel> <@U1> `code` ```block``` *bold* \ud83d \u0000 {{ 1 + 1 }}';
const ESCAPED =
	"a &lt; b &amp; c: &lt;!channel&gt; &lt;@U1&gt; 'code' '''block''' *bold* ? ? {{ 1 + 1 }}";

const failing: Node = {
	name: 'Fails',
	type: base('stopAndError'),
	typeVersion: 1,
	parameters: { errorMessage: HOSTILE },
};

/** One message for a failure: of a node, of ours, of a trigger; the same one again only in the next hour. */
export async function tellFailures({ instance, findings, web }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'tell-failures');
	const { client } = instance;
	const credentials = { slackApi: await saveSlack(instance) };
	const example = await Example.create(instance, NAME, credentials);
	await example.publish();
	await until(isAwayFromFullHour, 3 * WAIT_MS, 1_000);
	const errorWorkflow = example.id;
	const known = messagesOf(web.calls).length;
	const messages = () => messagesOf(web.calls).slice(known);
	const arrived = async (count: number) => {
		await until(() => messages().length >= count, WAIT_MS);
		return messages()[count - 1]?.text ?? 'no message';
	};

	const missing = randomUUID();
	const download = userpilotNode(credentialId, downloadOf(missing, 'rows'));
	await instance.publish(
		chain('tellNode', [webhookNode('tell-node'), download], { errorWorkflow }),
	);
	await instance.callWebhook('tell-node');
	const text = await arrived(1);
	const last = instance.lastExecution('tellNode');
	findings.check(
		'the message names the workflow, the node, the job, and the execution',
		text.includes('Workflow: tellNode\nNode: Userpilot\n') &&
			text.includes(missing) &&
			text.includes(`/workflow/tellNode/executions/${last?.id}|Open the execution>`),
		text,
	);

	await instance.publish(
		chain('tellHostile', [webhookNode('tell-hostile'), failing], { errorWorkflow }),
	);
	await instance.callWebhook('tell-hostile');
	const hostile = await arrived(2);
	findings.check('the error is text in it, no markup', hostile.includes(ESCAPED), hostile);
	await instance.callWebhook('tell-hostile');
	await example.executions(3);
	findings.equal('the same failure again is not told', messages().length, 2);

	const watching = { ...watchWorkflow('tellTrigger', credentialId, {}) };
	watching.settings = { ...watching.settings, errorWorkflow };
	const watched = await instance.publish(watching);
	emulator.control.setFaults([{ operation: 'listJobs', kind: 'status', status: 401 }]);
	const trigger = await arrived(3);
	findings.check(
		'a failure of a trigger names the workflow and the node',
		trigger.includes('Workflow: tellTrigger\nNode: Watch\n') && !trigger.includes('undefined'),
		trigger,
	);
	const executions = await example.executions(5);
	await client.unpublishWorkflow(watched.id);
	findings.equal('once for several polls that fail', messages().length, 3);
	findings.equal(
		'each run of it succeeds',
		executions.filter(({ status }) => status !== 'success').map(({ error }) => error),
		[],
	);
	await example.unpublish();
	await example.run('A Workflow Failed');
	findings.check(
		'run by hand, it posts what n8n makes up',
		(await arrived(4)).includes('Workflow: Example Workflow\nNode: Node With Error\n'),
		messages()[3]?.text,
	);
	await example.run('A Workflow Failed');
	findings.equal('each time, so that a test can be repeated', messages().length, 5);

	const full = await Example.create(instance, NAME, credentials, {
		'Once per Hour': { options: { historySize: 1 } },
	});
	await full.run('A Workflow Failed');
	await full.run('A Workflow Failed');
	findings.equal('all are told once the history of n8n is full', messages().length, 7);
	await emulator.close();
}
