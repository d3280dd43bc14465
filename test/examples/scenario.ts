import type { Wishes } from '../e2e/program.ts';
import type { Instance } from '../e2e/instance.ts';
import type { Postgres } from '../servers/postgres.ts';

export interface Context extends Wishes {
	instance: Instance;
	postgres: Postgres;
	/** For the files of servers of a scenario's own. */
	folder: string;
}
