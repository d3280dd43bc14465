import { createHash, createHmac } from 'node:crypto';
import { weeksBetween } from './calendar.ts';
import type { Job } from './jobs.ts';

/** A file of a job: up to a week, named after its Monday. */
export interface JobFile {
	job: Job;
	name: string;
	/** The days in it, YYYY-MM-DD. */
	days: string[];
}

const BUCKET = 'csvexports';
const HOUR_MS = 3_600_000;

/** The files of a job, oldest first. */
export function jobFiles(job: Job): JobFile[] {
	const { from, to, format } = job.request;
	return [...weeksBetween(from, to)].map(([monday, days]) => ({
		job,
		name: `${monday}.${format}.gz`,
		days,
	}));
}

/** Strong entity tag: equal for equal bytes. It is known without generating the file. */
export function etagOf(file: JobFile): string {
	const { settings, request, key } = file.job;
	const { seed, rowsPerDay, memberPerDay, jsonArray, csvBom, csvMetadata } = settings;
	const { eventIds, oddRows } = settings;
	const shape = [memberPerDay, jsonArray, csvBom, csvMetadata, eventIds, oddRows];
	const inputs = [key, request, file.days, seed, rowsPerDay, shape];
	return `"${createHash('md5').update(JSON.stringify(inputs)).digest('hex')}"`;
}

const pathOf = (file: JobFile): string => `/${BUCKET}/${file.job.id}/${file.name}`;

/** X-Amz-Date: YYYYMMDDTHHMMSSZ. */
const amzDate = (ms: number): string =>
	`${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

const msOfAmzDate = (text: string): number =>
	Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

export type LinkVerdict = 'valid' | 'unsigned' | 'wrong-signature' | 'expired';

/** Signs links and checks them. The query parameters are named as in S3; the signature is computed differently. */
export class FileStore {
	private readonly origin: () => string;
	private readonly secret: string;

	/** `origin` returns the base URL of all links, which is known only once the file server listens. */
	constructor(origin: () => string, secret: string) {
		this.origin = origin;
		this.secret = secret;
	}

	private sign(path: string, query: URLSearchParams): string {
		const signed = new URLSearchParams(query);
		signed.delete('X-Amz-Signature');
		signed.sort();
		return createHmac('sha256', this.secret).update(`${path}?${signed}`).digest('hex');
	}

	/** A link that works for `linkTtlHours` from the end of the job, the same every time. */
	presign(file: JobFile): { filename: string; url: string } {
		const { endMs, settings } = file.job;
		const date = amzDate(endMs);
		const path = pathOf(file);
		const query = new URLSearchParams({
			'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
			'X-Amz-Credential': `EMULATOR/${date.slice(0, 8)}/us-east-1/s3/aws4_request`,
			'X-Amz-Date': date,
			'X-Amz-Expires': String(Math.round((settings.linkTtlHours * HOUR_MS) / 1000)),
			'X-Amz-SignedHeaders': 'host',
		});
		query.set('X-Amz-Signature', this.sign(path, query));
		return { filename: file.name, url: `${this.origin()}${path}?${query}` };
	}

	check(url: URL, nowMs: number): LinkVerdict {
		const query = url.searchParams;
		if (!query.has('X-Amz-Signature')) return 'unsigned';
		if (query.get('X-Amz-Signature') !== this.sign(url.pathname, query)) return 'wrong-signature';
		const startMs = msOfAmzDate(query.get('X-Amz-Date') ?? '');
		const lifeMs = Number(query.get('X-Amz-Expires')) * 1000;
		return nowMs >= startMs + lifeMs ? 'expired' : 'valid';
	}
}

/** The job id and file name in a path of the file store. */
export function splitPath(path: string): { jobId: string; name: string } | undefined {
	const [bucket, jobId, name, ...rest] = path.slice(1).split('/');
	if (bucket !== BUCKET || !jobId || !name || rest.length > 0) return undefined;
	return { jobId, name };
}
