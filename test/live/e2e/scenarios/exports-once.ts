import type { Fault } from '../../../../playground/emulator/faults.ts';
import type { Emulator, EmulatorOptions } from '../../../../playground/emulator/server.ts';
import { showStep } from '../../../../playground/progress.ts';
import { hasEnded, type RecordedExecution } from '../database.ts';
import type { Context } from '../scenario.ts';
import { until } from '../until.ts';
import { userpilotOf } from '../watch.ts';
import { exportWorkflow, START, USERPILOT } from '../workflows.ts';

/** Longer than the node waits for an answer (60 s) and its tries of the list. */
const ENDS_WITHIN_MS = 150_000;
const CREATE = { resource: 'export', operation: 'create', dateRange: 'yesterday' };
const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1_000 };

/** What a workflow ended with. */
interface Outcome {
	/** What the node's item says. */
	item: Record<string, unknown> | undefined;
	error: string | undefined;
}

interface Case {
	promise: string;
	faults: Fault[];
	options?: EmulatorOptions;
	node?: Record<string, unknown>;
	parameters?: Record<string, unknown>;
	/** How many workflows start at the same moment. */
	workflows?: number;
	/** What must have come of it; undefined, or what is wrong. */
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
		promise: 'the answer is lost: one export, and the item names it',
		faults: [{ operation: 'createExport', kind: 'reset-after', times: 1 }],
		problem: ownJob,
	},
	{
		promise: 'a gateway answers in its place: one export',
		faults: [{ operation: 'createExport', kind: 'html', status: 504, times: 1 }],
		problem: ownJob,
	},
	{
		promise: 'the POST times out after it was carried out: one export',
		faults: [{ operation: 'createExport', kind: 'stall-body', bytes: 1, times: 1 }],
		problem: ownJob,
	},
	{
		promise: 'nothing was done before the connection broke: asked again, one export',
		faults: [{ operation: 'createExport', kind: 'reset', times: 1 }],
		problem: ownJob,
	},
	{
		promise:
			'Retry On Fail after a lost answer and an unreadable list: finds the job of the first try',
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
		promise: 'two workflows at the same moment, Fail: one export, the other error names it',
		faults: [],
		options: { jobSeconds: 20 },
		workflows: 2,
		problem: (outcomes, jobIds) => {
			if (jobIds.length !== 1) return `${jobIds.length} exports`;
			const [made, refused] = [...outcomes].sort((a) => (a.item ? -1 : 1));
			if (made?.item?.job_id !== jobIds[0]) return 'nobody has the job';
			return refused?.error?.includes(jobIds[0]!) ? undefined : `error: ${refused?.error}`;
		},
	},
	{
		promise:
			'two workflows at the same moment, Use the Running One: one export, told apart by reused',
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
		promise:
			'two workflows at the same moment, Wait for It: two wishes, two exports, each item its own',
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

/** Export > Start, whose POST must never start two exports for one wish. */
export async function exportsOnce({ instance, findings }: Context): Promise<void> {
	const runs: Array<{ test: Case; emulator: Emulator; names: string[]; ids: string[] }> = [];
	await showStep(`Running ${CASES.length} cases side by side`, async () => {
		for (const [index, test] of CASES.entries()) {
			const userpilot = await userpilotOf(instance, `case-${index}`, {
				jobSeconds: 600,
				...test.options,
				faults: test.faults,
			});
			const names = Array.from(
				{ length: test.workflows ?? 1 },
				(_, copy) => `case-${index}-${copy}`,
			);
			for (const name of names) {
				const parameters = { ...CREATE, ...test.parameters };
				const extra = { node: test.node };
				const workflow = exportWorkflow(name, userpilot.credentialId, parameters, extra);
				await instance.client.createWorkflow(workflow);
			}
			const ids = await Promise.all(
				names.map(async (name) => await instance.client.runWorkflow(name, START)),
			);
			runs.push({ test, emulator: userpilot.emulator, names, ids });
		}
		await until(
			() => runs.every(({ names }) => names.every((name) => hasEnded(read(name)))),
			ENDS_WITHIN_MS,
			500,
		);
	});

	function read(name: string): RecordedExecution | undefined {
		return instance.read((database) => database.executions(name)).at(-1);
	}

	for (const { test, emulator, names } of runs) {
		const outcomes = names.map((name): Outcome => {
			const execution = read(name);
			return { item: execution?.output(USERPILOT)?.[0], error: execution?.error };
		});
		const { jobs, requests } = emulator.control.ledger();
		const posts = requests.filter(({ operation }) => operation === 'createExport').length;
		const problem = test.problem(
			outcomes,
			jobs.map(({ jobId }) => jobId),
		);
		findings.check(
			test.promise,
			problem === undefined,
			problem ?? `${posts} POST, ${jobs.length} exports`,
		);
		await emulator.close();
	}
}
