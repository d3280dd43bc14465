const { spawnSync } = require('node:child_process');
const { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const esbuild = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const { devDependencies, n8n } = require('./package.json');

/** Licenses that let us distribute a copy with their text, and require nothing else. */
const PERMISSIVE_LICENSES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** Returns the TypeScript source of a file that n8n loads, such as `dist/nodes/X.node.js` → `nodes/X.node.ts`. */
const sourceOf = (built) => path.relative('dist', built).replace(/\.js$/, '.ts');

async function clean() {
	rmSync('dist', { recursive: true, force: true });
}

async function typeCheck() {
	const { status } = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc')], {
		stdio: 'inherit',
	});
	if (status !== 0) throw new Error('The type check failed');
}

/**
 * n8n installs no dependencies of a community package, so each file that it loads contains them.
 * Only n8n-workflow and luxon come from n8n itself.
 */
async function bundle() {
	const { metafile } = await esbuild.build({
		entryPoints: [...n8n.credentials, ...n8n.nodes].map(sourceOf),
		outdir: 'dist',
		outbase: '.',
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		external: ['n8n-workflow', 'luxon'],
		legalComments: 'inline',
		metafile: true,
		// A linked node_modules must not put paths of this machine into the code.
		preserveSymlinks: true,
	});
	writeLicenses(metafile);
}

/** Lists each bundled library with its license, in a file beside the code. */
function writeLicenses({ outputs }) {
	const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
	const folders = files.flatMap(
		(file) => file.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? [],
	);
	const entries = [...new Set(folders)].sort().map(licenseEntry);
	mkdirSync('dist', { recursive: true });
	writeFileSync(
		'dist/THIRD-PARTY-LICENSES.txt',
		['This package contains code of these libraries.\n', ...entries].join(
			`\n${'-'.repeat(80)}\n\n`,
		),
	);
}

function licenseEntry(folder) {
	const { name, version, license } = JSON.parse(
		readFileSync(path.join(folder, 'package.json'), 'utf8'),
	);
	const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
	if (!PERMISSIVE_LICENSES.includes(license) || !file) {
		throw new Error(
			`${name} is bundled, but its license (${license}) is not on the list of allowed ones`,
		);
	}
	if (devDependencies[name] !== version) {
		throw new Error(`${name} ${version} is bundled: pin this exact version in devDependencies`);
	}
	const text = readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
	return `${name} ${version} (${license})\n\n${text}\n`;
}

function assets() {
	// n8n shows a schema as the fields of a node that has not run yet.
	const files = [
		'nodes/**/*.{svg,node.json}',
		'nodes/**/__schema__/**/*.json',
		'credentials/**/*.svg',
	];
	return src(files, {
		base: '.',
		allowEmpty: true,
		encoding: false,
	}).pipe(dest('dist'));
}

// Without the type check, for a second build to compare with.
exports.emit = series(clean, parallel(bundle, assets));
exports.build = series(clean, parallel(typeCheck, bundle, assets));
exports.default = exports.build;
