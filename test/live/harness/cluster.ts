import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { installCommunityPackage } from '../../../playground/community-package.ts';
import { type N8n, startN8n } from '../../../playground/n8n.ts';
import { freePort, LOOPBACK } from '../../../playground/ports.ts';
import type { N8nClient } from '../../../playground/rest.ts';
import { Instance } from './instance.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { type Redis, startRedis } from './redis.ts';

/** A worker that died is noticed after a fifth of the time that n8n takes by default. */
const QUICK_TO_NOTICE = {
	QUEUE_WORKER_LOCK_DURATION: '12000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '6000',
};

export interface Worker {
	readonly name: string;
	readonly n8n: N8n;
	/** The executions that it has begun, by its log. */
	took(): string[];
	/** And those that it has brought to an end and saved. */
	finished(): string[];
}

/** n8n in queue mode: a main, workers, Redis and PostgreSQL; each n8n has a folder of its own. */
export class Cluster {
	/** Those that run. */
	workers: Worker[] = [];
	readonly main: Instance;
	private readonly folder: string;
	private readonly env: NodeJS.ProcessEnv;
	readonly postgres: Postgres;
	readonly redis: Redis;
	private starts = 0;

	private constructor(folder: string, postgres: Postgres, redis: Redis, env: NodeJS.ProcessEnv) {
		this.folder = folder;
		this.postgres = postgres;
		this.redis = redis;
		this.env = {
			EXECUTIONS_MODE: 'queue',
			N8N_ENCRYPTION_KEY: randomBytes(16).toString('hex'),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: LOOPBACK,
			DB_POSTGRESDB_PORT: String(postgres.port),
			DB_POSTGRESDB_USER: postgres.user,
			DB_POSTGRESDB_DATABASE: postgres.database,
			QUEUE_BULL_REDIS_HOST: LOOPBACK,
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			...QUICK_TO_NOTICE,
			...env,
		};
		this.main = new Instance(path.join(folder, 'main'), this.env);
	}

	/** @param env more of n8n's variables, for all of its processes */
	static async start(folder: string, workers: number, env: NodeJS.ProcessEnv = {}) {
		const [postgres, redis] = await Promise.all([startPostgres(), startRedis(folder)]);
		const cluster = new Cluster(folder, postgres, redis, env);
		await installCommunityPackage(cluster.main.userFolder);
		// The first one makes the tables.
		await cluster.main.start();
		await cluster.addWorkers(workers);
		return cluster;
	}

	get client(): N8nClient {
		return this.main.client;
	}

	/** Starts workers, side by side. */
	async addWorkers(count: number, env: NodeJS.ProcessEnv = {}): Promise<void> {
		const starting = Array.from({ length: count }, async () => await this.startWorker(env));
		this.workers.push(...(await Promise.all(starting)));
	}

	private async startWorker(env: NodeJS.ProcessEnv): Promise<Worker> {
		const name = `worker-${++this.starts}`;
		const userFolder = path.join(this.folder, name);
		// As on a machine of its own, the package is installed for each.
		const nodes = path.join('.n8n', 'nodes');
		cpSync(path.join(this.main.userFolder, nodes), path.join(userFolder, nodes), {
			recursive: true,
		});
		const port = await freePort();
		const logFile = path.join(this.folder, `${name}.log`);
		const n8n = await startN8n({
			command: ['worker'],
			userFolder,
			port,
			logFile,
			env: {
				...this.env,
				...env,
				N8N_RUNNERS_BROKER_PORT: String(await freePort()),
				QUEUE_HEALTH_CHECK_ACTIVE: 'true',
				QUEUE_HEALTH_CHECK_PORT: String(port),
				N8N_WORKER_SERVER_ADDRESS: LOOPBACK,
			},
		});
		const ids = (words: RegExp) =>
			[...readFileSync(logFile, 'utf8').matchAll(words)].map(([, id]) => id!);
		return {
			name,
			n8n,
			took: () => ids(/Worker started execution (\d+)/g),
			finished: () => ids(/Worker finished execution (\d+)/g),
		};
	}

	/** The worker that has begun this execution. */
	workerOf(executionId: string): Worker | undefined {
		return this.workers.find((worker) => worker.took().includes(executionId));
	}

	/** `kill -9` */
	async killWorker(worker: Worker): Promise<void> {
		this.workers = this.workers.filter((other) => other !== worker);
		await worker.n8n.kill();
	}

	/** Asks it to end, as a deployment does. */
	async stopWorker(worker: Worker): Promise<void> {
		this.workers = this.workers.filter((other) => other !== worker);
		await worker.n8n.stop();
	}

	/** Stops the workers, so that others can be started with other variables. */
	async stopWorkers(): Promise<void> {
		await Promise.all(this.workers.map(async (worker) => await this.stopWorker(worker)));
	}

	async stop(): Promise<void> {
		await this.stopWorkers();
		await this.main.stop();
		await this.redis.stop();
		await this.postgres.stop();
	}
}
