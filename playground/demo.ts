import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { FileLink } from './downloads.ts';
import { type Execution, type ExecutionSummary, hasEnded, type JsonObject } from './executions.ts';
import { Failure } from './failure.ts';
import { DATA, PLAYGROUND } from './paths.ts';
import type { Step } from './progress.ts';
import { type N8nClient, N8nError, type StoredWorkflow, type WorkflowFile } from './rest.ts';
import { fetchJob, newestJob, type Userpilot } from './userpilot.ts';

const CREDENTIAL_NAME = 'Userpilot Playground';
const CREDENTIAL_TYPE = 'userpilotApi';
const POLL_INTERVAL_MS = 500;
const JOB_POLL_INTERVAL_MS = 5_000;

/** Node names in the files of `workflows/`. */
const NODES = {
	schedule: 'Every Day at 6:00',
	export: 'Export Rows',
	trigger: 'Export Completed',
	table: 'Note the File',
};

export const DATA_TABLE = 'Userpilot export files';

export interface Demo {
	exportWorkflow: StoredWorkflow;
	filesWorkflow: StoredWorkflow;
}

/** Creates what the demo needs in n8n: a data table, a credential and two published workflows. */
export async function prepareDemo(client: N8nClient, userpilot: Userpilot): Promise<Demo> {
	await client.ensureDataTable(DATA_TABLE, [
		{ name: 'filename', type: 'string' },
		{ name: 'job_id', type: 'string' },
		{ name: 'finished_at', type: 'date' },
		{ name: 'link', type: 'string' },
	]);
	const { id } = await client.saveCredential(CREDENTIAL_NAME, CREDENTIAL_TYPE, {
		apiKey: userpilot.apiKey,
		baseUrl: userpilot.baseUrl,
	});
	// The trigger first, so that it sees every export that finishes from then on.
	const filesWorkflow = await publish(client, readWorkflow('files.json', id));
	const exportWorkflow = await publish(client, readWorkflow('export.json', id));
	return { exportWorkflow, filesWorkflow };
}

function readWorkflow(file: string, credentialId: string): WorkflowFile {
	const text = readFileSync(path.join(PLAYGROUND, 'workflows', file), 'utf8');
	const workflow = JSON.parse(text) as WorkflowFile & {
		nodes: Array<{ credentials?: Record<string, { id: string }> }>;
	};
	for (const node of workflow.nodes) {
		const credential = node.credentials?.[CREDENTIAL_TYPE];
		if (credential !== undefined) credential.id = credentialId;
	}
	return workflow;
}

/** Publishes a workflow. One that was edited in n8n stays as it is until its file here changes. */
async function publish(client: N8nClient, workflow: WorkflowFile): Promise<StoredWorkflow> {
	const stampFile = path.join(DATA, `${workflow.id}.stamp`);
	const stamp = createHash('sha256').update(JSON.stringify(workflow)).digest('hex');
	let stored = await client.findWorkflow(workflow.id);
	if (stored === undefined) {
		stored = await client.createWorkflow(workflow);
	} else {
		if (stored.isArchived === true) stored = await client.unarchiveWorkflow(workflow.id);
		const isCurrent = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
		if (!isCurrent) stored = await client.updateWorkflow(workflow);
	}
	writeFileSync(stampFile, stamp);
	try {
		await client.publishWorkflow(stored);
		return stored;
	} catch (error) {
		// n8n polls a trigger once when it is published, so a wrong key fails here.
		if (!(error instanceof N8nError)) throw error;
		throw new Failure(`n8n could not publish "${workflow.name}". ${error.reason}`);
	}
}

/** The rows that the export workflow returned, and the job they come from. */
export interface ExportedRows {
	jobId: string;
	rows: JsonObject[];
}

/**
 * Runs the export workflow in n8n, whose one node waits for the export and returns its rows.
 *
 * @throws Failure with the node's error message when it failed
 */
export async function runExport(
	client: N8nClient,
	demo: Demo,
	userpilot: Userpilot,
): Promise<ExportedRows> {
	const executionId = await client.runWorkflow(demo.exportWorkflow.id, NODES.schedule);
	const deadline = Date.now() + userpilot.exportTimeoutMs;
	while (Date.now() < deadline) {
		const execution = await client.getExecution(executionId);
		if (hasEnded(execution)) return await rowsOf(execution, userpilot);
		await sleep(POLL_INTERVAL_MS);
	}
	throw new Failure('The export workflow did not finish in time. Check it in the editor.');
}

async function rowsOf(execution: Execution, userpilot: Userpilot): Promise<ExportedRows> {
	if (execution.status !== 'success') {
		throw new Failure(`The export workflow failed: ${execution.error ?? execution.status}`);
	}
	const rows = execution.output(NODES.export);
	if (rows.length === 0) throw new Failure('The export workflow returned no rows.');
	const jobId = await newestJob(userpilot);
	if (jobId === undefined) throw new Failure('The list of jobs does not have the new export.');
	return { jobId, rows };
}

/**
 * Waits until the trigger has run the second workflow for this job.
 *
 * @returns the file links that the trigger returned
 * @throws Failure when the job or the execution fails, or on timeout
 */
export async function waitForFiles(
	client: N8nClient,
	demo: Demo,
	userpilot: Userpilot,
	jobId: string,
	step: Step,
): Promise<FileLink[]> {
	const deadline = Date.now() + userpilot.exportTimeoutMs;
	const seen = new Set<string>();
	let nextJobPoll = 0;
	while (Date.now() < deadline) {
		for (const summary of await client.listExecutions(demo.filesWorkflow.id)) {
			if (!isNewTriggerExecution(summary, seen)) continue;
			const execution = await client.getExecution(summary.id);
			seen.add(summary.id);
			const links = linksOfJob(execution, jobId);
			if (links !== undefined) return links;
		}
		if (Date.now() >= nextJobPoll) {
			step.detail(await describeJob(userpilot, jobId));
			nextJobPoll = Date.now() + JOB_POLL_INTERVAL_MS;
		}
		await sleep(POLL_INTERVAL_MS);
	}
	throw new Failure(
		`The second workflow did not run for export ${jobId} in time. Check its executions in the editor.`,
	);
}

function isNewTriggerExecution(summary: ExecutionSummary, seen: Set<string>): boolean {
	return summary.mode === 'trigger' && hasEnded(summary) && !seen.has(summary.id);
}

function linksOfJob(execution: Execution, jobId: string): FileLink[] | undefined {
	const items = execution.output(NODES.trigger).filter((item) => item.job_id === jobId);
	if (items.length === 0) return undefined;
	if (execution.status !== 'success') {
		throw new Failure(`The second workflow failed: ${execution.error ?? execution.status}`);
	}
	const links = items.flatMap(({ filename, url }) =>
		typeof filename === 'string' && typeof url === 'string' ? [{ filename, url }] : [],
	);
	if (links.length > 0) return links;
	throw new Failure(`The export ${jobId} finished without a file, so it has no events.`);
}

/** What the demo is waiting for. Fails for a failed job, which a trigger on completed jobs never sees. */
async function describeJob(userpilot: Userpilot, jobId: string): Promise<string> {
	const job = await fetchJob(userpilot, jobId);
	if (job?.status === 'failed') {
		throw new Failure(`Export ${jobId} failed at Userpilot.`);
	}
	if (job?.status === 'completed') return 'the export is ready, n8n polls every 10 s';
	return job?.progress === undefined
		? 'the export is running'
		: `the export is running (${job.progress})`;
}
