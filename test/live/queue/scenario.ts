import type { Wishes } from '../e2e/program.ts';
import type { Cluster } from './cluster.ts';

export interface Context extends Wishes {
	/** A main and two workers that run. */
	cluster: Cluster;
}

export const EXPORT_ROWS = {
	resource: 'export',
	operation: 'createAndWait',
	dateRange: 'yesterday',
	output: 'rows',
};

/** Job > Download of the job that the trigger has handed over. */
export const downloadJob = (output: 'files' | 'rows') => ({
	resource: 'job',
	operation: 'download',
	jobId: { __rl: true, mode: 'id', value: '={{ $json.job_id }}' },
	output,
});
