import { setTimeout as sleep } from 'node:timers/promises';

import { until } from '../../harness/until.ts';
import { Example, readExample } from '../example.ts';
import { failNextMessage, isPlain, messagesOf, saveSlack } from '../hosts/slack.ts';
import type { Context } from '../scenario.ts';

const NAME = 'events-as-they-happen';
const CHECK = 'Is the Key Right?';
const KEY = 'a1b2c3d4e5f6';
const ALERTS = '#customer-success';
const OTHERS = '#product-data';
const PATIENCE_MS = 30_000;
/** A message that should not come has this long. */
const QUIET_MS = 2_000;

/** What a person enters in the node that checks the key. */
function withKey(key: string): Record<string, unknown> {
	const node = readExample(NAME).nodes.find(({ name }) => name === CHECK)!;
	const parameters = structuredClone(node.parameters) as {
		conditions: { conditions: Array<{ rightValue: string }> };
	};
	parameters.conditions.conditions[0]!.rightValue = key;
	return parameters;
}

/** Bodies that Userpilot could send, as it documents none; each with its channel and what the message holds. */
const EVENTS: Array<[what: string, body: unknown, channel: string, ...texts: string[]]> = [
	[
		'a low score',
		{ event_type: 'nps_score', score: 3, user_id: 'user_42', company_id: 'comp_7' },
		ALERTS,
		'NPS score 3 from user_42',
		'company_id: comp_7',
	],
	[
		'a score of 0 in nested fields',
		{ type: 'NPS', data: { score: '0' }, user: { email: 'zoe@example.com', plan: 'trial' } },
		ALERTS,
		'NPS score 0 from zoe@example.com',
	],
	[
		'a low score without a type',
		{ nps_score: 6, userId: 42, feedback: 'Slow & <b>heavy</b>' },
		ALERTS,
		'NPS score 6 from 42',
		'feedback: Slow &amp; &lt;b&gt;heavy&lt;/b&gt;',
	],
	['a high score', { event_type: 'nps_score', score: 9, user_id: 'user_1' }, OTHERS, 'score: 9'],
	['a dismissed NPS survey', { event_type: 'nps_dismissed', user_id: 'user_1' }, OTHERS, 'nps_'],
	[
		'a flow whose name is like a click',
		{ event: 'flow_completed', title: 'New feature: click here', user_id: 'user_2' },
		OTHERS,
		'flow_completed: user_2',
		'title: New feature: click here',
	],
	['a checklist', { event_type: 'checklist', status: 'STARTED', user_id: 'u' }, OTHERS, 'STARTED'],
	[
		'a form with a low answer',
		{ type: 'form_submitted', score: 1, answers: [{ question: 'How?', answer: 'Well' }] },
		OTHERS,
		'answers: [{"question":"How?","answer":"Well"}]',
	],
	['what nobody knows', { hello: 'world' }, OTHERS, 'unknown user', 'hello: world'],
	['text', 'just text', OTHERS, 'message: just text'],
];

const HOSTILE = {
	event_type: '<!channel> *flow* `completed`',
	user_id: '<@U1|x>\nscore: 10',
	'key \u0000 <!here>': 'value \u0000 \ud83d &lt; half',
	text: 'long '.repeat(5_000),
	more: Object.fromEntries(
		Array.from({ length: 50 }, (_, index) => [`k${index}`, '😀'.repeat(99)]),
	),
};

/** Each event once, within seconds, in its channel; nothing without the key. */
export async function eventsToSlack({ instance, findings, web }: Context): Promise<void> {
	const credentials = { slackApi: await saveSlack(instance) };
	const post = async (body: unknown, query = `?key=${KEY}`) => {
		const isText = typeof body === 'string';
		const response = await fetch(`${instance.url}/webhook/userpilot-events${query}`, {
			method: 'POST',
			headers:
				body === undefined ? {} : { 'content-type': isText ? 'text/plain' : 'application/json' },
			body: isText ? body : JSON.stringify(body),
		});
		return response.status;
	};
	const since = web.calls.length;
	const messages = () => messagesOf(web.calls.slice(since));
	/** The messages after those that were there, once so many have come and no other follows. */
	const next = async (before: number, count: number) => {
		await until(() => messages().length >= before + count, PATIENCE_MS, 50);
		await sleep(QUIET_MS);
		return messages().slice(before);
	};

	const imported = await Example.create(instance, NAME, credentials);
	await imported.publish();
	await until(async () => (await post({})) !== 404, PATIENCE_MS, 250);
	findings.equal(
		'before a key is set, each request is refused',
		[await post({ a: 1 }, ''), await post({ a: 1 }, '?key='), await post({ a: 1 })],
		[403, 403, 403],
	);
	await imported.unpublish();

	const example = await Example.create(instance, NAME, credentials, { [CHECK]: withKey(KEY) });
	await example.publish();
	await until(async () => (await post([])) !== 404, PATIENCE_MS, 250);
	const refused = [
		await post({ event_type: 'nps', score: 1 }, ''),
		await post({ event_type: 'nps', score: 1 }, '?key=wrong'),
		await post({ event_type: 'nps', score: 1 }, `?key=${KEY}x`),
		await post({ event_type: 'nps', score: 1 }, `?key=${KEY}&key=${KEY}`),
		await post({ event_type: 'nps', score: 1 }, `?KEY=${KEY}`),
	];
	findings.equal('a request without the key is refused', refused, [403, 403, 403, 403, 403]);
	findings.equal('and starts nothing beyond it', (await next(0, 0)).length, 0);

	const times: number[] = [];
	for (const [what, body, channel, ...texts] of EVENTS) {
		const before = messages().length;
		const sentAt = performance.now();
		await post(body);
		await until(() => messages().length > before, PATIENCE_MS, 20);
		times.push(performance.now() - sentAt);
		const message = messages().at(-1)!;
		findings.check(
			what,
			messages().length === before + 1 &&
				message.channel === channel &&
				texts.every((text) => message.text.includes(text)) &&
				isPlain(message),
			message.text.replaceAll('\n', ' | '),
		);
	}
	findings.note(`From request to message: at most ${Math.round(Math.max(...times))} ms`);

	let before = messages().length;
	await post({ event_type: 'feature_tag', action: 'click', user_id: 'user_3' });
	await post({ event_type: 'button_tracked', user_id: 'user_3' });
	findings.equal(
		'bodies without an event',
		[await post(undefined), await post({}), await post([]), await post([null, {}])],
		[200, 200, 200, 200],
	);
	findings.equal('clicks and empty bodies post nothing', (await next(before, 0)).length, 0);

	before = messages().length;
	await post([
		{ event_type: 'nps', score: 2, user_id: 'array_1' },
		{ event_type: 'flow', user_id: 'array_2' },
	]);
	await post({ events: [{ event_type: 'flow', user_id: 'array_3' }] });
	findings.equal(
		'each event of a list',
		(await next(before, 3)).map(({ text }) => /array_\d/.exec(text)?.[0]).sort(),
		['array_1', 'array_2', 'array_3'],
	);

	before = messages().length;
	await post(HOSTILE);
	const [hostile = { channel: '', text: '' }] = await next(before, 1);
	findings.check(
		'hostile text is shown as it is, and cut',
		isPlain(hostile) && hostile.text.length < 4_000 && !hostile.text.includes('\nscore: 10'),
		`${hostile.text.length} characters: ${hostile.text.slice(0, 200).replaceAll('\n', ' | ')}`,
	);

	before = messages().length;
	const repeated = { event_type: 'flow', user_id: 'repeated', timestamp: 1_732_000_000 };
	await post(repeated);
	await next(before, 1);
	await post(repeated);
	await post({ ...repeated, timestamp: 1_732_000_001 });
	findings.equal(
		'an event that is sent twice is posted once, another one too',
		(await next(before, 2)).map(({ text }) => /timestamp: \d+/.exec(text)?.[0]),
		['timestamp: 1732000000', 'timestamp: 1732000001'],
	);
	await example.run('Every Day at 4:00');
	before = messages().length;
	await post(repeated);
	findings.equal('the next day, it is forgotten', (await next(before, 1)).length, 1);

	before = messages().length;
	failNextMessage(500);
	const sentAt = performance.now();
	await post({ event_type: 'flow', user_id: 'while Slack fails' });
	const ms = Math.round(performance.now() - sentAt);
	const tries = await next(before, 2);
	findings.check(
		'the response does not wait for Slack, and a message that fails is sent again',
		ms < 2_000 && tries.length === 2 && tries[0]!.text === tries[1]!.text,
		`${ms} ms, ${tries.length} tries`,
	);

	before = messages().length;
	await Promise.all(
		Array.from(
			{ length: 20 },
			async (_, index) => await post({ event_type: 'flow', user_id: `at once ${index}` }),
		),
	);
	findings.equal(
		'of many events at once, each is posted',
		new Set((await next(before, 20)).map(({ text }) => /at once \d+/.exec(text)?.[0])).size,
		20,
	);
	await example.unpublish();
	const { client } = instance;
	const failed = (await client.listExecutions(example.id, 100)).filter(
		({ status }) => status !== 'success',
	);
	const errors = failed.map(async ({ id }) => (await client.getExecution(id)).error);
	findings.equal('no execution has failed', await Promise.all(errors), []);
}
