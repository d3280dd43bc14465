import type { Instance } from '../harness/n8n.ts';
import type { Postgres } from '../harness/postgres.ts';
import type { Run } from '../harness/scenarios.ts';
import type { Web } from './web.ts';

/** What all scenarios share. */
export interface Host {
	instance: Instance;
	postgres: Postgres;
	/** Slack and Google, as far as the examples talk to them. */
	web: Web;
	/** For the files of servers of a scenario's own. */
	folder: string;
}

export type Context = Host & Run;
