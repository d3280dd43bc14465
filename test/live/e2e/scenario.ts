import type { Instance } from '../harness/n8n.ts';
import type { Run } from '../harness/scenarios.ts';

export interface Context extends Run {
	/** An n8n that runs, with nothing in it but our package. */
	instance: Instance;
}

export type Scenario = (context: Context) => Promise<void>;
