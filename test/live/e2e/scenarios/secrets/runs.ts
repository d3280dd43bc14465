import type { Emulator } from '../../../../../playground/emulator/server.ts';
import type { RecordedExecution } from '../../../harness/database.ts';
import type { Instance } from '../../../harness/n8n.ts';
import { until } from '../../../harness/until.ts';
import { startUserpilot } from '../../../harness/userpilot.ts';
import { exportWorkflow, TRIGGER, USERPILOT, watchWorkflow } from '../../../harness/workflows.ts';
import type { Case } from './cases.ts';

const JOBS_PATH = '/api/v1/analytics/exports/jobs/';
const STARTS_WITHIN_MS = 60_000;

/** A case as a workflow in n8n, with a Userpilot of its own. */
export class CaseRun {
	readonly test: Case;
	readonly emulator: Emulator;
	private readonly instance: Instance;
	private readonly name: string;

	private constructor(instance: Instance, name: string, test: Case, emulator: Emulator) {
		this.instance = instance;
		this.name = name;
		this.test = test;
		this.emulator = emulator;
	}

	static async begin(
		instance: Instance,
		name: string,
		test: Case,
		token: string,
	): Promise<CaseRun> {
		const { emulator, credentialId } = await startUserpilot(instance, name, {
			apiKeys: [token],
			rowsPerDay: 20,
			jobSeconds: 1,
			...test.options,
			faults: test.faults,
		});
		if (test.baseUrl !== undefined) {
			const data = { apiKey: token, baseUrl: test.baseUrl };
			await instance.client.saveCredential(`Userpilot ${name}`, 'userpilotApi', data);
		}
		const [jobId = ''] = emulator.control.seedJobs();
		const run = new CaseRun(instance, name, test, emulator);
		if (test.isTrigger) await run.watch(credentialId);
		else await run.execute(credentialId, jobId);
		return run;
	}

	private async watch(credentialId: string): Promise<void> {
		const parameters = { startFrom: 'existing', ...this.test.parameters('') };
		const workflow = watchWorkflow(this.name, credentialId, parameters);
		// n8n refuses one that fails at its first poll, and keeps its error.
		await this.instance.publish(workflow).catch(() => undefined);
	}

	private async execute(credentialId: string, jobId: string): Promise<void> {
		const { parameters, node, settings, stopAt } = this.test;
		const id = await this.instance.run(
			exportWorkflow(this.name, credentialId, parameters(jobId), { node, settings }),
		);
		if (stopAt === undefined) return;
		const isReached = () => this.requests.some(({ operation }) => operation === stopAt);
		await until(isReached, STARTS_WITHIN_MS, 50);
		await this.instance.client.stopExecution(id);
	}

	get requests() {
		return this.emulator.control.ledger().requests;
	}

	get executions(): RecordedExecution[] {
		return this.instance.read((database) => database.executions(this.name));
	}

	get hasEnded(): boolean {
		const { executions } = this;
		return executions.length > 0 && executions.every(({ stoppedAt }) => !Number.isNaN(stoppedAt));
	}

	/** How it ended, and what is wrong with that. */
	get outcome(): { problem: string | undefined; detail: string } {
		const last = this.executions.at(-1);
		const items = last?.output(this.test.isTrigger ? TRIGGER : USERPILOT)?.length ?? 0;
		const status = last?.status ?? 'no execution';
		return {
			problem: this.test.problem?.(last?.status, last?.error),
			detail: `${status}, ${items} items`,
		};
	}

	async unpublish(): Promise<void> {
		if (this.test.isTrigger)
			await this.instance.client.unpublishWorkflow(this.name).catch(() => undefined);
	}

	/** The signatures of the links of its jobs. */
	async signatures(token: string): Promise<string[]> {
		const { apiUrl, control } = this.emulator;
		control.setFaults([]);
		const headers = { authorization: `Token ${token}` };
		const signatures: string[] = [];
		for (const { jobId } of control.ledger().jobs) {
			const response = await fetch(`${apiUrl}${JOBS_PATH}${jobId}`, { headers });
			const job = (await response.json()) as { presigned_urls?: Array<{ url: string }> };
			for (const { url } of job.presigned_urls ?? []) {
				signatures.push(new URL(url).searchParams.get('X-Amz-Signature') ?? '');
			}
		}
		return signatures;
	}
}
