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
import { askForJob, newestJob, type Userpilot } from './userpilot.ts';

const CREDENTIAL_NAME = 'Userpilot Playground';
const CREDENTIAL_TYPE = 'userpilotApi';
const LOOK_EVERY_MS = 500;
const ASK_FOR_JOB_EVERY_MS = 5_000;

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

/** Brings n8n to the state that the demonstration needs: data table, credential, two published workflows. */
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
	// The trigger first: from its publication on it sees every export that finishes.
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

/** Leaves a workflow that somebody has edited in n8n as it is, until the file here changes. */
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
		// The trigger's first poll is part of being published: a wrong key shows here.
		if (!(error instanceof N8nError)) throw error;
		throw new Failure(`n8n cannot publish "${workflow.name}". ${error.reason}`);
	}
}

/** What the export workflow gave: the rows of one job. */
export interface ExportedRows {
	jobId: string;
	rows: JsonObject[];
}

/**
 * Runs the export workflow in n8n, whose one node waits for the export and gives its rows.
 *
 * @throws Failure with the node's own words when it failed
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
		await sleep(LOOK_EVERY_MS);
	}
	throw new Failure('The export workflow did not end in time. Look at it in the editor.');
}

async function rowsOf(execution: Execution, userpilot: Userpilot): Promise<ExportedRows> {
	if (execution.status !== 'success') {
		throw new Failure(`The export workflow failed: ${execution.error ?? execution.status}`);
	}
	const rows = execution.output(NODES.export);
	if (rows.length === 0)
		throw new Failure('The export workflow ran, but its node returned no rows.');
	const jobId = await newestJob(userpilot);
	if (jobId === undefined)
		throw new Failure('Userpilot does not list the export that has just run.');
	return { jobId, rows };
}

/**
 * Waits until n8n itself has run the second workflow for this job, and gives the links that this
 * execution carries.
 *
 * @throws Failure when the job or the execution fails, or the time is over
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
	let nextQuestion = 0;
	while (Date.now() < deadline) {
		for (const summary of await client.listExecutions(demo.filesWorkflow.id)) {
			if (!isNewTriggerExecution(summary, seen)) continue;
			const execution = await client.getExecution(summary.id);
			seen.add(summary.id);
			const links = linksOfJob(execution, jobId);
			if (links !== undefined) return links;
		}
		if (Date.now() >= nextQuestion) {
			step.detail(await describeJob(userpilot, jobId));
			nextQuestion = Date.now() + ASK_FOR_JOB_EVERY_MS;
		}
		await sleep(LOOK_EVERY_MS);
	}
	throw new Failure(
		`The export ${jobId} did not reach the second workflow in time. Look at its executions in the editor.`,
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
	throw new Failure(`The export ${jobId} has finished without a file: nothing was recorded.`);
}

/** What is being waited for, in words. A failed job would never reach a trigger for finished ones. */
async function describeJob(userpilot: Userpilot, jobId: string): Promise<string> {
	const job = await askForJob(userpilot, jobId);
	if (job?.status === 'failed') {
		throw new Failure(`Userpilot reports that the export ${jobId} has failed.`);
	}
	if (job?.status === 'completed') return 'the export is ready, n8n looks every 10 s';
	return job?.progress === undefined ? 'the export runs' : `the export runs (${job.progress})`;
}
