import type { IDataObject } from 'n8n-workflow';

import type { Job } from '../api/schemas';

/** One record per file of a job; a job without files gives one with `filename` and `url` null. */
export function fileRecords(job: Job): IDataObject[] {
	const { job_id, status, start_time, end_time, presigned_urls } = job;
	const files = presigned_urls?.length ? presigned_urls : [{ filename: null, url: null }];
	return files.map(({ filename, url }) => ({
		job_id,
		filename: filename ?? null,
		url: url ?? null,
		status: status ?? null,
		start_time: start_time ?? null,
		end_time: end_time ?? null,
	}));
}
