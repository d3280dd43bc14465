import { setTimeout as sleep } from 'node:timers/promises';

import type { Emulator } from '../../../playground/emulator/server.ts';
import type { Execution } from '../../../playground/executions.ts';
import type { N8nClient } from '../../../playground/rest.ts';
import { endOf, ended, PATIENCE_MS } from '../harness/executions.ts';
import { until } from '../harness/until.ts';
import { exportedRows } from '../harness/exported-rows.ts';
import { labelOf } from '../harness/labels.ts';
import { GroupCounts } from '../harness/store/groups.ts';
import { startUserpilot } from '../harness/userpilot.ts';
import { exportWorkflow, START, TRIGGER, USERPILOT, watchWorkflow } from '../harness/workflows.ts';

const NODE = 'n8n-nodes-userpilot.userpilot';
const TRIGGER_NODE = 'n8n-nodes-userpilot.userpilotTrigger';
const CREDENTIAL = 'userpilotApi';
const CREDENTIAL_NAME = 'Userpilot hosts';
const API_KEY = 'hosts-key';

const DAYS = 7;
const ROWS_PER_DAY = 40;
const SEGMENTS = 12;

/** The trigger polls every 5 seconds: a job that fires twice does so soon. */
const FIRES_AGAIN_WITHIN_MS = 20_000;

/** A running n8n, its Userpilot, and the credential for it. */
interface Scene {
	client: N8nClient;
	emulator: Emulator;
	credentialId: string;
}

/** Each gives a short result, and throws when a promise does not hold. */
export const CHECKS = {
	load: checkLoad,
	export: checkExport,
	trigger: checkTrigger,
	lookup: checkLookup,
	summary: checkSummary,
	events: checkEvents,
} satisfies Record<string, (scene: Scene) => Promise<string>>;

export type CheckName = keyof typeof CHECKS;

/** Runs all of them in one n8n; gives the result of each. */
export async function runChecks(client: N8nClient): Promise<Map<CheckName, CheckResult>> {
	const { emulator, credentialId } = await startUserpilot({ client }, 'hosts', {
		apiKeys: [API_KEY],
		rowsPerDay: ROWS_PER_DAY,
		counts: { segments: SEGMENTS },
	});
	try {
		const results = new Map<CheckName, CheckResult>();
		for (const name of Object.keys(CHECKS) as CheckName[]) {
			results.set(name, await outcome(CHECKS[name]({ client, emulator, credentialId })));
		}
		return results;
	} finally {
		await emulator.close();
	}
}

export interface CheckResult {
	passed: boolean;
	detail: string;
}

async function outcome(check: Promise<string>): Promise<CheckResult> {
	try {
		return { passed: true, detail: await check };
	} catch (error) {
		return { passed: false, detail: (error as Error).message };
	}
}

const accessTo = ({ apiUrl }: Emulator) => ({ apiKey: API_KEY, baseUrl: apiUrl });

function demand(holds: boolean, otherwise: string): void {
	if (!holds) throw new Error(otherwise);
}

/** The editor knows both nodes and the credential, and the credential's test passes. */
async function checkLoad({ client, emulator, credentialId }: Scene): Promise<string> {
	const nodes = await client.listTypes('nodes');
	for (const name of [NODE, TRIGGER_NODE]) demand(nodes.includes(name), `n8n has no node ${name}`);
	const credentials = await client.listTypes('credentials');
	demand(credentials.includes(CREDENTIAL), `n8n has no credential ${CREDENTIAL}`);
	const stored = { id: credentialId, name: CREDENTIAL_NAME, type: CREDENTIAL };
	const { status, message } = await client.testCredential(stored, accessTo(emulator));
	demand(status === 'OK', `the credential's test: ${message}`);
	return '2 nodes, credential tested';
}

/** By hand: an export, its rows, and then its files as binary data. */
async function checkExport(scene: Scene): Promise<string> {
	const parameters = { resource: 'export', operation: 'createAndWait', dateRange: 'last7Days' };
	const rows = (await run(scene, 'rows', { ...parameters, output: 'rows' })).output(USERPILOT);
	demand(rows.length === DAYS * ROWS_PER_DAY, `${rows.length} rows`);
	demand(
		rows.every((row) => !('job_id' in row || 'reused' in row)),
		'the rows hold more than the files',
	);
	const files = (await run(scene, 'files', { ...parameters, output: 'files' })).output(USERPILOT);
	demand(
		files.length > 0 &&
			files.every(
				({ bytes, job_id, reused }) =>
					Number(bytes) > 0 && job_id === files[0]!.job_id && reused === false,
			),
		`files: ${JSON.stringify(files)}`,
	);
	return `${rows.length} rows, ${files.length} ${files.length === 1 ? 'file' : 'files'}`;
}

/** Published: a job that finishes makes one execution, and one only. */
async function checkTrigger({ client, emulator, credentialId }: Scene): Promise<string> {
	const workflow = await client.createWorkflow(watchWorkflow('watch', credentialId, {}));
	await client.publishWorkflow(workflow);
	const [jobId] = emulator.control.seedJobs({
		endTimes: [new Date(emulator.control.now()).toISOString()],
	});
	const hasFired = async () => (await ended(client, workflow.id)).length > 0;
	demand(await until(hasFired, PATIENCE_MS, 500), 'no execution');
	await sleep(FIRES_AGAIN_WITHIN_MS);
	const all = await client.listExecutions(workflow.id);
	await client.unpublishWorkflow(workflow.id);
	demand(all.length === 1, `${all.length} executions`);
	const execution = await client.getExecution(all[0]!.id);
	demand(execution.status === 'success', execution.error ?? execution.status);
	const jobs = execution.output(TRIGGER).map(({ job_id }) => job_id);
	demand(jobs.length === 1 && jobs[0] === jobId, `it fired for ${jobs.join()}`);
	return '1 job, 1 execution';
}

/** By hand: the segments; and the list of them in the export's field. */
async function checkLookup(scene: Scene): Promise<string> {
	const parameters = { resource: 'lookup', operation: 'getSegments', returnAll: true };
	const records = (await run(scene, 'lookup', parameters)).output(USERPILOT);
	demand(records.length === SEGMENTS, `${records.length} segments`);
	const entries = await scene.client.searchList({
		methodName: 'searchSegments',
		path: 'parameters.filters.segmentId',
		nodeTypeAndVersion: { name: NODE, version: 1 },
		currentNodeParameters: { resource: 'export', operation: 'create' },
		credentials: { [CREDENTIAL]: { id: scene.credentialId, name: CREDENTIAL_NAME } },
	});
	demand(entries.length === SEGMENTS, `${entries.length} segments in the list`);
	return `${records.length} segments, ${entries.length} in the list`;
}

const GROUP_BY = ['event_label', 'company_id'] as const;

/** By hand: groups by an expression in a field with a list of choices, and values in a fixed collection. */
async function checkSummary(scene: Scene): Promise<string> {
	const groups = (
		await run(scene, 'summary', {
			resource: 'export',
			operation: 'createAndWait',
			output: 'summary',
			groupBy: `={{ ${JSON.stringify(GROUP_BY)} }}`,
			summarize: {
				values: [{ aggregation: 'count' }, { aggregation: 'countUnique', field: 'user_id' }],
			},
		})
	).output(USERPILOT);
	const expected = new GroupCounts();
	for (const row of await lastRows(scene)) expected.add(row);
	const texts = groups.map((group) => {
		const key = JSON.stringify(GROUP_BY.map((column) => group[column]));
		return `${key} ${String(group.count)} ${String(group.unique_count_user_id)}`;
	});
	demand(
		JSON.stringify(texts.sort()) === JSON.stringify(expected.by(GROUP_BY, 1)),
		`${groups.length} groups: ${texts.join(', ')}`,
	);
	const presets = { resource: 'export', operation: 'createAndWait', output: 'summary' };
	const byPresets = (await run(scene, 'presets', presets)).output(USERPILOT);
	const columns = Object.keys(byPresets[0] ?? {}).join();
	demand(columns === 'event_type,event_label,count', `a summary without choices has ${columns}`);
	return `${groups.length} groups`;
}

const FIELDS = ['event_label', 'user_id', 'metadata.plan', 'job_id'];

/** By hand: rows of some events, named by an expression, with some columns; the list of events; all names. */
async function checkEvents(scene: Scene): Promise<string> {
	const rows = (
		await run(scene, 'events', {
			resource: 'export',
			operation: 'createAndWait',
			filters: { eventNames: '={{ ["Search Used", "checklist:2"] }}' },
			options: { outputFields: FIELDS.join(', ') },
		})
	).output(USERPILOT);
	const wanted = (await lastRows(scene)).filter(({ event_type: type, event_name: name }) =>
		type === 'interaction'
			? String(name).startsWith('checklist:2:')
			: labelOf(type, name as string | null) === 'Search Used',
	);
	demand(
		rows.length > 0 && rows.length === wanted.length,
		`${rows.length} rows of the events instead of ${wanted.length}`,
	);
	const columns = Object.keys(rows[0]!).join();
	demand(columns === 'event_label,user_id,metadata_plan,job_id', `the rows have ${columns}`);
	const events = await scene.client.loadOptions({
		methodName: 'getEventNames',
		path: 'parameters.filters.eventNames',
		nodeTypeAndVersion: { name: NODE, version: 1 },
		currentNodeParameters: { resource: 'export', operation: 'createAndWait' },
		credentials: { [CREDENTIAL]: { id: scene.credentialId, name: CREDENTIAL_NAME } },
	});
	demand(events.length > 0, 'the list of events is empty');
	const names = { resource: 'lookup', operation: 'getNames' };
	const records = (await run(scene, 'names', names)).output(USERPILOT);
	demand(records.length > events.length, `${records.length} names`);
	return `${rows.length} rows, ${events.length} events in the list, ${records.length} names`;
}

/** What the files of the last export hold. */
const lastRows = async ({ emulator }: Scene) => await exportedRows(emulator, API_KEY);

/** Runs a workflow by hand whose one node is ours. */
async function run(
	{ client, credentialId }: Scene,
	name: string,
	parameters: Record<string, unknown>,
): Promise<Execution> {
	// n8n 1 gives a workflow an id of its own.
	const workflow = await client.createWorkflow(exportWorkflow(name, credentialId, parameters));
	const id = await client.runWorkflow(workflow.id, START);
	const execution = await endOf(client, workflow.id, id);
	demand(execution.status === 'success', execution.error ?? `it is ${execution.status}`);
	return execution;
}
