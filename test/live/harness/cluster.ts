import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import path from 'node:path';

import { LOOPBACK } from '../../../playground/ports.ts';
import type { N8nClient } from '../../../playground/rest.ts';
import { Instance } from './n8n.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { type Redis, startRedis } from './redis.ts';

/** n8n notices a dead worker in less than a fifth of its default time. */
const PROMPT_TO_NOTICE = {
	QUEUE_WORKER_LOCK_DURATION: '8000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '1500',
	QUEUE_WORKER_STALLED_INTERVAL: '4000',
};

/** A worker of queue mode. */
export class Worker extends Instance {
	get name(): string {
		return path.basename(this.userFolder);
	}

	/** Ids of the executions that it has started, by its log. */
	started(): string[] {
		return this.idsIn(/Worker started execution (\d+)/g);
	}

	/** Ids of those that it has finished and saved. */
	finished(): string[] {
		return this.idsIn(/Worker finished execution (\d+)/g);
	}

	private idsIn(pattern: RegExp): string[] {
		return [...this.log().matchAll(pattern)].map(([, id]) => id!);
	}
}

/** n8n in queue mode: a main, workers, Redis and PostgreSQL; each n8n has a folder of its own. */
export class Cluster {
	/** Those that run. */
	workers: Worker[] = [];
	readonly main: Instance;
	readonly postgres: Postgres;
	readonly redis: Redis;
	private readonly folder: string;
	private readonly env: NodeJS.ProcessEnv;
	private workersStarted = 0;

	private constructor(
		folder: string,
		postgres: Postgres,
		redis: Redis,
		env: NodeJS.ProcessEnv,
		main: Instance,
	) {
		this.folder = folder;
		this.postgres = postgres;
		this.redis = redis;
		this.env = env;
		this.main = main;
	}

	/** @param more more of n8n's variables, for all of its processes */
	static async start(folder: string, workers: number, more: NodeJS.ProcessEnv = {}) {
		const [postgres, redis] = await Promise.all([startPostgres(), startRedis(folder)]);
		const env = {
			EXECUTIONS_MODE: 'queue',
			N8N_ENCRYPTION_KEY: randomBytes(16).toString('hex'),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: LOOPBACK,
			DB_POSTGRESDB_PORT: String(postgres.port),
			DB_POSTGRESDB_USER: postgres.user,
			DB_POSTGRESDB_DATABASE: postgres.database,
			QUEUE_BULL_REDIS_HOST: LOOPBACK,
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			...PROMPT_TO_NOTICE,
			...more,
		};
		// The first one makes the tables.
		const main = await Instance.launch(path.join(folder, 'main'), { env });
		const cluster = new Cluster(folder, postgres, redis, env, main);
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
		const userFolder = path.join(this.folder, `worker-${++this.workersStarted}`);
		// As on a machine of its own, the package is installed for each.
		const nodes = path.join('.n8n', 'nodes');
		cpSync(path.join(this.main.userFolder, nodes), path.join(userFolder, nodes), {
			recursive: true,
		});
		const health = { QUEUE_HEALTH_CHECK_ACTIVE: 'true', N8N_WORKER_SERVER_ADDRESS: LOOPBACK };
		const worker = new Worker(userFolder, {
			isWorker: true,
			env: { ...this.env, ...health, ...env },
		});
		await worker.start();
		return worker;
	}

	/** The worker that has started this execution. */
	workerOf(executionId: string): Worker | undefined {
		return this.workers.find((worker) => worker.started().includes(executionId));
	}

	/** @param way `stop` asks it to end, as a deployment does; `kill` is `kill -9` */
	async removeWorker(worker: Worker, way: 'stop' | 'kill'): Promise<void> {
		this.workers = this.workers.filter((other) => other !== worker);
		await worker[way]();
	}

	/** Stops all workers, so that others can be started with other variables. */
	async stopWorkers(): Promise<void> {
		await Promise.all(this.workers.map(async (worker) => await this.removeWorker(worker, 'stop')));
	}

	async stop(): Promise<void> {
		await this.stopWorkers();
		await this.main.stop();
		await this.redis.stop();
		await this.postgres.stop();
	}
}
