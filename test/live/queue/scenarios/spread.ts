import type { Execution } from '../../../../playground/executions.ts';
import { showStep } from '../../../../playground/progress.ts';
import { USERPILOT } from '../../harness/workflows.ts';
import { firedBy, Hooked } from '../hooked.ts';
import { type Context, DOWNLOAD_JOB, EXPORT_ROWS } from '../scenario.ts';

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
			const setup = { parameters: EXPORT_ROWS, userpilot };
			exports.push(await Hooked.publish(cluster, `export-${index}`, setup));
		}
		for (let index = 0; index < TRIGGERS; index++) {
			const setup = { parameters: DOWNLOAD_JOB, userpilot, onJobs: true };
			triggers.push(await Hooked.publish(cluster, `trigger-${index}`, setup));
		}
	});
	const title = `Exporting, and finishing ${TRIGGERS * JOBS_EACH} jobs`;
	const { byExports, byTriggers } = await showStep(title, async () => {
		for (const { emulator } of triggers) {
			for (let job = 0; job < JOBS_EACH; job++) {
				const endsAt = Date.now() + job * 4_000;
				emulator.control.seedJobs({ endTimes: [new Date(endsAt).toISOString()] });
			}
		}
		const [byExports, byTriggers] = await Promise.all([
			Promise.all(exports.map(exportRepeatedly)),
			Promise.all(triggers.map(async (workflow) => await workflow.firedFor(JOBS_EACH))),
		]);
		return { byExports: byExports.flat(), byTriggers };
	});

	const rowsOf = (execution: Execution) => execution.output(USERPILOT).length;
	findings.equal(
		'each export returns all of its rows',
		byExports.map(rowsOf),
		Array.from({ length: EXPORTS * RUNS_EACH }, () => ROWS),
	);
	findings.equal(
		'each execution starts one export',
		exports.map((workflow) => workflow.jobIds().length),
		exports.map(() => RUNS_EACH),
	);
	findings.equal(
		'each job fires once',
		byTriggers.map((executions) => firedBy(executions).sort()),
		triggers.map((workflow) => workflow.jobIds().sort()),
	);
	findings.equal(
		'and each of their downloads is complete',
		byTriggers.flat().reduce((rows, execution) => rows + rowsOf(execution), 0),
		TRIGGERS * JOBS_EACH * ROWS,
	);
	const shares = cluster.workers.map((worker) => worker.started().length);
	const started = cluster.workers.flatMap((worker) => worker.started());
	findings.check(
		'both workers take their share, and no execution runs on both',
		Math.min(...shares) > 0 && new Set(started).size === started.length,
		`${shares.join(' and ')} executions`,
	);
	for (const workflow of [...exports, ...triggers]) await workflow.close();
}

/** One after the other: an account runs one export at a time. */
async function exportRepeatedly(workflow: Hooked): Promise<Execution[]> {
	const executions: Execution[] = [];
	for (let run = 0; run < RUNS_EACH; run++) {
		executions.push(await workflow.ended(await workflow.start()));
	}
	return executions;
}
