const { spawnSync } = require('node:child_process');
const { rmSync } = require('node:fs');
const path = require('node:path');
const esbuild = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const { n8n } = require('./package.json');

/** The TypeScript source of a file that n8n loads, e.g. `dist/nodes/X.node.js` → `nodes/X.node.ts`. */
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
 * n8n installs nothing with a community package, so each file that it loads carries what it needs.
 * Only n8n-workflow and luxon come from n8n itself.
 */
async function bundle() {
	await esbuild.build({
		entryPoints: [...n8n.credentials, ...n8n.nodes].map(sourceOf),
		outdir: 'dist',
		outbase: '.',
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		external: ['n8n-workflow', 'luxon'],
		legalComments: 'inline',
	});
}

function assets() {
	return src(['nodes/**/*.{svg,node.json}', 'credentials/**/*.svg'], {
		base: '.',
		allowEmpty: true,
		encoding: false,
	}).pipe(dest('dist'));
}

exports.build = series(clean, parallel(typeCheck, bundle, assets));
exports.default = exports.build;
