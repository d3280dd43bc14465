export type JsonObject = Record<string, unknown>;

export interface ExecutionSummary {
	id: string;
	mode: string;
	status: string;
}

/** The parts of an execution that the playground reads. */
export interface Execution extends ExecutionSummary {
	/** The JSON of the items from a node's last run; empty if the node has not run. */
	output(nodeName: string): JsonObject[];
	/** The binary files of those items, with the ids under which n8n stores them. */
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

/** Reads a response of `GET /rest/executions/:id`. */
export function readExecution(response: unknown): Execution {
	const { id, mode, status, data } = response as ExecutionSummary & { data: string };
	// An execution that has just started has no data yet.
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
 * Reads execution data, which n8n stores in the format of the package `flatted`: a JSON array whose
 * first value is the root. Each string inside an object or an array is the index of the real value,
 * so circular and repeated values survive.
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
