import { showStep } from '../../../../playground/progress.ts';
import { USERPILOT } from '../../harness/workflows.ts';
import { firedBy, Hooked } from '../hooked.ts';
import { type Context, downloadJob, EXPORT_ROWS } from '../scenario.ts';

const EXPORTS = 6;
const RUNS_EACH = 2;
const TRIGGERS = 4;
const JOBS_EACH = 5;
const ROWS = 300;

/** Exports, waits and triggers of many workflows, over both workers. */
export async function spread({ cluster, findings }: Context): Promise<void> {
	const userpilot = { jobSeconds: 3, rowsPerDay: ROWS };
	const exports: Hooked[] = [];
	const triggers: Hooked[] = [];
	await showStep(`Publishing ${EXPORTS + TRIGGERS} workflows`, async () => {
		for (let index = 0; index < EXPORTS; index++) {
			const wish = { parameters: EXPORT_ROWS, userpilot };
			exports.push(await Hooked.publish(cluster, `export-${index}`, wish));
		}
		for (let index = 0; index < TRIGGERS; index++) {
			const wish = { parameters: downloadJob('rows'), userpilot, onJobs: true };
			triggers.push(await Hooked.publish(cluster, `trigger-${index}`, wish));
		}
	});
	const total = EXPORTS * RUNS_EACH + TRIGGERS * JOBS_EACH;
	const ended = await showStep(
		`Exporting, and finishing ${TRIGGERS * JOBS_EACH} jobs`,
		async () => {
			for (const { emulator } of triggers) {
				for (let job = 0; job < JOBS_EACH; job++) {
					const endsAt = Date.now() + job * 4_000;
					emulator.control.seedJobs({ endTimes: [new Date(endsAt).toISOString()] });
				}
			}
			const byExports = exports.map(async (workflow) => {
				const executions = [];
				// One after the other: an account runs one export at a time.
				for (let run = 0; run < RUNS_EACH; run++) {
					executions.push(await workflow.ended(await workflow.start()));
				}
				return executions;
			});
			return {
				byExports: (await Promise.all(byExports)).flat(),
				byTriggers: await Promise.all(
					triggers.map(async (workflow) => await workflow.firedFor(JOBS_EACH)),
				),
			};
		},
	);

	const rowsOf = (execution: (typeof ended.byExports)[number]) =>
		execution.output(USERPILOT).length;
	findings.equal(
		'each export gives all of its rows',
		ended.byExports.map(rowsOf),
		Array.from({ length: EXPORTS * RUNS_EACH }, () => ROWS),
	);
	findings.equal(
		'each wish is one export',
		exports.map((workflow) => workflow.jobIds().length),
		exports.map(() => RUNS_EACH),
	);
	findings.equal(
		'each job fires once',
		ended.byTriggers.map((executions) => firedBy(executions).sort()),
		triggers.map((workflow) => workflow.jobIds().sort()),
	);
	findings.equal(
		'and each of their downloads is whole',
		ended.byTriggers.flat().reduce((rows, execution) => rows + rowsOf(execution), 0),
		TRIGGERS * JOBS_EACH * ROWS,
	);
	const shares = cluster.workers.map((worker) => worker.took().length);
	const taken = cluster.workers.flatMap((worker) => worker.took());
	findings.check(
		'both workers take their share, and none takes what the other has',
		Math.min(...shares) > 0 && new Set(taken).size === taken.length,
		`${shares.join(' and ')} executions`,
	);
	findings.note(`${total} jobs in ${taken.length} executions`);
	for (const workflow of [...exports, ...triggers]) await workflow.close();
}
