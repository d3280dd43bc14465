import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import packageJson from '../../package.json';

const GITHUB = join(__dirname, '../../.github');
const WORKFLOWS = readdirSync(join(GITHUB, 'workflows'));

interface Step {
	uses?: string;
	run?: string;
	with?: Record<string, unknown>;
}

interface Job {
	uses?: string;
	needs?: string;
	permissions?: Record<string, string>;
	strategy?: { matrix: { node: number[] } };
	steps?: Step[];
}

interface Workflow {
	on: Record<string, { tags?: string[] } | null>;
	permissions: Record<string, string>;
	jobs: Record<string, Job>;
}

const text = (file: string) => readFileSync(join(GITHUB, file), 'utf8');
const read = (file: string): unknown => parse(text(file));
const workflow = (name: string) => read(`workflows/${name}`) as Workflow;
const runs = ({ steps = [] }: Job) => steps.flatMap(({ run }) => run ?? []);
/** Actions without their version, such as `checkout`. */
const actions = ({ steps = [] }: Job) =>
	steps.flatMap(({ uses }) => (uses ? /^actions\/([^@]+)@/.exec(uses)![1]! : []));

describe.each(WORKFLOWS)('%s', (name) => {
	const { permissions, jobs } = workflow(name);
	const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);

	it('names only npm scripts and workflows that exist', () => {
		for (const job of Object.values(jobs)) {
			if (job.uses) expect(WORKFLOWS).toContain(job.uses.replace('./.github/workflows/', ''));
			const scripts = [
				...runs(job)
					.join('\n')
					.matchAll(/npm run ([\w:]+)/g),
			];
			for (const [, script] of scripts) expect(packageJson.scripts).toHaveProperty([script!]);
		}
	});

	it('may only read, and lets no failure pass', () => {
		expect(permissions).toEqual({ contents: 'read' });
		for (const [id, job] of Object.entries(jobs)) {
			if (id !== 'publish') expect(job).not.toHaveProperty('permissions');
			for (const part of [job, ...(job.steps ?? [])]) {
				expect(part).not.toHaveProperty('if');
				expect(part).not.toHaveProperty('continue-on-error');
			}
		}
	});

	it('pins each action by its commit, with the version beside it', () => {
		const used = [...text(`workflows/${name}`).matchAll(/- uses: (.+)$/gm)];
		for (const [, action] of used) {
			expect(action).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
		}
		expect(used).toHaveLength(steps.filter(({ uses }) => uses).length);
	});

	it('leaves no token in a checkout', () => {
		for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))) {
			expect(step.with).toMatchObject({ 'persist-credentials': false });
		}
	});

	it('installs what the lock file names, and nothing else', () => {
		for (const { run = '' } of steps) {
			expect(run).not.toMatch(/\bnpx\b|\bnpm (install|i|add|exec|update)\b/);
		}
	});
});

describe('the workflows', () => {
	it('test with lint, tests and the scan on each Node that a host uses', () => {
		const { test } = workflow('test.yml').jobs;
		expect(test!.strategy!.matrix.node).toEqual([20, 22, 24]);
		expect(runs(test!)).toEqual(['npm ci', 'npm run lint', 'npm test', 'npm run verify']);
		expect(Object.keys(workflow('ci.yml').on)).toEqual(['pull_request', 'push']);
		expect(workflow('ci.yml').jobs.test!.uses).toBe('./.github/workflows/test.yml');
	});

	it('pack a tag that is the version, after the same tests and the scan', () => {
		const { on, jobs } = workflow('publish.yml');
		expect(on).toEqual({ push: { tags: ['v*'] } });
		expect(Object.keys(jobs)).toEqual(['test', 'pack', 'publish']);
		expect(jobs.test).toEqual(workflow('ci.yml').jobs.test);
		expect(jobs.pack!.needs).toBe('test');
		const [tag, ...commands] = runs(jobs.pack!);
		expect(tag).toMatch(/^test "\$GITHUB_REF_NAME" = "v\$\(node -p /);
		expect(commands).toEqual(['npm ci', 'npm run verify', 'npm pack --ignore-scripts']);
		expect(actions(jobs.pack!).at(-1)).toBe('upload-artifact');
	});

	it('publish that tarball with provenance, in a job that runs no code of a dependency', () => {
		const { pack, publish } = workflow('publish.yml').jobs;
		expect(publish!.needs).toBe('pack');
		expect(publish!.permissions).toEqual({ 'id-token': 'write' });
		expect(actions(publish!)).toEqual(['setup-node', 'download-artifact']);
		expect(runs(publish!)).toEqual([
			'npm publish ./n8n-nodes-userpilot-*.tgz --provenance --access public --ignore-scripts',
		]);
		const [uploaded, downloaded] = [pack, publish].map(
			(job) => job!.steps!.find(({ uses }) => uses?.includes('load-artifact@'))!.with!.name,
		);
		expect(downloaded).toBe(uploaded);
	});
});

describe('the templates', () => {
	it.each(['bug.yml', 'feature.yml'])('%s asks people to remove keys and links', (name) => {
		expect(text(`ISSUE_TEMPLATE/${name}`)).toMatch(/remove API keys and links to files/);
	});

	it('ask for what helps to find a bug', () => {
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
