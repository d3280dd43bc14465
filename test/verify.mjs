// Lints our sources and the packed tarball by the rules of n8n's own scanner, and counts its warnings too:
// the scanner itself drops them as long as there is no error. Then n8n's rules for package.json, a second
// build that must give the same tarball, and known advisories on what is bundled.
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

/** Lints those files below a folder; gives the number of errors and warnings. */
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

/** Prints what is wrong, in a sentence each; gives their number. */
function tell(name, problems) {
	for (const problem of problems) console.log(`  ${problem}`);
	console.log(`${name}: ${problems.length} problems`);
	return problems.length;
}

/** The versions, by name, that the build has listed as part of the package. */
function bundledLibraries() {
	const list = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8');
	const headings = [...list.matchAll(/^-{80}\n\n(\S+) (\S+) \(/gm)];
	return Object.fromEntries(headings.map(([, name, version]) => [name, version]));
}

function audit() {
	const libraries = bundledLibraries();
	const answer = auditLibraries(libraries);
	if (answer.answered)
		return tell(`Audit of ${Object.keys(libraries).join(', ')}`, answer.problems);
	console.log('Audit: skipped, because the registry answers none');
	return 0;
}

function buildAgain(tarball) {
	const again = sha256(buildElsewhere(process.cwd(), join(packed, 'again')));
	const problems = again === sha256(tarball) ? [] : ['Another folder gives another tarball.'];
	return tell(`Second build, sha256 ${again}`, problems);
}

const packed = mkdtempSync(join(tmpdir(), 'userpilot-scan-'));
try {
	const tarball = pack(process.cwd(), packed);
	execFileSync('tar', ['-xzf', tarball, '-C', packed]);
	const manifest = JSON.parse(readFileSync(join(packed, 'package', 'package.json'), 'utf8'));
	const problems =
		(await scan('Sources', process.cwd(), SOURCE_FILE_PATTERNS)) +
		(await scan('Packed tarball', join(packed, 'package'), ['**/*.js', '**/*.json'])) +
		tell('package.json', manifestProblems(manifest)) +
		buildAgain(tarball) +
		audit();
	process.exitCode = problems === 0 ? 0 : 1;
} finally {
	rmSync(packed, { recursive: true });
}
