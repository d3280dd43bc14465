import type { Wishes } from '../harness/scenarios.ts';
import type { Instance } from '../harness/instance.ts';
import type { Postgres } from '../harness/postgres.ts';
import type { Web } from './web.ts';

export interface Context extends Wishes {
	instance: Instance;
	postgres: Postgres;
	/** Slack and Google, as far as the examples talk to them. */
	web: Web;
	/** For the files of servers of a scenario's own. */
	folder: string;
}
