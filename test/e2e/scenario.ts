import type { Findings } from './findings.ts';
import type { Instance } from './instance.ts';

export interface Context {
	/** An n8n that runs, with nothing in it but our package. */
	instance: Instance;
	findings: Findings;
	full: boolean;
	seed: number;
}

export type Scenario = (context: Context) => Promise<void>;
