import type { Instance } from './instance.ts';
import type { Wishes } from './program.ts';

export interface Context extends Wishes {
	/** An n8n that runs, with nothing in it but our package. */
	instance: Instance;
}

export type Scenario = (context: Context) => Promise<void>;
