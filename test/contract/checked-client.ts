import { checkRequest, checkResponse } from './contract.ts';

export interface Answer<Body> {
	status: number;
	headers: Headers;
	body: Body;
}

export interface Call {
	method?: 'GET' | 'POST';
	/** Sent as JSON. */
	body?: unknown;
	/** The client's own key when absent; no header at all when null. */
	key?: string | null;
	/** Leaves the request unchecked, for those that are wrong on purpose. */
	wrong?: boolean;
}

export interface PresignedFile {
	filename: string;
	url: string;
}

const ROOT = '/api/v1/analytics/exports';

/**
 * A client of the API that holds both sides to the contract. `call` takes what follows
 * `/api/v1/analytics/exports` and gives the parsed answer. Throws an Error that lists what
 * a request or an answer has wrong.
 */
export function createCheckedClient(apiUrl: string, ownKey: string) {
	async function call<Body = unknown>(path: string, options: Call = {}): Promise<Answer<Body>> {
		const { method = 'GET', body, key = ownKey, wrong = false } = options;
		const url = `${apiUrl}${ROOT}${path}`;
		const headers: Record<string, string> = {
			...(key === null ? {} : { authorization: `Token ${key}` }),
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
		};
		const text = body === undefined ? undefined : JSON.stringify(body);
		const { operationId, problems } = checkRequest({ method, url, headers, body: text });
		const response = await fetch(url, { method, headers, body: text });
		const parsed = (await response.json()) as Body;
		const wrongs = wrong ? [] : [...problems];
		if (operationId) wrongs.push(...checkResponse(operationId, response.status, parsed));
		if (wrongs.length > 0) throw new Error(`${method} ${path}: ${wrongs.join('; ')}`);
		return { status: response.status, headers: response.headers, body: parsed };
	}

	/** Starts an export, Monday to Sunday unless told, and gives the links of its job, which has to end at once. */
	async function exportFiles(body: Record<string, unknown> = {}): Promise<PresignedFile[]> {
		const request = { from: '2024-07-29', to: '2024-08-04', ...body };
		const created = await call<{ job_id: string }>('', { method: 'POST', body: request });
		const job = await call<{ presigned_urls: PresignedFile[] }>(`/jobs/${created.body.job_id}`);
		return job.body.presigned_urls;
	}

	/** The first file of such an export. */
	async function exportFile(body?: Record<string, unknown>): Promise<PresignedFile> {
		const [file] = await exportFiles(body);
		if (!file) throw new Error('The job has no file');
		return file;
	}

	return { call, exportFiles, exportFile };
}

export type CheckedClient = ReturnType<typeof createCheckedClient>;

/** The body of a file that a link leads to. Throws an Error when the file store refuses it. */
export async function bytesOf(url: string, headers: Record<string, string> = {}): Promise<Buffer> {
	const response = await fetch(url, { headers });
	if (!response.ok) throw new Error(`The file store answered with ${response.status}`);
	return Buffer.from(await response.arrayBuffer());
}
