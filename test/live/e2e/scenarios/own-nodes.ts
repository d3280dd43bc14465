import { createEmulator, type Emulator } from '../../../../playground/emulator/server.ts';
import type { StoredWorkflow, WorkflowFile } from '../../../../playground/rest.ts';
import type { Findings } from '../../harness/findings.ts';
import type { Instance } from '../../harness/n8n.ts';
import { base, chain, DELIVER, deliver, POLL_EVERY_SECONDS } from '../../harness/workflows.ts';

const NAME = 'own-nodes';
const API_KEY = 'own-nodes-key';

/** The trigger's task with n8n's own nodes. For comparison only. */
export class OwnNodes {
	readonly emulator: Emulator;
	private readonly instance: Instance;
	private readonly stored: StoredWorkflow;
	/** Execution → the jobs that have reached its last node. */
	private readonly delivered = new Map<number, string[]>();

	private constructor(instance: Instance, emulator: Emulator, stored: StoredWorkflow) {
		this.instance = instance;
		this.emulator = emulator;
		this.stored = stored;
	}

	static async create(instance: Instance): Promise<OwnNodes> {
		const emulator = await createEmulator({ apiKeys: [API_KEY] });
		const { id } = await instance.client.saveCredential('Header', 'httpHeaderAuth', {
			name: 'Authorization',
			value: `Token ${API_KEY}`,
		});
		const workflow = ownNodesWorkflow(id, emulator.apiUrl);
		return new OwnNodes(instance, emulator, await instance.client.createWorkflow(workflow));
	}

	async publish(): Promise<void> {
		await this.instance.republish(this.stored);
	}

	async close(): Promise<void> {
		await this.instance.client.unpublishWorkflow(this.stored.id);
		await this.emulator.close();
	}

	addJobs(ends: number[]): void {
		this.emulator.control.seedJobs({ endTimes: ends.map((end) => new Date(end).toISOString()) });
	}

	collect(): void {
		for (const execution of this.instance.read((database) => database.executions(NAME))) {
			const items = execution.output(DELIVER);
			if (items)
				this.delivered.set(
					execution.id,
					items.map(({ job_id }) => String(job_id)),
				);
		}
	}

	report(findings: Findings): void {
		const { jobs } = this.emulator.control.ledger();
		const completed = jobs.filter(({ status }) => status === 'completed');
		const sequence = [...this.delivered].sort(([a], [b]) => a - b).flatMap(([, ids]) => ids);
		const missing = completed.filter(({ jobId }) => !sequence.includes(jobId));
		const twice = new Set(sequence.filter((id, index) => sequence.indexOf(id) < index));
		const ends = sequence.map((id) => jobs.find(({ jobId }) => jobId === id)?.endedAt ?? '');
		const disordered = ends.filter((end, index) =>
			ends.slice(0, index).some((other) => other > end),
		);
		const executions = this.instance.read((database) => database.executions(NAME));
		const failed = executions.filter(({ status }) => status !== 'success').length;
		findings.note(
			`Schedule + HTTP Request + Remove Duplicates, beside one of them: ${completed.length} jobs, ${missing.length} missing, ${twice.size} twice, ${disordered.length} after a younger one; ${executions.length} executions, ${failed} failed or interrupted`,
		);
	}
}

/** Requests the list as often as the trigger, and drops jobs that were seen before. */
const ownNodesWorkflow = (headerCredentialId: string, apiUrl: string): WorkflowFile =>
	chain(NAME, [
		{
			name: 'Schedule',
			type: base('scheduleTrigger'),
			typeVersion: 1.2,
			parameters: {
				rule: { interval: [{ field: 'seconds', secondsInterval: POLL_EVERY_SECONDS }] },
			},
		},
		{
			name: 'List Jobs',
			type: base('httpRequest'),
			typeVersion: 4.2,
			parameters: {
				url: `${apiUrl}/api/v1/analytics/exports/jobs/`,
				authentication: 'genericCredentialType',
				genericAuthType: 'httpHeaderAuth',
				options: {},
			},
			credentials: { httpHeaderAuth: { id: headerCredentialId, name: 'Header' } },
		},
		{
			name: 'Completed',
			type: base('filter'),
			typeVersion: 2.2,
			parameters: {
				conditions: {
					options: { caseSensitive: true, leftValue: '', typeValidation: 'loose', version: 2 },
					combinator: 'and',
					conditions: [
						{
							id: 'status',
							leftValue: '={{ $json.status }}',
							rightValue: 'completed',
							operator: { type: 'string', operation: 'equals' },
						},
					],
				},
				options: {},
			},
		},
		{
			name: 'Not Seen Before',
			type: base('removeDuplicates'),
			typeVersion: 2,
			parameters: {
				operation: 'removeItemsSeenInPreviousExecutions',
				dedupeValue: '={{ $json.job_id }}',
				options: {},
			},
		},
		deliver,
	]);
