import type { Instance } from '../harness/n8n.ts';
import type { Run } from '../harness/scenarios.ts';

/** What all scenarios share. */
export interface Host {
	/** An n8n that runs, with nothing in it but our package. */
	instance: Instance;
}

export type Context = Host & Run;

export type Scenario = (context: Context) => Promise<void>;
