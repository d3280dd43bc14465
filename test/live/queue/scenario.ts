import type { Cluster } from '../harness/cluster.ts';
import type { Run } from '../harness/scenarios.ts';
import { downloadOf, getEvents } from '../harness/workflows.ts';

/** What all scenarios share. */
export interface Host {
	/** A main and two workers that run. */
	cluster: Cluster;
}

export type Context = Host & Run;

export const EXPORT_ROWS = getEvents({ output: 'rows' });

/** Job > Download, as rows, of the job that has started the execution. */
export const DOWNLOAD_JOB = downloadOf('={{ $json.job_id }}', 'rows');
