// Lints our sources and the packed tarball with the rules of n8n's scanner. Counts warnings too: the scanner
// itself drops them if there is no error. Then checks n8n's rules for package.json, that a second build
// makes the same tarball, and known advisories on the bundled libraries.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	buildScanConfig,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

import { auditLibraries } from './verify/advisories.ts';
import { manifestProblems } from './verify/manifest.ts';
import { buildElsewhere, pack, sha256 } from './verify/reproducible.ts';

const scannerRequire = createRequire(
	createRequire(import.meta.url).resolve('@n8n/scan-community-package/package.json'),
);
const { ESLint } = scannerRequire('eslint');

/** Lints these files in a folder. Returns the number of errors and warnings. */
async function scan(name, folder, patterns) {
	const eslint = new ESLint({
		cwd: folder,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: await buildScanConfig(),
	});
	const results = await eslint.lintFiles(patterns);
	const problems = results.reduce(
		(sum, { errorCount, warningCount }) => sum + errorCount + warningCount,
		0,
	);
	const formatter = await eslint.loadFormatter('stylish');
	console.log(await formatter.format(results));
	console.log(`${name}: ${results.length} files, ${problems} errors and warnings`);
	return problems;
}

/** Prints problems, one sentence each. Returns their number. */
function report(name, problems) {
	for (const problem of problems) console.log(`  ${problem}`);
	console.log(`${name}: ${problems.length} problems`);
	return problems.length;
}

/** Versions by name of the libraries that the build lists as part of the package. */
function bundledLibraries() {
	const list = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8');
	const headings = [...list.matchAll(/^-{80}\n\n(\S+) (\S+) \(/gm)];
	return Object.fromEntries(headings.map(([, name, version]) => [name, version]));
}

function auditProblems() {
	const libraries = bundledLibraries();
	const audit = auditLibraries(libraries);
	if (audit.answered)
		return report(`Audit of ${Object.keys(libraries).join(', ')}`, audit.problems);
	console.log('Audit: skipped, because the registry supports none');
	return 0;
}

function secondBuildProblems(tarball) {
	const again = sha256(buildElsewhere(process.cwd(), join(packed, 'again')));
	const problems =
		again === sha256(tarball) ? [] : ['A build in another folder makes another tarball.'];
	return report(`Second build, sha256 ${again}`, problems);
}

const packed = mkdtempSync(join(tmpdir(), 'userpilot-scan-'));
try {
	const tarball = pack(process.cwd(), packed);
	execFileSync('tar', ['-xzf', tarball, '-C', packed]);
	const manifest = JSON.parse(readFileSync(join(packed, 'package', 'package.json'), 'utf8'));
	const problems =
		(await scan('Sources', process.cwd(), SOURCE_FILE_PATTERNS)) +
		(await scan('Packed tarball', join(packed, 'package'), ['**/*.js', '**/*.json'])) +
		report('package.json', manifestProblems(manifest)) +
		secondBuildProblems(tarball) +
		auditProblems();
	process.exitCode = problems === 0 ? 0 : 1;
} finally {
	rmSync(packed, { recursive: true });
}
