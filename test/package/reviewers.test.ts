import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties } from 'n8n-workflow';

import { UserpilotApi } from '../../credentials/UserpilotApi.credentials';
import { resources } from '../../nodes/Userpilot/actions/resources';
import { Userpilot } from '../../nodes/Userpilot/Userpilot.node';
import { UserpilotTrigger } from '../../nodes/Userpilot/UserpilotTrigger.node';
import { textsOfCode } from '../support/texts';

// What n8n's reviewers ask of a verified node, and n8n's lint does not check.
const ROOT = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

type Named = [path: string, field: INodeProperties];

/** Every field by its path, those within collections too. */
const fieldsIn = (fields: INodeProperties[], path: string): Named[] =>
	fields.flatMap((field): Named[] => {
		const own = `${path} > ${field.displayName}`;
		const inner = (field.options ?? []).flatMap((option) => {
			if ('values' in option) return fieldsIn(option.values, own);
			return 'displayName' in option ? fieldsIn([option], own) : [];
		});
		return [[own, field], ...inner];
	});

const trigger = new UserpilotTrigger().description;
const credential = new UserpilotApi();
const fields = [
	...fieldsIn(new Userpilot().description.properties, 'Node'),
	...fieldsIn(trigger.properties, 'Trigger'),
	...fieldsIn(credential.properties, 'Credential'),
];

describe('the fields', () => {
	/** Date Range is in the order of time; the domains are n8n's own field. */
	const ORDERED_OTHERWISE = ['dateRange', 'allowedHttpRequestDomains'];

	it('have options in alphabetical order, also those that code builds', () => {
		const lists = fields.filter(
			([, { name, options }]) => options && !ORDERED_OTHERWISE.includes(name),
		);
		expect(lists.length).toBeGreaterThan(20);
		for (const [path, { options }] of lists) {
			const names = options!.map((option) =>
				'displayName' in option ? option.displayName : option.name,
			);
			expect([path, names]).toEqual([path, [...names].sort((a, b) => a.localeCompare(b))]);
		}
	});

	it('begin with Trigger On in the trigger', () => {
		const [first] = trigger.properties.filter(({ type }) => type !== 'notice');
		expect(first).toMatchObject({ displayName: 'Trigger On', name: 'event' });
	});

	it('are in single quotes where a text names them', () => {
		const names = new Set(fields.map(([, { displayName }]) => displayName));
		const quoted = textsOfCode().flatMap(({ file, text }) =>
			[...text.matchAll(/"([A-Z][^"]*)"/g)]
				.filter(([, name]) => names.has(name!))
				.map(([match]) => `${file}: ${match}`),
		);
		expect(quoted).toEqual([]);
	});
});

describe('the actions', () => {
	const actions = resources.flatMap(({ operations }) => operations.map(({ action }) => action));

	it.each(actions)('%s: a verb in sentence case, without articles', (action) => {
		expect(action).toMatch(/^[A-Z][a-z]+ [^.]+$/);
		expect(action).not.toMatch(/\b(a|an|the)\b/i);
		const words = action.slice(1).replace(/\bIDs\b/, 'ids');
		expect(words).toBe(words.toLowerCase());
	});
});

describe.each(['Userpilot', 'UserpilotTrigger'])('%s.node.json', (name) => {
	const codex = JSON.parse(read(`nodes/Userpilot/${name}.node.json`)) as {
		categories: string[];
		resources: Record<string, Array<{ url: string }>>;
	};

	it('has categories of the list that n8n allows', () => {
		const allowed = [
			...['Analytics', 'Communication', 'Data & Storage', 'Development', 'Finance & Accounting'],
			...['Marketing & Content', 'Miscellaneous', 'Productivity', 'Sales', 'Utility'],
		];
		expect(codex.categories.length).toBeGreaterThan(0);
		expect(allowed).toEqual(expect.arrayContaining(codex.categories));
	});

	it('links to pages of ours, one for the node and one for the credential', () => {
		const links = Object.values(codex.resources).flatMap((pages) => pages.map(({ url }) => url));
		expect(links).toHaveLength(2);
		expect(links).toContain(credential.documentationUrl);
		for (const link of links) {
			// n8n adds a query behind the link, so no fragment would match.
			const [, page] = /^https:\/\/github\.com\/[\w-]+\/[\w-]+\/blob\/main\/([\w./-]+)$/.exec(
				link,
			)!;
			expect([page, existsSync(join(ROOT, page!))]).toEqual([page, true]);
		}
	});
});

describe('README.md', () => {
	const sections = [...read('README.md').matchAll(/^## (.+)$/gm)].map(([, title]) => title!);

	it('has the sections of n8n’s template in its order, Installation first', () => {
		const template = [
			...['Installation', 'Operations', 'Credentials', 'Compatibility'],
			...['Usage', 'Resources', 'Version history'],
		];
		expect(sections.slice(0, template.length)).toEqual(template);
	});

	it('links to Userpilot’s page on the API and to n8n’s on community nodes', () => {
		const [, resources] = read('README.md').split('\n## Resources\n');
		expect(resources).toContain('https://docs.userpilot.com/api-references/export/');
		expect(resources).toContain('https://docs.n8n.io/integrations/community-nodes/');
	});
});
