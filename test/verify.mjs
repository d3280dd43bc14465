// Lints our sources and the packed tarball by the rules of n8n's own scanner, and counts its warnings too:
// the scanner itself drops them as long as there is no error.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	buildScanConfig,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

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

const packed = mkdtempSync(join(tmpdir(), 'userpilot-scan-'));
try {
	const [{ filename }] = JSON.parse(
		execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', packed], {
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		}),
	);
	execFileSync('tar', ['-xzf', join(packed, filename), '-C', packed]);
	const problems =
		(await scan('Sources', process.cwd(), SOURCE_FILE_PATTERNS)) +
		(await scan('Packed tarball', join(packed, 'package'), ['**/*.js', '**/*.json']));
	process.exitCode = problems === 0 ? 0 : 1;
} finally {
	rmSync(packed, { recursive: true });
}
