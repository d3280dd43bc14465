import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PROJECT = path.join(__dirname, '..');
const FILES = [
	'README.md',
	'CHANGELOG.md',
	'CONTRIBUTING.md',
	'playground/emulator/README.md',
	'test/README.md',
	...readdirSync(path.join(PROJECT, 'docs'))
		.filter((name) => name.endsWith('.md'))
		.map((name) => `docs/${name}`),
];

const ci = readFileSync(path.join(PROJECT, '.ci', 'run'), 'utf8');

const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8');

/** Anchors of its headings, as GitHub makes them. */
const anchorsOf = (file: string) =>
	[...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
		heading!
			.toLowerCase()
			.replace(/[^\w\- ]/g, '')
			.replaceAll(' ', '-'),
	);

describe.each(FILES)('%s', (file) => {
	const links = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)]
		.map(([, link]) => link!)
		.filter((link) => !/^https?:/.test(link));

	it('links to files and headings that exist', () => {
		for (const link of links) {
			const [target = '', anchor] = link.split('#');
			const found = target ? path.join(path.dirname(file), target) : file;
			expect([link, existsSync(path.join(PROJECT, found))]).toEqual([link, true]);
			if (anchor && found.endsWith('.md')) expect(anchorsOf(found)).toContain(anchor);
		}
	});

	it('names only npm scripts that CI runs, and programs that exist', () => {
		const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
		for (const [, script, program] of read(file).matchAll(/npm run ([\w:]+)(?: -- (\w+))?/g)) {
			// npm test builds, which checks the types, and programs.test.ts starts each of the programs.
			const isRun =
				ci.includes(`npm run ${script}`) || ['build', 'typecheck', 'live'].includes(script!);
			expect([script, script! in scripts && isRun]).toEqual([script, true]);
			if (script !== 'live' || !program) continue;
			const main = path.join(PROJECT, 'test/live', program, 'main.ts');
			expect([program, existsSync(main)]).toEqual([program, true]);
		}
	});
});
