import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { resources } from '../../nodes/Userpilot/actions/resources';
import packageJson from '../../package.json';

// What is built and packed: `npm test` builds it first.
const ROOT = join(__dirname, '../..');
const SCHEMAS = 'dist/nodes/Userpilot/__schema__/v1.0.0';

describe('the packed package', () => {
	it('contains what a user needs, and nothing else', () => {
		const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
			cwd: ROOT,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		const [{ files, unpackedSize }] = JSON.parse(output) as [
			{ files: Array<{ path: string }>; unpackedSize: number },
		];
		const nodes = ['Userpilot.node', 'UserpilotTrigger.node'];
		expect(files.map(({ path }) => path).sort()).toEqual(
			[
				'LICENSE.md',
				'README.md',
				'dist/THIRD-PARTY-LICENSES.txt',
				'dist/credentials/UserpilotApi.credentials.js',
				...nodes.flatMap((node) => [
					`dist/nodes/Userpilot/${node}.js`,
					`dist/nodes/Userpilot/${node}.json`,
				]),
				...resources.flatMap(({ value: resource, operations }) =>
					operations.map(({ value }) => `${SCHEMAS}/${resource}/${value}.json`),
				),
				'dist/nodes/Userpilot/userpilot.dark.svg',
				'dist/nodes/Userpilot/userpilot.svg',
				'package.json',
			].sort(),
		);
		expect(unpackedSize).toBeLessThan(1_000_000);
	});

	it('lists each bundled library, pinned, with a permissive license', () => {
		const listed = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
			.split(`\n${'-'.repeat(80)}\n\n`)
			.slice(1)
			.map((entry) => {
				const [, name, version, license, text] =
					/^(\S+) (\S+) \(([^)]+)\)\n\n([\s\S]+)$/.exec(entry) ?? [];
				expect(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']).toContain(
					license,
				);
				expect(text).toMatch(/copyright/i);
				expect(packageJson.devDependencies).toHaveProperty([name!], version);
				return name;
			});
		// esbuild writes the path of each bundled file above it.
		const bundled = [...packageJson.n8n.nodes, ...packageJson.n8n.credentials].flatMap((file) =>
			[
				...readFileSync(join(ROOT, file), 'utf8').matchAll(
					/^\s*\/\/ .*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)/gm,
				),
			].map(([, name]) => name),
		);
		expect(bundled).toContain('zod');
		expect(listed).toEqual([...new Set(bundled)].sort());
	});

	it('needs nothing at run time that n8n does not provide', () => {
		expect(packageJson).not.toHaveProperty('dependencies');
		expect(packageJson.peerDependencies).toEqual({ 'n8n-workflow': '*' });
		for (const file of [...packageJson.n8n.nodes, ...packageJson.n8n.credentials]) {
			const code = readFileSync(join(ROOT, file), 'utf8');
			const required = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
			expect(['luxon', 'n8n-workflow']).toEqual(expect.arrayContaining(required));
		}
	});
});
