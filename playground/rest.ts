import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Execution, type ExecutionSummary, readExecution } from './executions.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const MAX_BUSY_ATTEMPTS = 20;
const BUSY_RETRY_MS = 3_000;
const PUBLISH_TIMEOUT_MS = 60_000;
const PUBLISH_CHECK_MS = 250;

export interface Login {
	email: string;
	password: string;
}

export interface WorkflowFile {
	id: string;
	name: string;
	nodes: unknown[];
	connections: Record<string, unknown>;
	settings?: Record<string, unknown>;
}

export interface StoredWorkflow extends WorkflowFile {
	versionId: string;
	active: boolean;
	isArchived?: boolean;
}

interface PublicationStatus {
	status: 'in_progress' | 'published' | 'partial' | 'failed' | 'not_published';
	liveVersionId: string | null;
	triggers: Array<{ errorMessage: string | null }>;
}

export interface StoredCredential {
	id: string;
	name: string;
	type: string;
}

/** A searchable list of a node, and the values of the node's fields. */
export interface ListSearch {
	methodName: string;
	/** The field's path, such as `parameters.jobId`. */
	path: string;
	nodeTypeAndVersion: { name: string; version: number };
	currentNodeParameters: Record<string, unknown>;
	credentials: Record<string, { id: string; name: string }>;
}

export interface DataTableColumn {
	name: string;
	type: 'string' | 'number' | 'boolean' | 'date';
}

/** n8n responded to a REST request with an error. */
export class N8nError extends Error {
	override name = 'N8nError';
	readonly status: number;
	/** The message from n8n. */
	readonly reason: string;

	constructor(request: string, status: number, reason: string) {
		super(`n8n responded to ${request} with ${status}: ${reason}`);
		this.status = status;
		this.reason = reason;
	}
}

/**
 * A client of the REST endpoints of n8n's editor (`/rest/…`), for one user. They are internal to n8n
 * and change with its version: `npm run live -- hosts` tries them in several.
 */
export class N8nClient {
	readonly #url: string;
	/** n8n ties a login to the browser it was made from. */
	readonly #browserId = randomUUID();
	#cookie = '';

	/** @param url base URL of n8n, without a trailing slash */
	constructor(url: string) {
		this.#url = url;
	}

	/** Logs in. Creates the owner with this login if n8n has none yet. */
	async logIn(login: Login): Promise<void> {
		if (await this.#needsOwner()) {
			await this.#call('POST', '/rest/owner/setup', {
				...login,
				firstName: 'Userpilot',
				lastName: 'Playground',
			});
		}
		await this.#call('POST', '/rest/login', {
			emailOrLdapLoginId: login.email,
			// The name of that field up to n8n 1.87.
			email: login.email,
			password: login.password,
		});
	}

	/** Creates the credential of this name and type, or updates its data. */
	async saveCredential(
		name: string,
		type: string,
		data: Record<string, unknown>,
	): Promise<StoredCredential> {
		const all = await this.#call<StoredCredential[]>('GET', '/rest/credentials');
		const known = all.find((credential) => credential.name === name && credential.type === type);
		return known === undefined
			? await this.#call<StoredCredential>('POST', '/rest/credentials', { name, type, data })
			: await this.#call<StoredCredential>('PATCH', `/rest/credentials/${known.id}`, {
					name,
					type,
					data,
				});
	}

	/** Tests the credential, as the editor does when it is saved. The status is `OK` or `Error`. */
	async testCredential(
		credential: StoredCredential,
		data: Record<string, unknown>,
	): Promise<{ status: string; message: string }> {
		return await this.#call('POST', '/rest/credentials/test', {
			credentials: { ...credential, data },
		});
	}

	/** The names of all nodes in the editor's panel, or of all credential types. */
	async listTypes(kind: 'nodes' | 'credentials'): Promise<string[]> {
		const response = await this.#request('GET', `/types/${kind}.json`);
		const types = (await response.json()) as Array<{ name: string }>;
		return types.map(({ name }) => name);
	}

	/** The first entries of a searchable list, as the editor shows them. */
	async searchList(search: ListSearch): Promise<Array<{ name: string; value: string }>> {
		const { results } = await this.#call<{ results: Array<{ name: string; value: string }> }>(
			'POST',
			'/rest/dynamic-node-parameters/resource-locator-results',
			search,
		);
		return results;
	}

	/** The choices of a field that the node loads, as the editor shows them. */
	async loadOptions(list: ListSearch): Promise<Array<{ name: string; value: string }>> {
		return await this.#call('POST', '/rest/dynamic-node-parameters/options', list);
	}

	/** The workflow with this id, or undefined. */
	async findWorkflow(id: string): Promise<StoredWorkflow | undefined> {
		try {
			return await this.#call<StoredWorkflow>('GET', `/rest/workflows/${id}`);
		} catch (error) {
			if (error instanceof N8nError && [403, 404].includes(error.status)) return undefined;
			throw error;
		}
	}

	async createWorkflow(workflow: WorkflowFile): Promise<StoredWorkflow> {
		// n8n 1 requires the field `active`.
		const draft = { active: false, ...workflow };
		return await this.#call<StoredWorkflow>('POST', '/rest/workflows', draft);
	}

	async updateWorkflow(workflow: WorkflowFile): Promise<StoredWorkflow> {
		return await this.#call<StoredWorkflow>('PATCH', `/rest/workflows/${workflow.id}`, workflow);
	}

	async unarchiveWorkflow(id: string): Promise<StoredWorkflow> {
		return await this.#call<StoredWorkflow>('POST', `/rest/workflows/${id}/unarchive`, {});
	}

	/**
	 * Publishes the saved version, unless it is published, and waits until its triggers are active. n8n
	 * responds before their first poll, and a trigger treats what finishes before that poll as old.
	 *
	 * @throws N8nError with the trigger's message when a trigger fails, or after 60 seconds
	 */
	async publishWorkflow({ id, versionId }: StoredWorkflow): Promise<void> {
		let status = await this.#publicationStatus(id);
		if (status?.status === 'published' && status.liveVersionId === versionId) return;
		await this.#switch(id, { active: true, versionId });
		status = await this.#settledStatus(id);
		if (status === undefined || status.status === 'published') return;
		const reasons = status.triggers.flatMap(({ errorMessage }) => errorMessage ?? []);
		const reason = reasons.join(' ') || `it is ${status.status}`;
		throw new N8nError(`POST /rest/workflows/${id}/activate`, 200, reason);
	}

	/** Unpublishes the workflow, and waits until its triggers are inactive. */
	async unpublishWorkflow(id: string): Promise<void> {
		const versionId = (await this.findWorkflow(id))?.versionId;
		await this.#switch(id, { active: false, versionId });
		await this.#settledStatus(id);
	}

	/** n8n 1 has no endpoints for this. There, `active` is a field of the workflow. */
	async #switch(id: string, to: { active: boolean; versionId?: string }): Promise<void> {
		const { active, versionId } = to;
		try {
			if (active) await this.#call('POST', `/rest/workflows/${id}/activate`, { versionId });
			else await this.#call('POST', `/rest/workflows/${id}/deactivate`, {});
		} catch (error) {
			if (!isMissing(error)) throw error;
			await this.#call('PATCH', `/rest/workflows/${id}`, to);
		}
	}

	/** The status once publishing has ended; undefined in an n8n that publishes before it responds. */
	async #settledStatus(id: string): Promise<PublicationStatus | undefined> {
		const deadline = Date.now() + PUBLISH_TIMEOUT_MS;
		let status = await this.#publicationStatus(id);
		while (status?.status === 'in_progress' && Date.now() < deadline) {
			await sleep(PUBLISH_CHECK_MS);
			status = await this.#publicationStatus(id);
		}
		return status;
	}

	/** Undefined in an older n8n, which publishes before it responds. */
	async #publicationStatus(id: string): Promise<PublicationStatus | undefined> {
		try {
			return await this.#call('GET', `/rest/workflows/${id}/publication-status`);
		} catch (error) {
			if (isMissing(error)) return undefined;
			throw error;
		}
	}

	/** Runs a workflow from one of its triggers, as the editor's button does. Returns the execution's id. */
	async runWorkflow(id: string, triggerName: string): Promise<string> {
		const { executionId } = await this.#call<{ executionId: string }>(
			'POST',
			`/rest/workflows/${id}/run`,
			{
				// n8n 1 runs the workflow in the request, n8n 2 the stored one.
				workflowData: await this.findWorkflow(id),
				triggerToStartFrom: { name: triggerName },
			},
		);
		return executionId;
	}

	/** The latest executions of a workflow, newest first. */
	async listExecutions(workflowId: string, limit = 20): Promise<ExecutionSummary[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.#call<{ results: ExecutionSummary[] }>(
			'GET',
			`/rest/executions?filter=${filter}&limit=${limit}`,
		);
		return results;
	}

	async getExecution(id: string): Promise<Execution> {
		return readExecution(await this.#call('GET', `/rest/executions/${id}`));
	}

	/** Stops a running execution, as the editor's button does. */
	async stopExecution(id: string): Promise<void> {
		await this.#call('POST', `/rest/executions/${id}/stop`, {});
	}

	/** Retries an execution from the node that failed. Returns the id of the new one. */
	async retryExecution(id: string): Promise<string> {
		const retried = await this.#call<{ id: string }>('POST', `/rest/executions/${id}/retry`, {});
		return retried.id;
	}

	/** The bytes of a file that an execution has saved. */
	async download(binaryDataId: string): Promise<ArrayBuffer> {
		const query = new URLSearchParams({ id: binaryDataId, action: 'download' });
		const response = await this.#request('GET', `/rest/binary-data?${query}`);
		if (!response.ok) throw new N8nError('GET /rest/binary-data', response.status, '');
		return await response.arrayBuffer();
	}

	/** Creates a data table in the user's personal project, unless one has that name. */
	async ensureDataTable(name: string, columns: DataTableColumn[]): Promise<{ id: string }> {
		const tables = await this.#dataTables();
		const filter = encodeURIComponent(JSON.stringify({ name }));
		const found = await this.#call<{ data: Array<{ id: string; name: string }> }>(
			'GET',
			`${tables}?filter=${filter}`,
		);
		const known = found.data.find((table) => table.name === name);
		return known ?? (await this.#call<{ id: string }>('POST', tables, { name, columns }));
	}

	/** Up to 1,000 rows of a data table. */
	async dataTableRows(id: string): Promise<Array<Record<string, unknown>>> {
		const rows = await this.#call<{ data: Array<Record<string, unknown>> }>(
			'GET',
			`${await this.#dataTables()}/${id}/rows?take=1000`,
		);
		return rows.data;
	}

	/** Path of the data tables in the user's personal project. */
	async #dataTables(): Promise<string> {
		const project = await this.#call<{ id: string }>('GET', '/rest/projects/personal');
		return `/rest/projects/${project.id}/data-tables`;
	}

	async #needsOwner(): Promise<boolean> {
		const settings = await this.#call<{ userManagement: { showSetupOnFirstLoad: boolean } }>(
			'GET',
			'/rest/settings',
		);
		return settings.userManagement.showSetupOnFirstLoad;
	}

	async #request(method: string, path: string, body?: unknown): Promise<Response> {
		return await fetch(`${this.#url}${path}`, {
			method,
			headers: {
				'content-type': 'application/json',
				'browser-id': this.#browserId,
				cookie: this.#cookie,
				// n8n may close a connection that was kept just when a busy program uses it again.
				connection: 'close',
			},
			body: body === undefined ? undefined : JSON.stringify(body),
			signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
		});
	}

	async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
		let response = await this.#request(method, path, body);
		// n8n rejects requests while its database is slow, as on a busy machine.
		for (let attempt = 1; response.status === 503 && attempt < MAX_BUSY_ATTEMPTS; attempt++) {
			await sleep(BUSY_RETRY_MS);
			response = await this.#request(method, path, body);
		}
		const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
		if (cookies.length > 0) this.#cookie = cookies.join('; ');
		const text = await response.text();
		const parsed = parse(text);
		if (!response.ok) {
			throw new N8nError(
				`${method} ${path}`,
				response.status,
				parsed.message ?? text.slice(0, 200),
			);
		}
		return parsed.data as T;
	}
}

function parse(text: string): { data?: unknown; message?: string } {
	try {
		return JSON.parse(text) as { data?: unknown; message?: string };
	} catch {
		return {};
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof N8nError && error.status === 404;
}
