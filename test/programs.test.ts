import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PROJECT = path.join(__dirname, '..');
const LIVE = path.join(__dirname, 'live');
const SHARED = ['harness', 'node_modules'];

const folders = readdirSync(LIVE, { withFileTypes: true })
	.filter((entry) => entry.isDirectory() && !SHARED.includes(entry.name))
	.map(({ name }) => name);

function live(...args: string[]) {
	const { stdout, stderr, status } = spawnSync(
		process.execPath,
		[path.join(LIVE, 'main.ts'), ...args],
		{ cwd: PROJECT, encoding: 'utf8', timeout: 60_000 },
	);
	return { stdout, stderr, status };
}

it('npm run live lists each program with a sentence', () => {
	const { stdout, status } = live();
	const listed = [...stdout.matchAll(/^ {2}([\w-]+) +[A-Z].+\.$/gm)].map(([, name]) => name);
	expect([listed, status]).toEqual([folders, 0]);
});

it('npm run live refuses an unknown program, and lists the others', () => {
	const { stderr, status } = live('unheard-of');
	expect(stderr).toContain('There is no program "unheard-of"');
	expect(stderr).toContain('npm run live -- <program>');
	expect(status).toBe(1);
});

// They need a real n8n and many minutes. CI runs e2e, queue and examples; here, each has to load.
it.each(folders)('npm run live -- %s --help lists its options', (program) => {
	expect(live(program, '--help').stderr).toContain(`npm run live -- ${program}`);
});

it('a program refuses an unknown option', () => {
	const { stderr, status } = live('soak', '--unheard-of');
	expect(stderr).toContain('Unknown options: --unheard-of');
	expect(status).toBe(1);
});

it('no program imports from another one: what they share stands in test/live/harness', () => {
	const imports = readdirSync(LIVE, { recursive: true, encoding: 'utf8' })
		.filter((file) => /\.(ts|mjs|cjs)$/.test(file) && !file.startsWith('node_modules'))
		.flatMap((file) => {
			const text = readFileSync(path.join(LIVE, file), 'utf8');
			return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, to]) => ({
				file,
				from: file.split(path.sep)[0]!,
				to: path.relative(LIVE, path.join(LIVE, path.dirname(file), to!)).split(path.sep)[0]!,
			}));
		});
	expect(imports.length).toBeGreaterThan(100);
	// What lies outside of test/live starts with `..`.
	const betweenPrograms = imports.filter(
		({ from, to }) => from !== to && to !== 'harness' && existsSync(path.join(LIVE, to, 'main.ts')),
	);
	expect(betweenPrograms.filter(({ from }) => from !== 'main.ts')).toEqual([]);
});
