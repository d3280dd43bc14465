import { setTimeout as sleep } from 'node:timers/promises';

import type { Fault } from '../../../../playground/emulator/faults.ts';
import type { Emulator } from '../../../../playground/emulator/server.ts';
import { showStep } from '../../../../playground/progress.ts';
import type { Context } from '../scenario.ts';
import { until } from '../until.ts';
import { userpilotOf } from '../watch.ts';
import { exportWorkflow, START } from '../workflows.ts';

/** A stop must have its effect within this time. */
const PROMPT_MS = 1_000;
/** By when n8n must have written it down, on a machine that is busy. */
const NOTED_WITHIN_MS = 10_000;
const EXECUTION_TIMEOUT_S = 6;
/** Long enough for a wait that goes on to ask again: it does so every second at first. */
const QUIET_MS = 8_000;
const STARTS_WITHIN_MS = 60_000;

const CREATE_AND_WAIT = { resource: 'export', operation: 'createAndWait', dateRange: 'yesterday' };
const HANGING_FILE: Fault = { operation: 'file', kind: 'stall-body', bytes: 1_000 };

interface Case {
	name: string;
	parameters(jobId: string): Record<string, unknown>;
	/** The call by which one knows that the node is at it. */
	operation: string;
	/** A job that is there from the start: one that runs on, or one that has files. */
	job: 'running' | 'completed' | 'none';
	faults?: Fault[];
}

const download = (output: string) => (jobId: string) => ({
	resource: 'job',
	operation: 'download',
	jobId: { __rl: true, mode: 'id', value: jobId },
	output,
});

const CASES: Case[] = [
	{
		name: 'the wait for our export',
		parameters: () => CREATE_AND_WAIT,
		operation: 'getJob',
		job: 'none',
	},
	{
		name: "the wait for another's export",
		parameters: () => CREATE_AND_WAIT,
		operation: 'createExport',
		job: 'running',
	},
	{
		name: 'a download of files',
		parameters: download('files'),
		operation: 'file',
		job: 'completed',
		faults: [HANGING_FILE],
	},
	{
		name: 'a download of rows',
		parameters: download('rows'),
		operation: 'file',
		job: 'completed',
		faults: [HANGING_FILE],
	},
];

const requestsOf = (emulator: Emulator) => emulator.control.ledger().requests;

/** Stopping an execution by hand, and n8n's own time limit. */
export async function cancel({ instance, findings }: Context): Promise<void> {
	const stopByHand = async (test: Case, index: number) =>
		await runCase(test, `by-hand-${index}`, {});
	const stopByTimeout = async (test: Case, index: number) =>
		await runCase(test, `by-timeout-${index}`, { executionTimeout: EXECUTION_TIMEOUT_S });

	async function runCase(test: Case, name: string, settings: Record<string, unknown>) {
		const byHand = settings.executionTimeout === undefined;
		const { emulator, credentialId } = await userpilotOf(instance, name, {
			jobSeconds: 3_600,
			faults: test.faults,
		});
		const [jobId = ''] =
			test.job === 'none'
				? []
				: emulator.control.seedJobs({
						endTimes: [
							new Date(Date.now() + (test.job === 'running' ? 3_600_000 : -60_000)).toISOString(),
						],
					});
		const workflow = exportWorkflow(name, credentialId, test.parameters(jobId), { settings });
		await instance.client.createWorkflow(workflow);
		const id = await instance.client.runWorkflow(name, START);
		const isAtIt = await until(
			() => requestsOf(emulator).some(({ operation }) => operation === test.operation),
			STARTS_WITHIN_MS,
			20,
		);
		if (byHand) await sleep(1_500);
		const last = () => instance.read((database) => database.executions(name)).at(-1)!;
		const stoppedAt = byHand ? Date.now() : last().startedAt + EXECUTION_TIMEOUT_S * 1_000;
		if (byHand) await instance.client.stopExecution(id);
		const hasEnded = () => !Number.isNaN(last().stoppedAt);
		const isNoted = await until(hasEnded, stoppedAt - Date.now() + NOTED_WITHIN_MS, 20);
		const { status, stoppedAt: endedAt } = last();
		const endedMs = Math.max(0, endedAt - stoppedAt);
		await sleep(PROMPT_MS);
		const before = requestsOf(emulator).length;
		await sleep(QUIET_MS);
		const requests = requestsOf(emulator);
		// The emulator notes the bytes of an answer when its connection has come to an end.
		const open = requests.filter(({ status, bytes }) => status !== null && bytes === 0);
		await emulator.close();
		return {
			ok:
				isAtIt &&
				isNoted &&
				endedMs <= PROMPT_MS &&
				requests.length === before &&
				open.length === 0,
			detail: `${isNoted ? `${status} after ${endedMs} ms` : 'did not end'}, ${requests.length - before} calls afterwards, ${open.length} connections left open`,
		};
	}

	const byHand = await showStep('Stopping executions by hand', async () => {
		const results = [];
		for (const [index, test] of CASES.entries()) results.push(stopByHand(test, index));
		return await Promise.all(results);
	});
	const byTimeout = await showStep(
		`Letting n8n stop them after ${EXECUTION_TIMEOUT_S} s`,
		async () => {
			return await Promise.all(CASES.map(stopByTimeout));
		},
	);
	CASES.forEach(({ name }, index) => {
		findings.check(`stopped by hand: ${name}`, byHand[index]!.ok, byHand[index]!.detail);
		findings.check(
			`stopped by n8n's time limit: ${name}`,
			byTimeout[index]!.ok,
			byTimeout[index]!.detail,
		);
	});
}
