import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const TIMEOUT_MS = 60_000;

/** One vulnerable package, as npm reports it. */
interface Vulnerability {
	severity: string;
	via: Array<string | { title?: string }>;
}

export type Audit = { answered: false } | { answered: true; problems: string[] };

/** Reads the output of `npm audit --json`. High and critical advisories are problems. */
export function readAudit(output: string): Audit {
	const report = parse(output);
	if (!report?.vulnerabilities) return { answered: false };
	const problems = Object.entries(report.vulnerabilities)
		.filter(([, { severity }]) => ['critical', 'high'].includes(severity))
		.map(([name, { severity, via }]) => {
			const titles = via.flatMap((cause) => (typeof cause === 'string' ? [] : (cause.title ?? [])));
			return `${name}: ${severity}: ${titles.join('; ')}`;
		});
	return { answered: true, problems };
}

function parse(output: string): { vulnerabilities?: Record<string, Vulnerability> } | undefined {
	try {
		return JSON.parse(output) as { vulnerabilities?: Record<string, Vulnerability> };
	} catch {
		return undefined;
	}
}

/**
 * Requests advisories on these libraries only. They are our devDependencies, which an audit of what
 * users install would leave out.
 *
 * @param libraries versions by name
 */
export function auditLibraries(libraries: Record<string, string>): Audit {
	const folder = mkdtempSync(path.join(tmpdir(), 'userpilot-audit-'));
	try {
		const manifest = { name: 'bundled', version: '1.0.0', dependencies: libraries };
		writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
		const quiet = { cwd: folder, encoding: 'utf8', timeout: TIMEOUT_MS, stdio: 'pipe' } as const;
		execFileSync(
			'npm',
			['install', '--package-lock-only', '--ignore-scripts', '--no-audit'],
			quiet,
		);
		// The exit code is 1 if there is an advisory, too.
		return readAudit(spawnSync('npm', ['audit', '--json', '--fetch-retries=0'], quiet).stdout);
	} catch {
		return { answered: false };
	} finally {
		rmSync(folder, { recursive: true });
	}
}
