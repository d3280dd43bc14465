import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { JOBS, jobPath } from '../../support/paths';
import { onFastClock } from '../../support/clock';
import { ActiveTrigger, idOfTest, runNode } from '../../support/engine';

// A real server and the real clock: slow and stalled bodies look the same on a fast clock.
const jobs = Array.from({ length: 6 }, (_, index) => ({
	job_id: `job-${index}`,
	status: 'completed',
	end_time: `2024-10-06T10:00:0${index}`,
}));
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => answer(request, response));
let credentials: { baseUrl: string };

beforeAll(async () => {
	// Idle connections stay open, as those of the emulator.
	server.keepAliveTimeout = 0;
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	credentials = { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
	// The first request of a process is slow, which is not measured here.
	answer = (_request, response) => response.end('[]');
	await new ActiveTrigger().poll({ credentials });
});
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

/** Sends a body byte by byte, so that the connection is never idle, and the body never ends. */
function trickle(response: ServerResponse) {
	const timer = setInterval(() => response.write(' '), 20);
	response.on('close', () => clearInterval(timer));
}

/** The margin within the budget is 2 s. */
const budgetMs = 6_000;

it.each<[string, (response: ServerResponse) => void]>([
	['that hang', () => {}],
	['that trickle without an end', trickle],
])('a poll with jobs %s ends in time, and fires for the other jobs', async (_, misbehave) => {
	answer = ({ url }, response) => {
		if (url === JOBS) response.end(JSON.stringify(jobs));
		else if (url === jobPath('job-5')) response.end(JSON.stringify(jobs[5]));
		else misbehave(response);
	};
	const trigger = new ActiveTrigger({ startFrom: 'existing' }, {}, idOfTest());
	const begun = performance.now();
	const items = await trigger.poll({ credentials, budgetMs });
	expect(performance.now() - begun).toBeLessThan(budgetMs);
	expect(items!.map(({ json }) => json.job_id)).toEqual(['job-5']);
	expect(Object.keys(trigger.memory.handled as object)).toEqual(['job-5']);
});

it('a poll whose list never ends fails with a timeout, and the next poll continues', async () => {
	answer = (_, response) => trickle(response);
	const trigger = new ActiveTrigger({ startFrom: 'existing' }, {}, idOfTest());
	await expect(trigger.poll({ credentials, budgetMs })).rejects.toThrow('did not respond in time');
	answer = (_, response) => response.end('[]');
	expect(await trigger.poll({ credentials, budgetMs })).toBeNull();
});

// At the end of a poll n8n releases what all expressions of the workflow run in, even the credential's.
it.each(['trigger', 'another'])(
	'a tick of the node "%s" ends no sooner than the calls of a poll of its workflow',
	async (id) => {
		const signals = new EventEmitter();
		const detailsAsked = once(signals, 'asked');
		const released = once(signals, 'release');
		answer = ({ url }, response) => {
			if (url === JOBS) return void response.end(JSON.stringify(jobs.slice(0, 1)));
			signals.emit('asked');
			void released.then(() => response.end(JSON.stringify(jobs[0])));
		};
		const trigger = new ActiveTrigger({ startFrom: 'existing' }, {}, idOfTest());
		const other = new ActiveTrigger({}, {}, 'another', { beside: trigger });
		const poll = trigger.poll({ credentials });
		await detailsAsked;
		let hasEnded = false;
		const ticking = id === 'trigger' ? trigger : other;
		const tick = ticking.poll({ credentials }).finally(() => {
			hasEnded = true;
		});
		await delay(200);
		expect(hasEnded).toBe(false);
		signals.emit('release');
		expect((await poll)!.map(({ json }) => json.job_id)).toEqual(['job-0']);
		expect(await tick).toBeNull();
	},
);

it('a slow body of a request in an execution times out', async () => {
	const inReal = AbortSignal.timeout.bind(AbortSignal);
	const limitsMs: number[] = [];
	answer = (_request, response) => trickle(response);
	const parameters = { resource: 'job', operation: 'getAll' };
	const { result } = await onFastClock('2024-10-06T10:44:50Z', async () => {
		AbortSignal.timeout = (ms) => {
			limitsMs.push(ms);
			return inReal(ms / 300);
		};
		return await runNode(parameters, { credentials });
	});
	expect(result.error!.message).toContain('did not respond in time');
	// Four tries of a minute each.
	expect(limitsMs).toEqual([60_000, 60_000, 60_000, 60_000]);
});

it.each([
	['first', 1],
	['last', 4],
])(
	'a stopped execution ends the %s try of a request, without another error',
	async (_, lastTry) => {
		let calls = 0;
		const run = await runNode(
			{ resource: 'job', operation: 'getAll' },
			{
				credentials,
				onStart: (cancel) => {
					answer = (_request, response) => {
						if (++calls === lastTry) cancel();
						else response.writeHead(503, { 'retry-after': '0' }).end();
					};
				},
			},
		);
		expect(run.status).toBe('canceled');
		expect(calls).toBe(lastTry);
	},
);
