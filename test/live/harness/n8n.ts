import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { installCommunityPackage } from '../../../playground/community-package.ts';
import { Failure } from '../../../playground/failure.ts';
import { type Host, PLAYGROUND_HOST } from '../../../playground/install.ts';
import { ownerLogin } from '../../../playground/login.ts';
import { type N8n, startN8n } from '../../../playground/n8n.ts';
import { freePort } from '../../../playground/ports.ts';
import type { RunningProcess } from '../../../playground/processes.ts';
import { showStep } from '../../../playground/progress.ts';
import { N8nClient, type StoredWorkflow, type WorkflowFile } from '../../../playground/rest.ts';
import { Database, type RecordedExecution } from './database.ts';
import { START } from './workflows.ts';

const MAX_WEBHOOK_TRIES = 40;
const WEBHOOK_RETRY_MS = 250;
const BUSY_RETRY_MS = 5_000;

export interface InstanceOptions {
	/** More of n8n's variables, such as those of queue mode. */
	env?: NodeJS.ProcessEnv;
	/** Default: the n8n of the playground. */
	host?: Host;
	/** A worker of queue mode, which has no REST API. */
	isWorker?: boolean;
}

/** `fetch` gives up after five minutes. */
const getWithoutTimeout = async (url: string): Promise<{ status: number; text: string }> =>
	await new Promise((resolve, reject) => {
		get(url, { agent: false }, (response) => {
			textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
		}).on('error', reject);
	});

/** One n8n with a folder of its own, which outlives its process. All programs start n8n by this. */
export class Instance {
	readonly userFolder: string;
	private readonly options: InstanceOptions;
	/** Variables that `use` has set. */
	private changed: NodeJS.ProcessEnv = {};
	private n8n: N8n | undefined;
	private port: number | undefined;
	private starts = 0;
	private signedIn: N8nClient | undefined;

	constructor(userFolder: string, options: InstanceOptions = {}) {
		this.userFolder = userFolder;
		this.options = options;
	}

	/** A new n8n with our package. */
	static async launch(userFolder: string, options: InstanceOptions = {}): Promise<Instance> {
		const instance = new Instance(userFolder, options);
		await showStep('Installing our package, starting n8n', async () => {
			await installCommunityPackage(userFolder);
			await instance.start();
		});
		return instance;
	}

	/** Address of the editor, without a slash at the end. */
	get url(): string {
		return this.running.url;
	}

	get process(): RunningProcess {
		return this.running.process;
	}

	private get running(): N8n {
		if (!this.n8n) throw new Error('n8n is not running');
		return this.n8n;
	}

	/** For the requests that the editor makes. */
	get client(): N8nClient {
		if (!this.signedIn) throw new Error('n8n is not running');
		return this.signedIn;
	}

	/** @param env more of n8n's variables, for this start only */
	async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
		const { isWorker, host = PLAYGROUND_HOST } = this.options;
		this.port ??= await freePort();
		this.starts++;
		this.n8n = await startN8n({
			userFolder: this.userFolder,
			port: this.port,
			host,
			command: isWorker ? ['worker'] : undefined,
			logFile: this.logFile(this.starts),
			env: {
				N8N_RUNNERS_BROKER_PORT: String(await freePort()),
				EXECUTIONS_DATA_PRUNE: 'false',
				// When n8n resumes a publication that a kill has interrupted; its default is 2 minutes.
				N8N_WORKFLOW_PUBLICATION_OUTBOX_LEASE_SECONDS: '45',
				...(isWorker && { QUEUE_HEALTH_CHECK_PORT: String(this.port) }),
				...this.options.env,
				...this.changed,
				...env,
			},
		});
		if (isWorker) return;
		const client = new N8nClient(this.n8n.url);
		await client.logIn(ownerLogin(this.userFolder));
		this.signedIn = client;
	}

	/** Restarts n8n with these variables, unless it runs with them; each later start keeps them. */
	async use(env: NodeJS.ProcessEnv): Promise<void> {
		const isSame = JSON.stringify(env) === JSON.stringify(this.changed);
		if (isSame && this.signedIn && this.process.running) return;
		await this.stop();
		this.changed = env;
		await this.start();
	}

	/** What n8n has logged since its last start, or since another one. */
	log(start = this.starts): string {
		return readFileSync(this.logFile(start), 'utf8');
	}

	/** Whether n8n's log names a job that may have no execution, and says what to do. */
	logsLostJob(jobId: string): boolean {
		return Array.from({ length: this.starts }, (_, index) => this.log(index + 1))
			.flatMap((log) => log.split('\n'))
			.some((line) => line.includes(jobId) && line.includes('Job > Download'));
	}

	private logFile(start: number): string {
		return path.join(this.userFolder, 'logs', `n8n-${start}.log`);
	}

	/** As a person or a deployment does it: n8n is asked to end. */
	async stop(): Promise<void> {
		this.signedIn = undefined;
		await this.n8n?.stop();
	}

	/** `kill -9` */
	async kill(): Promise<void> {
		this.signedIn = undefined;
		await this.n8n?.kill();
	}

	/** Reads n8n's database, also while n8n is down. */
	read<T>(reader: (database: Database) => T): T {
		const database = new Database(this.userFolder);
		try {
			return reader(database);
		} finally {
			database.close();
		}
	}

	/** The latest execution of a workflow, as n8n has recorded it. */
	lastExecution(workflowId: string): RecordedExecution | undefined {
		return this.read((database) => database.executions(workflowId)).at(-1);
	}

	/** Saves a workflow and starts it by hand; gives the execution's id. */
	async run(workflow: WorkflowFile): Promise<string> {
		await this.client.createWorkflow(workflow);
		return await this.client.runWorkflow(workflow.id, START);
	}

	/** Saves a workflow and publishes it. */
	async publish(workflow: WorkflowFile): Promise<StoredWorkflow> {
		const stored = await this.client.createWorkflow(workflow);
		await this.republish(stored);
		return stored;
	}

	/** n8n resumes a publication that a kill has interrupted after a while, so one try may not do. */
	async republish(stored: StoredWorkflow): Promise<void> {
		const { client } = this;
		await client.publishWorkflow(stored).catch(async () => await client.publishWorkflow(stored));
	}

	/**
	 * Calls the webhook of a published workflow; gives the body of the response and its time. Retries while
	 * the webhook does not listen yet (404), and while n8n's database is slow, when n8n has started nothing (503).
	 *
	 * @throws Failure with n8n's response
	 */
	async callWebhook(
		path: string,
		onBusy: () => void = () => {},
	): Promise<{ text: string; ms: number }> {
		for (let attempt = 1; ; attempt++) {
			const startedAt = performance.now();
			const { status, text } = await getWithoutTimeout(`${this.url}/webhook/${path}`);
			if (status === 200) return { text, ms: performance.now() - startedAt };
			const isTemporary = [404, 503].includes(status);
			if (!isTemporary || attempt === MAX_WEBHOOK_TRIES) {
				const log = this.log().slice(-2_000);
				throw new Failure(`The webhook ${path} responded ${status}: ${text}\n${log}`);
			}
			if (status === 503) onBusy();
			await sleep(status === 503 ? BUSY_RETRY_MS : WEBHOOK_RETRY_MS);
		}
	}
}
