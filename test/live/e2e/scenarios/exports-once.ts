import type { Fault } from '../../../../playground/emulator/faults.ts';
import type { Emulator, EmulatorOptions } from '../../../../playground/emulator/server.ts';
import { showStep } from '../../../../playground/progress.ts';
import { hasEnded } from '../../harness/database.ts';
import { until } from '../../harness/until.ts';
import { requestsFor, startUserpilot } from '../../harness/userpilot.ts';
import {
	exportWorkflow,
	type Parameters,
	startExport,
	USERPILOT,
} from '../../harness/workflows.ts';
import type { Context } from '../scenario.ts';

/** Longer than the node's timeout (60 s) and its retries of the list. */
const ENDS_WITHIN_MS = 150_000;
const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1_000 };

/** How a workflow ended. */
interface Outcome {
	/** The node's item. */
	item: Record<string, unknown> | undefined;
	error: string | undefined;
}

interface Case {
	promise: string;
	faults: Fault[];
	options?: EmulatorOptions;
	node?: Record<string, unknown>;
	parameters?: Parameters;
	/** How many workflows start at the same moment. */
	workflows?: number;
	/** What is wrong with how they ended, or undefined. */
	problem(outcomes: Outcome[], jobIds: string[]): string | undefined;
}

const ownJob = (outcomes: Outcome[], jobIds: string[]): string | undefined => {
	if (jobIds.length !== 1) return `${jobIds.length} exports`;
	const { item, error } = outcomes[0]!;
	if (item?.job_id !== jobIds[0]) return error ?? 'another job';
	return item?.reused === false ? undefined : `reused is ${String(item?.reused)}`;
};

const CASES: Case[] = [
	{
		promise: 'the response is lost: one export, and the item names it',
		faults: [{ operation: 'createExport', kind: 'reset-after', times: 1 }],
		problem: ownJob,
	},
	{
		promise: 'a gateway responds in its place: one export',
		faults: [{ operation: 'createExport', kind: 'html', status: 504, times: 1 }],
		problem: ownJob,
	},
	{
		promise: 'the POST times out after the export has started: one export',
		faults: [{ operation: 'createExport', kind: 'stall-body', bytes: 1, times: 1 }],
		problem: ownJob,
	},
	{
		promise: 'the connection was dropped before anything was done: retried, one export',
		faults: [{ operation: 'createExport', kind: 'reset', times: 1 }],
		problem: ownJob,
	},
	{
		promise:
			'Retry On Fail after a lost response and an unreadable list: finds the job of the first try',
		faults: [
			{ operation: 'createExport', kind: 'reset-after', times: 1 },
			{ operation: 'listJobs', kind: 'status', status: 500, skip: 1, times: 2 },
		],
		node: RETRY_ON_FAIL,
		problem: ownJob,
	},
	{
		promise: 'Retry On Fail where nothing can tell: never a second export, the error says so',
		faults: [
			{ operation: 'createExport', kind: 'reset-after', times: 1 },
			{ operation: 'listJobs', kind: 'status', status: 500, skip: 1 },
		],
		node: RETRY_ON_FAIL,
		problem: ([outcome], jobIds) => {
			if (jobIds.length !== 1) return `${jobIds.length} exports`;
			return outcome?.error ? undefined : 'no error';
		},
	},
	{
		promise: "two workflows at the same moment, Fail: one export, and the other's error names it",
		faults: [],
		options: { jobSeconds: 20 },
		workflows: 2,
		problem: (outcomes, jobIds) => {
			if (jobIds.length !== 1) return `${jobIds.length} exports`;
			const [made, refused] = [...outcomes].sort((a) => (a.item ? -1 : 1));
			if (made?.item?.job_id !== jobIds[0]) return 'neither has the job';
			return refused?.error?.includes(jobIds[0]!) ? undefined : `error: ${refused?.error}`;
		},
	},
	{
		promise:
			'two workflows at the same moment, Use the Running Export: one export, told apart by reused',
		faults: [],
		options: { jobSeconds: 20 },
		workflows: 2,
		parameters: { options: { onConflict: 'useRunning' } },
		problem: (outcomes, jobIds) => {
			if (jobIds.length !== 1) return `${jobIds.length} exports`;
			const reused = outcomes.map(({ item }) => item?.reused).sort();
			if (outcomes.some(({ item }) => item?.job_id !== jobIds[0])) return 'another job';
			return JSON.stringify(reused) === '[false,true]' ? undefined : `reused: ${reused.join()}`;
		},
	},
	{
		promise: 'two workflows at the same moment, Wait: two exports, and each item has its own',
		faults: [],
		options: { jobSeconds: 3 },
		workflows: 2,
		parameters: { options: { onConflict: 'wait' } },
		problem: (outcomes, jobIds) => {
			const named = new Set(outcomes.map(({ item }) => item?.job_id));
			if (jobIds.length !== 2) return `${jobIds.length} exports`;
			if (outcomes.some(({ item }) => item?.reused !== false)) return 'reused';
			return jobIds.every((id) => named.has(id)) ? undefined : 'both have the same job';
		},
	},
];

/** Export > Start, whose POST must never start two exports for one request. */
export async function exportsOnce({ instance, findings }: Context): Promise<void> {
	const runs: Array<{ test: Case; emulator: Emulator; names: string[] }> = [];
	await showStep(`Running ${CASES.length} cases side by side`, async () => {
		for (const [index, test] of CASES.entries()) {
			const { emulator, credentialId } = await startUserpilot(instance, `case-${index}`, {
				jobSeconds: 600,
				...test.options,
				faults: test.faults,
			});
			const names = Array.from(
				{ length: test.workflows ?? 1 },
				(_, copy) => `case-${index}-${copy}`,
			);
			const workflows = names.map((name) =>
				exportWorkflow(name, credentialId, startExport(test.parameters), { node: test.node }),
			);
			await Promise.all(workflows.map(async (workflow) => await instance.run(workflow)));
			runs.push({ test, emulator, names });
		}
		const haveEnded = () =>
			runs.every(({ names }) => names.every((name) => hasEnded(instance.lastExecution(name))));
		await until(haveEnded, ENDS_WITHIN_MS, 500);
	});
	for (const { test, emulator, names } of runs) {
		const outcomes = names.map((name): Outcome => {
			const execution = instance.lastExecution(name);
			return { item: execution?.output(USERPILOT)?.[0], error: execution?.error };
		});
		const jobIds = emulator.control.ledger().jobs.map(({ jobId }) => jobId);
		const posts = requestsFor(emulator, 'createExport').length;
		const problem = test.problem(outcomes, jobIds);
		findings.check(
			test.promise,
			problem === undefined,
			problem ?? `${posts} POST, ${jobIds.length} exports`,
		);
		await emulator.close();
	}
}
