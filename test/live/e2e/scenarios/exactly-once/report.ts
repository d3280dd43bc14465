import type { Tally } from '../../../harness/tally.ts';
import type { Context } from '../../scenario.ts';
import type { Plan } from './plan.ts';
import type { Restarts } from './restarts.ts';

type Result = ReturnType<Tally['result']>;

const sum = (results: Result[], pick: (result: Result) => number) =>
	results.reduce((total, result) => total + pick(result), 0);

/** Checks the results of all workflows together. */
export function report(
	{ findings }: Context,
	{ isOrdered }: Plan,
	results: Result[],
	{ done, kills }: Restarts,
): void {
	const lost = results.flatMap(({ lostByHost }) => lostByHost);
	const missing = results.flatMap((result) => result.missing);
	const twice = results.flatMap((result) => result.twice);
	const jobs = sum(results, ({ due }) => due);
	findings.note(
		`${jobs} jobs, ${results.length} workflows, ${done} restarts, ${kills} of them kill -9`,
	);
	findings.note(
		`${sum(results, ({ calls }) => calls)} requests, ${sum(results, ({ faults }) => faults)} of them with a fault`,
	);
	findings.check(
		'no job is missing',
		missing.length === 0,
		`${jobs - lost.length - missing.length} of ${jobs} started an execution; missing: ${missing.length}`,
	);
	findings.check('no job fires twice', twice.length === 0, `${twice.length} twice`);
	findings.equal(
		'no job fires that had finished before',
		results.flatMap(({ unexpected }) => unexpected),
		[],
	);
	const disordered = sum(results, (result) => result.disordered);
	const order = `${sum(results, ({ overtaken }) => overtaken)} fired after a younger job because a request had failed, ${disordered} for another reason`;
	if (isOrdered) findings.check('the oldest comes first', disordered === 0, order);
	else findings.note(order);
	const lateMs = results.flatMap((result) => result.lateMs).sort((a, b) => a - b);
	findings.note(
		`from a job's end to its execution: p50 ${seconds(lateMs, 0.5)}, p99 ${seconds(lateMs, 0.99)}, at most ${seconds(lateMs, 1)}`,
	);
}

/** Checks what n8n itself did at the kills. */
export function reportHost(
	{ findings, instance }: Context,
	{ mode }: Plan,
	results: Result[],
	{ kills, failedStarts }: Restarts,
): void {
	const lost = results.flatMap(({ lostByHost }) => lostByHost);
	const repeated = results.flatMap(({ repeatedByHost }) => repeatedByHost);
	// Also with durable poll cursors, n8n saves what the poll at publishing fired for afterwards.
	const [promise, maxLost] =
		mode === 'durable'
			? ['n8n itself loses nothing, and repeats at most a job of the poll at publishing', 0]
			: [
					'n8n itself loses or repeats at most the jobs that it was starting executions for',
					kills * results.length,
				];
	findings.check(
		promise,
		lost.length <= maxLost && lost.length + repeated.length <= kills * results.length,
		`killed between its two writes: ${lost.length} lost, ${repeated.length} repeated, in ${kills} kills`,
	);
	const named = lost.filter((jobId) => instance.logsLostJob(jobId));
	findings.check(
		"n8n's log names each job that it lost",
		named.length === lost.length,
		`${named.length} of ${lost.length}`,
	);
	findings.note(
		`${sum(results, ({ interrupted }) => interrupted)} executions were running at a kill: n8n lists them as crashed`,
	);
	if (failedStarts > 0) findings.note(`${failedStarts} starts of n8n failed by n8n's own fault`);
}

const seconds = (sorted: number[], share: number): string => {
	const ms = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
	return `${(ms / 1000).toFixed(1)} s`;
};
