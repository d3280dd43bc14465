import { checkRequest, checkResponse } from './contract.ts';

export interface ApiResponse<Body> {
	status: number;
	headers: Headers;
	body: Body;
}

export interface RequestOptions {
	method?: 'GET' | 'POST';
	/** Sent as JSON. */
	body?: unknown;
	/** Default: the client's own key. Null: no Authorization header. */
	key?: string | null;
	/** Skips the check of a request that is invalid on purpose. */
	wrong?: boolean;
}

export interface PresignedFile {
	filename: string;
	url: string;
}

const ROOT = '/api/v1/analytics/exports';

/**
 * A client of the API that checks requests and responses against the contract. `call` takes the part of
 * the path after `/api/v1/analytics/exports` and returns the parsed response. Throws an Error that lists
 * what is wrong with the request or the response.
 */
export function createCheckedClient(apiUrl: string, ownKey: string) {
	async function call<Body = unknown>(
		path: string,
		options: RequestOptions = {},
	): Promise<ApiResponse<Body>> {
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
		const found = wrong ? [] : [...problems];
		if (operationId) found.push(...checkResponse(operationId, response.status, parsed));
		if (found.length > 0) throw new Error(`${method} ${path}: ${found.join('; ')}`);
		return { status: response.status, headers: response.headers, body: parsed };
	}

	/** Starts an export, by default from Monday to Sunday. Returns the links of its job, which must finish at once. */
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

/** The bytes of the file at a link. Throws an Error if the file store rejects the request. */
export async function bytesOf(url: string, headers: Record<string, string> = {}): Promise<Buffer> {
	const response = await fetch(url, { headers });
	if (!response.ok) throw new Error(`The file store responded with ${response.status}`);
	return Buffer.from(await response.arrayBuffer());
}
