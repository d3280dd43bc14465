import { getJob } from '../api/calls';
import { throwIfStopped } from '../api/connection';
import type { Connection } from '../api/connection';
import { nodeApiError } from '../api/errors';
import type { Job } from '../api/schemas';
import { FileProblem } from './fileError';
import { fitsName, safeName } from './fileNames';
import { RemoteFile } from './remoteFile';
import type { JobFile } from './remoteFile';

/**
 * Downloads one file, as far as `use` reads it.
 *
 * @throws {NodeApiError} that names the file; {NodeOperationError} when the execution was stopped
 */
export async function download<T>(
	connection: Connection,
	file: JobFile,
	use: (remote: RemoteFile) => Promise<T>,
): Promise<T> {
	const remote = new RemoteFile(connection, file);
	const outcome = await use(remote).then(
		(value) => ({ value }),
		(error: unknown) => ({ error }),
	);
	remote.close();
	if ('value' in outcome) return outcome.value;
	throwIfStopped(connection.context);
	const { error } = outcome;
	if (!(error instanceof FileProblem)) throw error;
	throw nodeApiError(connection, {
		message: `File "${file.filename}" of job "${file.jobId}" ${error.message}`,
		description: error.advice,
	});
}

type PresignedUrl = NonNullable<Job['presigned_urls']>[number];

/** Of the addresses that a client of HTTP takes, some need no network: `data:`, `file:`. */
const isLink = (url: string | null | undefined): url is string =>
	typeof url === 'string' && /^https?:/i.test(url) && URL.canParse(url);

const pathOf = ({ url }: PresignedUrl) => (isLink(url) ? new URL(url).pathname : '');

const nameOf = (link: PresignedUrl): string => safeName(link.filename || pathOf(link));

/** By its own name, or by the one that the outputs Job and File Links give. */
const fits = (link: PresignedUrl, patterns: string[]) =>
	fitsName(nameOf(link), patterns) || fitsName(link.filename ?? '', patterns);

/** The link to the same file among newer links; where names are not unique, the path tells. */
function sameFile(links: PresignedUrl[], link: PresignedUrl): string | undefined {
	const named = links.filter((other) => nameOf(other) === nameOf(link) && pathOf(other) !== '');
	return (named.find((other) => pathOf(other) === pathOf(link)) ?? named[0])?.url ?? undefined;
}

/**
 * The job with only those of its files whose name fits one of the patterns.
 *
 * @param patterns of file names; undefined for all files
 * @throws {NodeApiError} when the job has files, and none fits
 */
export function withFittingFiles(connection: Connection, job: Job, patterns?: string[]): Job {
	const links = job.presigned_urls ?? [];
	if (patterns === undefined || links.length === 0) return job;
	const fitting = links.filter((link) => fits(link, patterns));
	if (fitting.length > 0) return { ...job, presigned_urls: fitting };
	throw nodeApiError(connection, {
		message: `No file of job "${job.job_id}" fits "File Filter" (${patterns.join(', ')})`,
		description: `The job has these files: ${links.map(nameOf).join(', ')}. Correct Options > File Filter, or remove it.`,
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
				message: `Userpilot gives no link to file "${filename}" of job "${jobId}"`,
				description: 'Run this again in a few minutes; if it stays so, ask Userpilot.',
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
