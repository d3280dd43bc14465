import { dateRangeOptions } from './actions/export/dateRange';
import { outputs } from './actions/output/fields';

type Names = ReadonlyArray<{ name: string; value: string }>;

/** The option that a field holds, in words, as JavaScript; a field whose value only the run knows has none. */
const nameOf = (field: string, options: Names) =>
	`(${JSON.stringify(
		Object.fromEntries(
			options.map(({ name, value }) => [value, name.replace(/ \(.*\)$/, '').toLowerCase()]),
		),
	)}[$parameter.${field}] ?? "…")`;

const day = (field: string) => `(String($parameter.${field}).slice(0, 10) || "…")`;

const dates = `($parameter.dateRange === "custom" ? ${day('from')} + " to " + ${day('to')} : ${nameOf('dateRange', dateRangeOptions)})`;
const output = `" → " + ${nameOf('output', outputs)}`;
const inWords = '.replace(/^get(?=[A-Z])/, "").replace(/[A-Z]/g, " $&").trim().toLowerCase()';

/**
 * What the node will do, below its name on the canvas: `export: last 7 days → rows`, `job: get`,
 * `lookup: segments`. n8n ends an expression at two closing braces.
 */
export const subtitle = `={{ $parameter.resource === "export"
	? "export: " + ${dates} + ($parameter.operation === "create" ? "" : ${output})
	: $parameter.resource + ": " + ($parameter.operation === "getAll" ? "get many" : $parameter.operation${inWords})
		+ (["download", "wait"].includes($parameter.operation) ? ${output} : "") }}`;
