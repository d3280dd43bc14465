import { markdownTable } from '../harness/report.ts';
import type { CheckName, CheckResult } from './checks.ts';
import type { HostVersion } from './versions.ts';

export interface HostResult extends HostVersion {
	/** The Node that n8n ran on, such as 22.22.3. */
	nodeVersion: string;
	checks: Map<CheckName, CheckResult>;
}

/** The results as a table of Markdown's. */
export function hostTable(results: HostResult[], names: CheckName[]): string {
	const rows = results.map(({ n8n, nodeVersion, checks }) => [
		n8n,
		nodeVersion,
		...names.map((name) => cell(checks.get(name))),
	]);
	return markdownTable(['n8n', 'Node', ...names], rows);
}

function cell(result: CheckResult | undefined): string {
	if (result === undefined) return 'not tried';
	return result.passed ? result.detail : `fails: ${result.detail.replaceAll(/\s+/g, ' ')}`;
}
