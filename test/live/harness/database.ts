import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { type JsonObject, unflatten } from '../../../playground/executions.ts';

interface Items {
	main?: Array<Array<{ json: JsonObject }> | null>;
}

interface RunData {
	resultData?: {
		runData?: Record<string, Array<{ data?: Items }>>;
		error?: { message?: string; description?: string | null };
	};
	executionData?: { nodeExecutionStack?: Array<{ node: { name: string }; data: Items }> };
}

/** An execution as n8n has recorded it. */
export interface RecordedExecution {
	id: number;
	workflowId: string;
	mode: string;
	status: string;
	/** Unix time in ms; `stoppedAt` is NaN while it runs. */
	createdAt: number;
	startedAt: number;
	stoppedAt: number;
	/** The jobs that have started it, also where it was interrupted right after its start. */
	started(triggerName: string): string[];
	/** The output of a node; undefined where it has not run, or n8n has not saved it. */
	output(nodeName: string): JsonObject[] | undefined;
	readonly error: string | undefined;
}

const jsonOf = ({ main }: Items = {}): JsonObject[] =>
	(main ?? []).flatMap((items) => (items ?? []).map(({ json }) => json));

/**
 * n8n's own database. Read directly, because what n8n had written at the moment it was killed can be
 * read only while it is down.
 */
export class Database {
	private readonly db: DatabaseSync;

	constructor(userFolder: string) {
		this.db = new DatabaseSync(path.join(userFolder, '.n8n', 'database.sqlite'), {
			timeout: 10_000,
		});
	}

	close(): void {
		this.db.close();
	}

	/** Oldest first. Those with a known id are left out, as a large one takes a while to read. */
	executions(workflowId: string, known: ReadonlySet<number> = new Set()): RecordedExecution[] {
		const rows = this.db
			.prepare('SELECT id FROM execution_entity WHERE workflowId = ? ORDER BY id')
			.all(workflowId)
			.filter(({ id }) => !known.has(Number(id)));
		return rows.flatMap(({ id }) => this.execution(Number(id)) ?? []);
	}

	private execution(id: number): RecordedExecution | undefined {
		const row = this.db
			.prepare(
				`SELECT e.id, e.workflowId, e.mode, e.status, e.createdAt, e.startedAt, e.stoppedAt, d.data FROM execution_entity e
				JOIN execution_data d ON d.executionId = e.id WHERE e.id = ?`,
			)
			.get(id);
		return row && readRow(row as never);
	}

	lastExecutionId(): number {
		const row = this.db.prepare('SELECT max(id) AS id FROM execution_entity').get();
		return Number(row?.id ?? 0);
	}

	/**
	 * What n8n would hand the workflow's one trigger after a start; undefined before anything was saved. A
	 * durable cursor replaces static data once there is one.
	 */
	staticData(workflowId: string, nodeName: string): JsonObject | undefined {
		const cursor = this.db
			.prepare('SELECT cursor FROM poller_state WHERE workflowId = ?')
			.get(workflowId)?.cursor;
		if (cursor !== undefined) return JSON.parse(cursor as string) as JsonObject;
		const row = this.db
			.prepare('SELECT staticData FROM workflow_entity WHERE id = ?')
			.get(workflowId);
		const all = JSON.parse((row?.staticData as string | null) ?? '{}') as Record<
			string,
			JsonObject
		> | null;
		return all?.[`node:${nodeName}`];
	}

	/** Replaces it. Only while n8n is down. */
	overwriteStaticData(workflowId: string, data: unknown): void {
		this.db
			.prepare('UPDATE workflow_entity SET staticData = ? WHERE id = ?')
			.run(JSON.stringify(data), workflowId);
	}
}

/** Whether it has ended, in any way. */
export const hasEnded = (
	execution: RecordedExecution | undefined,
): execution is RecordedExecution =>
	execution !== undefined && !['new', 'running', 'waiting'].includes(execution.status);

/** n8n writes times in UTC, without a time zone. */
const timeOf = (text: string | null) => Date.parse(`${(text ?? '').replace(' ', 'T')}Z`);

function readRow(row: {
	id: number;
	workflowId: string;
	mode: string;
	status: string;
	createdAt: string;
	startedAt: string | null;
	stoppedAt: string | null;
	data: string;
}): RecordedExecution {
	const { data, createdAt, startedAt, stoppedAt, ...summary } = row;
	const run = (unflatten(data) ?? {}) as RunData;
	const output = (nodeName: string) => {
		const last = run.resultData?.runData?.[nodeName]?.at(-1)?.data;
		return last && jsonOf(last);
	};
	const { error } = run.resultData ?? {};
	return {
		...summary,
		createdAt: timeOf(createdAt),
		startedAt: timeOf(startedAt),
		stoppedAt: timeOf(stoppedAt),
		output,
		started(triggerName) {
			const waiting = run.executionData?.nodeExecutionStack?.find(
				({ node }) => node.name === triggerName,
			);
			// A poll that failed is an execution too, with an empty item.
			return (output(triggerName) ?? jsonOf(waiting?.data)).flatMap(({ job_id }) =>
				typeof job_id === 'string' ? [job_id] : [],
			);
		},
		error: error && [error.message, error.description].filter(Boolean).join(' '),
	};
}
