import { setTimeout as sleep } from 'node:timers/promises';

import type { Fault } from '../../../../playground/emulator/faults.ts';
import { showStep } from '../../../../playground/progress.ts';
import { until } from '../../harness/until.ts';
import { requestsFor, startUserpilot } from '../../harness/userpilot.ts';
import { downloadOf, exportWorkflow, getEvents, type Parameters } from '../../harness/workflows.ts';
import type { Context } from '../scenario.ts';

/** A stop must have its effect within this time, also while other lanes keep the machine busy. */
const PROMPT_MS = 5_000;
/** By when n8n must have recorded it, on a busy machine. */
const RECORDED_WITHIN_MS = 10_000;
const EXECUTION_TIMEOUT_S = 6;
/** A wait that goes on would poll again within this time: it does so every second at first. */
const QUIET_MS = 8_000;
const STARTS_WITHIN_MS = 60_000;

const HOUR_MS = 3_600_000;
const HANGING_FILE: Fault = { operation: 'file', kind: 'stall-body', bytes: 1_000 };

interface Case {
	name: string;
	parameters(jobId: string): Parameters;
	/** The request that shows that the node has got there. */
	operation: string;
	/** A job that is there from the start, and when it ends, in ms from now. */
	jobEndsInMs?: number;
	faults?: Fault[];
}

const CASES: Case[] = [
	{ name: 'the wait for our export', parameters: () => getEvents(), operation: 'getJob' },
	{
		name: "the wait for somebody else's export",
		parameters: () => getEvents(),
		operation: 'createExport',
		jobEndsInMs: HOUR_MS,
	},
	{
		name: 'a download of files',
		parameters: (jobId) => downloadOf(jobId, 'files'),
		operation: 'file',
		jobEndsInMs: -60_000,
		faults: [HANGING_FILE],
	},
	{
		name: 'a download of rows',
		parameters: (jobId) => downloadOf(jobId, 'rows'),
		operation: 'file',
		jobEndsInMs: -60_000,
		faults: [HANGING_FILE],
	},
];

/** Executions that are stopped by hand, and by n8n's own time limit. */
export async function cancel({ instance, findings }: Context): Promise<void> {
	async function runCase(test: Case, name: string, timeoutS?: number) {
		const { emulator, credentialId } = await startUserpilot(instance, name, {
			jobSeconds: HOUR_MS / 1_000,
			faults: test.faults,
		});
		const { control } = emulator;
		const endTimes = [test.jobEndsInMs ?? []]
			.flat()
			.map((ms) => new Date(Date.now() + ms).toISOString());
		const [jobId = ''] = endTimes.length > 0 ? control.seedJobs({ endTimes }) : [];
		const settings = timeoutS === undefined ? {} : { executionTimeout: timeoutS };
		const id = await instance.run(
			exportWorkflow(name, credentialId, test.parameters(jobId), { settings }),
		);
		const isReached = await until(
			() => requestsFor(emulator, test.operation).length > 0,
			STARTS_WITHIN_MS,
			20,
		);
		if (timeoutS === undefined) await sleep(1_500);
		const last = () => instance.lastExecution(name)!;
		const stoppedAt = timeoutS === undefined ? Date.now() : last().startedAt + timeoutS * 1_000;
		if (timeoutS === undefined) await instance.client.stopExecution(id);
		const isRecorded = await until(
			() => !Number.isNaN(last().stoppedAt),
			stoppedAt - Date.now() + RECORDED_WITHIN_MS,
			20,
		);
		const { status, stoppedAt: endedAt } = last();
		const endedMs = Math.max(0, endedAt - stoppedAt);
		await sleep(PROMPT_MS);
		const before = control.ledger().requests.length;
		await sleep(QUIET_MS);
		const { requests } = control.ledger();
		// The emulator records the bytes of a response when its connection has ended.
		const open = requests.filter(({ status, bytes }) => status !== null && bytes === 0);
		await emulator.close();
		return {
			isStopped:
				isReached &&
				isRecorded &&
				endedMs <= PROMPT_MS &&
				requests.length === before &&
				open.length === 0,
			detail: `${isRecorded ? `${status} after ${endedMs} ms` : 'did not end'}, ${requests.length - before} requests afterwards, ${open.length} connections left open`,
		};
	}

	const byHand = await showStep(
		'Stopping executions by hand',
		async () =>
			await Promise.all(CASES.map(async (test, index) => await runCase(test, `by-hand-${index}`))),
	);
	const byTimeLimit = await showStep(
		`Letting n8n stop them after ${EXECUTION_TIMEOUT_S} s`,
		async () =>
			await Promise.all(
				CASES.map(
					async (test, index) => await runCase(test, `by-limit-${index}`, EXECUTION_TIMEOUT_S),
				),
			),
	);
	CASES.forEach(({ name }, index) => {
		const [hand, limit] = [byHand[index]!, byTimeLimit[index]!];
		findings.check(`stopped by hand: ${name}`, hand.isStopped, hand.detail);
		findings.check(`stopped by n8n's time limit: ${name}`, limit.isStopped, limit.detail);
	});
}
