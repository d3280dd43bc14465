import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import packageJson from '../../package.json';

const GITHUB = join(__dirname, '../../.github');
const WORKFLOWS = readdirSync(join(GITHUB, 'workflows'));

interface Job {
	uses?: string;
	needs?: string;
	if?: string;
	permissions?: Record<string, string>;
	'continue-on-error'?: boolean;
	strategy?: { matrix: { node: number[] } };
	steps?: Array<{ uses?: string; run?: string; if?: string; 'continue-on-error'?: boolean }>;
}

interface Workflow {
	on: Record<string, { tags?: string[] } | null>;
	permissions: Record<string, string>;
	jobs: Record<string, Job>;
}

const read = (file: string): unknown => parse(readFileSync(join(GITHUB, file), 'utf8'));
const workflow = (name: string) => read(`workflows/${name}`) as Workflow;
const runs = ({ steps = [] }: Job) => steps.flatMap(({ run }) => run ?? []);

describe('the workflows', () => {
	it.each(WORKFLOWS)('%s names only npm scripts and workflows that exist', (name) => {
		for (const job of Object.values(workflow(name).jobs)) {
			if (job.uses) expect(WORKFLOWS).toContain(job.uses.replace('./.github/workflows/', ''));
			for (const [, script] of runs(job)
				.join('\n')
				.matchAll(/npm run ([\w:]+)/g)) {
				expect(packageJson.scripts).toHaveProperty([script!]);
			}
		}
	});

	it.each(WORKFLOWS)('%s may only read, takes pinned actions, and lets no failure pass', (name) => {
		const { permissions, jobs } = workflow(name);
		expect(permissions).toEqual({ contents: 'read' });
		for (const [id, job] of Object.entries(jobs)) {
			if (id !== 'publish') expect(job).not.toHaveProperty('permissions');
			for (const part of [job, ...(job.steps ?? [])]) {
				expect(part).not.toHaveProperty('if');
				expect(part).not.toHaveProperty('continue-on-error');
			}
			for (const { uses } of job.steps ?? []) {
				if (uses) expect(uses).toMatch(/@(v\d+|[0-9a-f]{40})$/);
			}
		}
	});

	it('test with lint, tests and the scan on each Node that a host uses', () => {
		const { test } = workflow('test.yml').jobs;
		expect(test!.strategy!.matrix.node).toEqual([20, 22, 24]);
		expect(runs(test!)).toEqual([
			'npm install --no-save',
			'npm run lint',
			'npm test',
			'npm run verify',
		]);
		expect(Object.keys(workflow('ci.yml').on)).toEqual(['pull_request', 'push']);
		expect(workflow('ci.yml').jobs.test!.uses).toBe('./.github/workflows/test.yml');
	});

	it('publish a tag that is the version, after the same tests and the scan, with provenance', () => {
		const { on, jobs } = workflow('publish.yml');
		expect(on).toEqual({ push: { tags: ['v*'] } });
		expect(Object.keys(jobs)).toEqual(['test', 'publish']);
		expect(jobs.test).toEqual(workflow('ci.yml').jobs.test);
		expect(jobs.publish!.needs).toBe('test');
		expect(jobs.publish!.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
		const commands = runs(jobs.publish!);
		expect(commands[0]).toMatch(/^test "\$GITHUB_REF_NAME" = "v\$\(node -p /);
		expect(commands.at(-1)).toBe('npm publish --provenance --access public');
		expect(packageJson.scripts.prepublishOnly).toBe('npm run verify');
	});
});

describe('the templates', () => {
	it.each(['bug.yml', 'feature.yml'])('%s asks for no keys and links', (name) => {
		const text = JSON.stringify(read(`ISSUE_TEMPLATE/${name}`));
		expect(text).toMatch(/remove API keys and links to files/);
	});

	it('ask for what a bug is found with', () => {
		const { body } = read('ISSUE_TEMPLATE/bug.yml') as { body: Array<{ id?: string }> };
		const ids = body.flatMap(({ id }) => id ?? []);
		expect(ids).toEqual(expect.arrayContaining(['n8n-version', 'mode', 'operation', 'error']));
	});

	it('keep npm and the actions up to date', () => {
		const { updates } = read('dependabot.yml') as {
			updates: Array<{ 'package-ecosystem': string }>;
		};
		expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions']);
	});
});
