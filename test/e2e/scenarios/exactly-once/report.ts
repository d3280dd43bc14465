import type { Findings } from '../../findings.ts';
import type { Instance } from '../../instance.ts';
import type { Tally } from '../tally.ts';
import type { Plan } from './plan.ts';

type Result = ReturnType<Tally['result']>;

/** Checks what came of all workflows together. */
export function report(
	findings: Findings,
	instance: Instance,
	{ mode }: Plan,
	all: Result[],
	{ restarts, kills }: { restarts: number; kills: number },
): void {
	const sum = (pick: (result: Result) => number) =>
		all.reduce((total, result) => total + pick(result), 0);
	const lost = all.flatMap((result) => result.lostByHost);
	const repeated = all.flatMap((result) => result.repeatedByHost);
	const missing = all.flatMap((result) => result.missing);
	const twice = all.flatMap((result) => result.twice);
	const jobs = sum((result) => result.owed);
	findings.note(
		`${jobs} jobs, ${all.length} workflows, ${restarts} restarts, ${kills} of them kill -9`,
	);
	findings.note(
		`${sum(({ calls }) => calls)} requests, ${sum(({ faults }) => faults)} of them with a fault`,
	);
	findings.check(
		'no job is missing',
		missing.length === 0,
		`${jobs - lost.length - missing.length} of ${jobs} started an execution; missing: ${missing.length}`,
	);
	findings.check('no job fires twice', twice.length === 0, `${twice.length} twice`);
	findings.equal(
		'no job fires that had finished before',
		all.flatMap(({ unexpected }) => unexpected),
		[],
	);
	findings.check(
		'the oldest comes first',
		sum(({ disordered }) => disordered) === 0,
		`${sum(({ overtaken }) => overtaken)} overtook one whose call had failed`,
	);
	const most = mode === 'durable' ? 0 : kills;
	findings.check(
		mode === 'durable'
			? 'n8n itself loses and repeats nothing'
			: 'what n8n itself loses or repeats stays within the job that was being handed over',
		lost.length + repeated.length <= most,
		`killed between its two writes: ${lost.length} lost, ${repeated.length} repeated, in ${kills} kills`,
	);
	const untold = lost.filter((jobId) => !instance.tellsOfLostJob(jobId));
	findings.check(
		"n8n's log names each job that it lost",
		untold.length === 0,
		`${lost.length - untold.length} of ${lost.length}`,
	);
	const lateMs = all.flatMap((result) => result.lateMs).sort((a, b) => a - b);
	findings.note(
		`from a job's end to its execution: p50 ${seconds(lateMs, 0.5)}, p99 ${seconds(lateMs, 0.99)}, at most ${seconds(lateMs, 1)}`,
	);
	findings.note(
		`${sum(({ cutShort }) => cutShort)} executions had begun when the kill came: n8n lists them as crashed`,
	);
}

const seconds = (sorted: number[], share: number): string => {
	const ms = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
	return `${(ms / 1000).toFixed(1)} s`;
};
