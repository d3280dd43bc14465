export type JsonObject = Record<string, unknown>;

export interface ExecutionSummary {
	id: string;
	mode: string;
	status: string;
}

/** What this playground wants to know of an execution. */
export interface Execution extends ExecutionSummary {
	/** The json of the items that a node gave at its last run; empty for a node that has not run. */
	output(nodeName: string): JsonObject[];
	/** The files of those items, by which n8n finds them again. */
	files(nodeName: string): Array<{ id: string; fileName?: string }>;
	/** The message of the error that ended the execution, with its description. */
	readonly error: string | undefined;
}

interface Item {
	json: JsonObject;
	binary?: Record<string, { id?: string; fileName?: string }>;
}

interface RunData {
	resultData?: {
		error?: { message?: string; description?: string | null };
		runData?: Record<string, Array<{ data?: { main?: Array<Item[] | null> } }>>;
	};
}

const ENDED = ['success', 'error', 'canceled', 'crashed'];

export function hasEnded(execution: ExecutionSummary): boolean {
	return ENDED.includes(execution.status);
}

/** Reads an answer of `GET /rest/executions/:id`. */
export function readExecution(answer: unknown): Execution {
	const { id, mode, status, data } = answer as ExecutionSummary & { data: string };
	// An execution that has only just begun has no data yet.
	const { resultData } = (unflatten(data) ?? {}) as RunData;
	const error = resultData?.error;
	const itemsOf = (nodeName: string) =>
		(resultData?.runData?.[nodeName]?.at(-1)?.data?.main ?? []).flatMap((items) => items ?? []);
	return {
		id,
		mode,
		status,
		output: (nodeName) => itemsOf(nodeName).map(({ json }) => json),
		files: (nodeName) =>
			itemsOf(nodeName).flatMap(({ binary = {} }) =>
				Object.values(binary).flatMap(({ id, fileName }) => (id ? [{ id, fileName }] : [])),
			),
		error: error && [error.message, error.description].filter(Boolean).join(' '),
	};
}

/**
 * n8n keeps an execution's data as the package `flatted` writes it, so that circles and repeated
 * values survive: a JSON array of values, the first of which is the whole, and in which every
 * string within an object or an array is the index of the value that stands there.
 */
export function unflatten(text: string): unknown {
	const values = JSON.parse(text) as unknown[];
	const built = new Map<number, unknown>();
	const build = (index: number): unknown => {
		if (built.has(index)) return built.get(index);
		const value = values[index];
		if (typeof value !== 'object' || value === null) return value;
		const target: JsonObject | unknown[] = Array.isArray(value) ? [] : {};
		built.set(index, target);
		for (const [key, item] of Object.entries(value)) {
			(target as JsonObject)[key] = typeof item === 'string' ? build(Number(item)) : item;
		}
		return target;
	};
	return build(0);
}
