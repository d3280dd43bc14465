import type { Instance } from '../harness/instance.ts';
import type { Wishes } from '../harness/scenarios.ts';

export interface Context extends Wishes {
	/** An n8n that runs, with nothing in it but our package. */
	instance: Instance;
}

export type Scenario = (context: Context) => Promise<void>;
