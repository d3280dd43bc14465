import { callTool } from '../../../support/agent';
import { runNode } from '../../../support/engine';
import type { Execution, History } from './requests';
import type { WorldPlan } from './world';
import { inWorld, World } from './world';

const START = '2024-10-06T10:44:50Z';
/** After so many turns of the event loop, everything without a timer has happened. */
const QUIET_TURNS = 6;
const MAX_LEAPS = 100_000;

/** An item of a node, or a call of a tool. */
interface Request {
	execution: Execution;
	asked: string;
	/** The job that was returned to the workflow or the agent. */
	jobId?: string;
	/** The error that was returned instead. */
	error?: string;
}

let histories = 0;
let executions = 0;

/** Each request of a history is different, unless two calls of a tool are equal. */
const marked = (execution: Execution, number: number): string[] =>
	execution.asked.map((name, index) =>
		execution.by === 'node' ? `${number}/${index}/${name}` : `${number}/${name}`,
	);

async function run(execution: Execution, number: number, apiKey: string): Promise<Request[]> {
	const { by, operation, onConflict, maxTries, delayMs } = execution;
	const asked = marked(execution, number);
	await new Promise((resolve) => setTimeout(resolve, 1 + delayMs));
	const parameters = (userIds: string) => ({
		operation,
		filters: { userIds },
		options: { onConflict },
		...(operation === 'createAndWait' && { output: 'job' }),
	});
	const options = {
		credentials: { apiKey },
		executionId: by === 'mcp' ? null : `drawn execution ${++executions}`,
		node: { retryOnFail: maxTries > 1, maxTries, waitBetweenTries: 1_000 },
	};
	if (by === 'node') {
		const input = asked.map((user) => ({ user }));
		const { items, error } = await runNode(parameters('={{ $json.user }}'), { ...options, input });
		return asked.map((name, index) => ({
			execution,
			asked: name,
			jobId: items[index]?.json.job_id as string | undefined,
			error: error && `${error.message} ${error.description}`,
		}));
	}
	const inputs = asked.map((user) => ({ user }));
	const answers = await callTool(parameters("={{ $fromAI('user') }}"), inputs, options);
	return asked.map((name, index) => {
		const answer = answers[index] as Array<{ job_id: string }> | { message: string };
		return Array.isArray(answer)
			? { execution, asked: name, jobId: answer[0]!.job_id }
			: { execution, asked: name, error: answer.message };
	});
}

/** Runs on a clock that jumps to the next timer when nothing else is left to do. */
async function onLeapingClock<T>(act: () => Promise<T>): Promise<T> {
	jest.useFakeTimers({
		now: new Date(START),
		doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'performance'],
	});
	const realTimeout = AbortSignal.timeout;
	// Node's own runs on the real clock. No request of a history takes that long.
	AbortSignal.timeout = () => new AbortController().signal;
	try {
		let isSettled = false;
		const acting = act().finally(() => {
			isSettled = true;
		});
		acting.catch(() => {});
		for (let leaps = 0; !isSettled; leaps++) {
			if (leaps > MAX_LEAPS) throw new Error('The history hangs');
			for (let turn = 0; turn < QUIET_TURNS && !isSettled; turn++) {
				await new Promise(setImmediate);
			}
			jest.advanceTimersToNextTimer();
		}
		return await acting;
	} finally {
		AbortSignal.timeout = realTimeout;
		jest.useRealTimers();
	}
}

/** What was started for the requests of a history, and what was returned. */
export interface Outcome {
	requests: Request[];
	jobs: World['jobs'];
}

export async function play({ world: plan, executions: drawn }: History): Promise<Outcome> {
	// Its own account: nothing is shared with earlier histories.
	const apiKey = `key-${++histories}`;
	return await onLeapingClock(async () => {
		const world = new World(plan);
		const ending = drawn.map(async (execution, number) => await run(execution, number, apiKey));
		// None continues in the next history, even after an error.
		const runs = await inWorld(world, async () => {
			await Promise.allSettled(ending);
			return await Promise.all(ending);
		});
		return { requests: runs.flat(), jobs: world.jobs };
	});
}

/**
 * The model: at most one export for each request, plus one for each of its jobs that failed or was gone
 * before it was delivered. Where n8n gives no execution ID, each try is a request of its own.
 */
function allowed(asked: string, { requests, jobs }: Outcome): number {
	const mine = requests.filter((request) => request.asked === asked);
	const { by, operation, maxTries } = mine[0]!.execution;
	if (by === 'mcp') return mine.length * maxTries;
	const over = jobs.filter((job) => job.asked === asked && job.ending !== 'completed').length;
	return mine.length + (operation === 'createAndWait' ? over : 0);
}

/**
 * Whether the last try met a failed job that an earlier try had met already. Only told of a request whose
 * every try ends with a job of its own: of one item that waits, while nothing else goes wrong.
 */
function metTwice(
	{ execution, asked, error }: Request,
	plan: WorldPlan,
	jobs: World['jobs'],
): boolean {
	const { by, operation, onConflict, maxTries } = execution;
	const isPlain =
		by !== 'mcp' &&
		operation === 'createAndWait' &&
		onConflict === 'wait' &&
		execution.asked.length === 1 &&
		plan.outage[1] === 0 &&
		plan.jobs.every(({ fate, detailsRefused }) => fate !== 'refused' && !detailsRefused);
	if (!isPlain || !/has failed|has no job/.test(error ?? '')) return false;
	return jobs.filter((job) => job.asked === asked).length < maxTries;
}

/** @throws Error that says what is wrong, and with which request */
export function check(plan: WorldPlan, outcome: Outcome): void {
	const { requests, jobs } = outcome;
	const startedFor = (asked: string) => jobs.filter((job) => job.asked === asked);
	for (const request of requests) {
		const { asked, jobId, error, execution } = request;
		const exports = startedFor(asked);
		const problems = [
			exports.length > allowed(asked, outcome) && `${exports.length} exports`,
			jobId && !exports.some(({ id }) => id === jobId) && `was given ${jobId}, which is another's`,
			metTwice(request, plan, jobs) && 'was given the failed job again at the next try',
			!jobId && !error && 'was given neither a job nor an error',
			// Such a try may follow one that started an export, which failed.
			/^(No export was|Nothing was) started/.test(error ?? '') &&
				exports.length > 0 &&
				'was told that nothing was started',
		].filter(Boolean);
		if (problems.length === 0) continue;
		throw new Error(`${execution.by} ${asked}: ${problems.join(', ')}\n${JSON.stringify(jobs)}`);
	}
	const ids = requests.flatMap(({ jobId }) => jobId ?? []);
	const twice = ids.find((id, index) => ids.indexOf(id) !== index);
	if (twice !== undefined) throw new Error(`${twice} was given to two requests`);
}
