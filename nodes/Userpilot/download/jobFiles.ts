import { getJob } from '../api/calls';
import type { Connection } from '../api/connection';
import { nodeApiError } from '../api/errors';
import type { Job } from '../api/schemas';
import { matchesName, safeName } from './fileNames';

/** A file of a job. */
export interface JobFile {
	jobId: string;
	filename: string;
	/** A presigned URL: a secret as long as it works. */
	url: string;
	/** Asks the API for a new presigned URL; undefined if the job no longer has the file. */
	renewUrl(): Promise<string | undefined>;
}

type PresignedUrl = NonNullable<Job['presigned_urls']>[number];

/** An HTTP client also takes `data:` and `file:` URLs, which need no network. */
const isLink = (url: string | null | undefined): url is string =>
	typeof url === 'string' && /^https?:/i.test(url) && URL.canParse(url);

const pathOf = ({ url }: PresignedUrl) => (isLink(url) ? new URL(url).pathname : '');

const nameOf = (link: PresignedUrl): string => safeName(link.filename || pathOf(link));

/** Matches a file by its own name, or by the one that the outputs Job and File Links return. */
const matches = (link: PresignedUrl, patterns: string[]) =>
	matchesName(nameOf(link), patterns) || matchesName(link.filename ?? '', patterns);

/** The link to the same file among newer links: by its name, and by its path if several have the name. */
function sameFile(links: PresignedUrl[], link: PresignedUrl): string | undefined {
	const named = links.filter((other) => nameOf(other) === nameOf(link) && pathOf(other) !== '');
	return (named.find((other) => pathOf(other) === pathOf(link)) ?? named[0])?.url ?? undefined;
}

/**
 * The job with only those of its files whose name matches a pattern.
 *
 * @param patterns of file names; undefined for all files
 * @throws {NodeApiError} when the job has files, and none matches
 */
export function withMatchingFiles(connection: Connection, job: Job, patterns?: string[]): Job {
	const links = job.presigned_urls ?? [];
	if (patterns === undefined || links.length === 0) return job;
	const matching = links.filter((link) => matches(link, patterns));
	if (matching.length > 0) return { ...job, presigned_urls: matching };
	throw nodeApiError(connection, {
		message: `No file of job "${job.job_id}" matches 'File Filter' (${patterns.join(', ')})`,
		description: `The job has these files: ${links.map(nameOf).join(', ')}. Change Options > 'File Filter', or remove it.`,
	});
}

/**
 * The files of a completed job, ready to be downloaded.
 *
 * @throws {NodeApiError} when a file has no link
 */
export function filesOf(connection: Connection, job: Job): JobFile[] {
	const jobId = job.job_id;
	return (job.presigned_urls ?? []).map((presignedUrl) => {
		const filename = nameOf(presignedUrl);
		const { url } = presignedUrl;
		if (!isLink(url)) {
			throw nodeApiError(connection, {
				message: `Userpilot sent no link to file "${filename}" of job "${jobId}"`,
				description:
					'Try again in a few minutes. If it keeps happening, contact Userpilot support.',
			});
		}
		return {
			jobId,
			filename,
			url,
			async renewUrl() {
				const { presigned_urls: links } = await getJob(connection, jobId);
				return sameFile(links ?? [], presignedUrl);
			},
		};
	});
}
