import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const PROJECT = path.join(__dirname, '..');
const { scripts } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as {
	scripts: Record<string, string>;
};

/** The scripts that are programs of ours, and the file of each. */
const PROGRAMS = Object.entries(scripts).flatMap(([script, command]) => {
	const file = /test\/live\/\w+\/main\.ts/.exec(command)?.[0];
	return file === undefined ? [] : [[script, file] as const];
});

// Most of them need a real n8n and many minutes: CI runs some, and of the others, that they load and what they say.
describe.each(PROGRAMS)('npm run %s', (script, file) => {
	const run = (option: string) => {
		const { stderr, status } = spawnSync(process.execPath, [file, option], {
			cwd: PROJECT,
			encoding: 'utf8',
			timeout: 60_000,
		});
		return { stderr, status };
	};

	it('says what its options are', () => {
		expect(run('--help').stderr).toContain(`npm run ${script}`);
	});

	it('refuses an option that there is not', () => {
		const { stderr, status } = run('--unheard-of');
		expect(stderr).toContain('Unknown options: --unheard-of');
		expect(status).toBe(1);
	});
});
