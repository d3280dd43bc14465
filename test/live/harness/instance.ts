import { readFileSync } from 'node:fs';
import path from 'node:path';

import { type Host, PLAYGROUND_HOST } from '../../../playground/install.ts';
import { ownerLogin } from '../../../playground/login.ts';
import { type N8n, startN8n } from '../../../playground/n8n.ts';
import { freePort } from '../../../playground/ports.ts';
import type { RunningProcess } from '../../../playground/processes.ts';
import { N8nClient } from '../../../playground/rest.ts';
import { Database } from './database.ts';

/** One n8n with a folder of its own, which outlives its process. */
export class Instance {
	readonly userFolder: string;
	private readonly env: NodeJS.ProcessEnv;
	/** More of n8n's variables, until others are used. */
	private more: NodeJS.ProcessEnv = {};
	private readonly host: Host;
	private n8n: N8n | undefined;
	private port: number | undefined;
	private starts = 0;
	private signedIn: N8nClient | undefined;

	/** @param env more of n8n's variables, such as those of queue mode */
	constructor(userFolder: string, env: NodeJS.ProcessEnv = {}, host = PLAYGROUND_HOST) {
		this.userFolder = userFolder;
		this.env = env;
		this.host = host;
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

	/** For the calls that the editor makes. */
	get client(): N8nClient {
		if (!this.signedIn) throw new Error('n8n is not running');
		return this.signedIn;
	}

	/** @param env more of n8n's variables, for this start only */
	async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
		this.port ??= await freePort();
		this.starts++;
		this.n8n = await startN8n({
			userFolder: this.userFolder,
			port: this.port,
			host: this.host,
			logFile: this.logFile(this.starts),
			env: {
				N8N_RUNNERS_BROKER_PORT: String(await freePort()),
				EXECUTIONS_DATA_PRUNE: 'false',
				// A publication that a kill has cut short is taken up again after this, by default 2 minutes.
				N8N_WORKFLOW_PUBLICATION_OUTBOX_LEASE_SECONDS: '45',
				...this.env,
				...this.more,
				...env,
			},
		});
		const client = new N8nClient(this.n8n.url);
		await client.logIn(ownerLogin(this.userFolder));
		this.signedIn = client;
	}

	/** Restarts n8n with these of its variables; they hold for each later start too. */
	async use(env: NodeJS.ProcessEnv): Promise<void> {
		await this.stop();
		this.more = env;
		await this.start();
	}

	/** Whether n8n's log says that a job which was handed over may have no execution, and what to do. */
	tellsOfLostJob(jobId: string): boolean {
		const starts = Array.from({ length: this.starts }, (_, index) => index + 1);
		return starts
			.flatMap((start) => this.log(start).split('\n'))
			.some((line) => line.includes(jobId) && line.includes('Job > Download'));
	}

	/** What n8n has logged since its last start, or since another one. */
	log(start = this.starts): string {
		return readFileSync(this.logFile(start), 'utf8');
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
}
