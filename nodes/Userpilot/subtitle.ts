import { dateRangeOptions } from './actions/export/dateRange';
import { outputs } from './actions/output/readOutput';

/** Stands for what is known only in an execution: the value of an expression, or what an agent fills in. */
const UNKNOWN = '"…"';

/** JavaScript that may fail, because the expression in a field may refer to data that does not exist yet. */
const attempt = (code: string) =>
	`(() => { try { return ${code} } catch { return ${UNKNOWN} } })()`;

/** The name of the option that a field holds. */
function nameOf(field: string, options: ReadonlyArray<{ name: string; value: string }>): string {
	const names = Object.fromEntries(
		options.map(({ name, value }) => [value, name.replace(/ \(.*\)$/, '').toLowerCase()]),
	);
	return attempt(`${JSON.stringify(names)}[$parameter.${field}] ?? ${UNKNOWN}`);
}

const day = (field: string) =>
	attempt(`String($parameter.${field} ?? "").slice(0, 10) || ${UNKNOWN}`);

const isCustom = attempt('$parameter.dateRange === "custom"');
const dates = `(${isCustom} === true ? ${day('from')} + " to " + ${day('to')} : ${nameOf('dateRange', dateRangeOptions)})`;
const output = `" → " + ${nameOf('output', outputs)}`;
const inWords = '.replace(/^get(?=[A-Z])/, "").replace(/[A-Z]/g, " $&").trim().toLowerCase()';

/**
 * What the node will do, below its name on the canvas: `export: last 7 days → rows`, `job: get`,
 * `lookup: segments`.
 */
export const subtitle = `={{ $parameter.resource === "export"
	? "export: " + ${dates} + ($parameter.operation === "create" ? "" : ${output})
	: $parameter.resource + ": " + ($parameter.operation === "getAll" ? "get many" : $parameter.operation${inWords})
		+ (["download", "wait"].includes($parameter.operation) ? ${output} : "") }}`;
