import type { Fault } from '../../../../playground/emulator/faults.ts';
import type { Emulator } from '../../../../playground/emulator/server.ts';
import { showStep } from '../../../../playground/progress.ts';
import { hasEnded, type RecordedExecution } from '../../harness/database.ts';
import { until } from '../../harness/until.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { downloadOf, exportWorkflow, type Parameters, USERPILOT } from '../../harness/workflows.ts';
import type { Context } from '../scenario.ts';

const ENDS_WITHIN_MS = 90_000;
const ROWS_PER_DAY = 50;

interface Case {
	promise: string;
	fault: Fault;
	parameters(jobId: string): Parameters;
	/** How many items must be returned; without it, an error. */
	items?: number;
	/** What the error says, message and description. */
	says?: RegExp;
}

const getMany = () => ({ resource: 'job', operation: 'getAll' });

/** A few of the faults that test/faults/ tries on every operation: that a real n8n makes no difference. */
const CASES: Case[] = [
	{
		promise: '401: the error n8n shows has a message and a description',
		fault: { operation: 'listJobs', kind: 'status', status: 401 },
		parameters: getMany,
		says: /API key.*\(401\): Unauthorized.*[Cc]opy the API key/s,
	},
	{
		promise: '429 with Retry-After: waited for, and complete',
		fault: { operation: 'listJobs', kind: 'status', status: 429, retryAfter: 2, times: 1 },
		parameters: getMany,
		items: 1,
	},
	{
		promise: 'a download that is dropped: resumed, and complete',
		fault: { operation: 'file', kind: 'truncate', bytes: 700, times: 1 },
		parameters: (jobId) => downloadOf(jobId, 'rows'),
		items: ROWS_PER_DAY,
	},
	{
		promise: 'a link that has expired: renewed, and complete',
		fault: {
			...{ operation: 'file', kind: 'body', times: 1 },
			...{ status: 403, text: '<Error><Code>AccessDenied</Code></Error>' },
		},
		parameters: (jobId) => downloadOf(jobId, 'files'),
		items: 1,
	},
];

export async function faults({ instance, findings }: Context): Promise<void> {
	const runs: Array<{ test: Case; emulator: Emulator; name: string }> = [];
	await showStep(`Running ${CASES.length} cases side by side`, async () => {
		for (const [index, test] of CASES.entries()) {
			const name = `fault-${index}`;
			const { emulator, credentialId } = await startUserpilot(instance, name, {
				rowsPerDay: ROWS_PER_DAY,
				faults: [test.fault],
			});
			runs.push({ test, emulator, name });
			const [jobId = ''] = emulator.control.seedJobs();
			await instance.run(exportWorkflow(name, credentialId, test.parameters(jobId)));
		}
		const haveEnded = () => runs.every(({ name }) => hasEnded(instance.lastExecution(name)));
		await until(haveEnded, ENDS_WITHIN_MS, 500);
	});
	for (const { test, emulator, name } of runs) {
		const problem = problemOf(test, instance.lastExecution(name));
		findings.check(test.promise, problem === undefined, problem);
		await emulator.close();
	}
}

/** What is wrong with how it ended, or undefined. */
function problemOf({ items, says }: Case, execution: RecordedExecution | undefined) {
	if (!hasEnded(execution)) return 'did not end';
	const { error, output } = execution;
	if (items !== undefined) {
		const count = output(USERPILOT)?.length;
		return error ?? (count === items ? undefined : `${count} items instead of ${items}`);
	}
	return error !== undefined && says?.test(error) ? undefined : `error: ${error}`;
}
