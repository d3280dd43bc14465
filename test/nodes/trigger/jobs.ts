import type { ActiveTrigger } from '../../support/engine';

/** A job as the list shows it. */
export const summary = (
	job_id: string,
	status = 'completed',
	end_time = '2024-10-06T10:00:00',
) => ({
	job_id,
	status,
	start_time: '2024-10-06T09:00:00',
	end_time,
	progress: '2 out of 5 partitions',
});

/** The same job with its details. */
export const details = (job_id: string, status = 'completed', files = ['2024-07-29.json.gz']) => ({
	...summary(job_id, status),
	presigned_urls: files.map((filename) => ({
		filename,
		url: `https://files.example.com/${filename}?X-Amz-Signature=${job_id}`,
	})),
});

export type Items = Awaited<ReturnType<ActiveTrigger['poll']>>;

/** The jobs that a poll has fired for. */
export const ids = (items: Items) => items?.map(({ json }) => json.job_id as string) ?? null;
