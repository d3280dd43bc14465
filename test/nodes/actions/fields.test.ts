import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { UserpilotApi } from '../../../credentials/UserpilotApi.credentials';
import { resources } from '../../../nodes/Userpilot/actions/resources';
import { Userpilot } from '../../../nodes/Userpilot/Userpilot.node';
import { UserpilotTrigger } from '../../../nodes/Userpilot/UserpilotTrigger.node';

type Named = [path: string, field: INodeProperties];

/** Behind a collection a hidden field keeps an expression for all of it. */
const isShown = ({ type }: INodeProperties) => type !== 'hidden';

/** Every field, those within collections too. */
const fieldsIn = (fields: INodeProperties[], path = ''): Named[] =>
	fields
		.filter(isShown)
		.flatMap((field): Named[] => [
			[`${path}${field.displayName}`, field],
			...(field.type === 'collection'
				? fieldsIn(field.options as INodeProperties[], `${field.displayName} > `)
				: []),
		]);

const fields = [
	...fieldsIn(new Userpilot().description.properties, 'Node: '),
	...fieldsIn(new UserpilotTrigger().description.properties, 'Trigger: '),
	...fieldsIn(new UserpilotApi().properties, 'Credential: '),
];

const titled = (named: Named[]) => named.map(([path]) => path);
const ofType = (...types: string[]) => fields.filter(([, { type }]) => types.includes(type));
/** Fields that speak for themselves: what they hold stands below them. */
const SELF_EVIDENT = ['Resource', 'Operation', 'Filters', 'Options'];

describe('The fields, as a person sees them for the first time', () => {
	it('are many', () => {
		expect(fields.length).toBeGreaterThan(60);
	});

	it('have an example wherever one types text or a date', () => {
		const typed = ofType('string', 'dateTime').filter(
			([, { typeOptions }]) => typeOptions?.password !== true,
		);
		expect(typed.length).toBeGreaterThan(10);
		expect(
			titled(typed.filter(([, { placeholder }]) => !/^e\.g\. \S/.test(placeholder ?? ''))),
		).toEqual([]);
	});

	it('have an example, or ask to select, in every mode of a resource locator', () => {
		const modes = ofType('resourceLocator').flatMap(([path, field]) =>
			field.modes!.map(({ name, placeholder }) => [`${path} > ${name}`, placeholder] as const),
		);
		expect(modes.length).toBeGreaterThan(3);
		expect(
			modes.filter(([, placeholder]) => !/^e\.g\. \S|^Select a \w+\.{3}$/.test(placeholder ?? '')),
		).toEqual([]);
	});

	it('have a description', () => {
		const described = fields.filter(
			([, { displayName, type }]) => type !== 'notice' && !SELF_EVIDENT.includes(displayName),
		);
		expect(titled(described.filter(([, { description, hint }]) => !(description ?? hint)))).toEqual(
			[],
		);
	});

	it('have a description at every option, which says more than its name', () => {
		const options = ofType('options', 'multiOptions').flatMap(([path, field]) =>
			// A list that n8n loads has none.
			((field.options ?? []) as INodePropertyOptions[]).map(({ name, description = '' }) => ({
				path: `${path} > ${name}`,
				says: description.length > 10 && description.toLowerCase() !== name.toLowerCase(),
			})),
		);
		expect(options.length).toBeGreaterThan(60);
		expect(options.filter(({ says }) => !says).map(({ path }) => path)).toEqual([]);
	});

	it('stand in this order: dates, filters, output', () => {
		const [exportResource] = resources;
		const shown = new Userpilot().description.properties
			.filter(isShown)
			.filter(
				({ displayOptions: { show = {} } = {} }) =>
					show.resource?.includes(exportResource!.value) &&
					(show.operation?.includes('createAndWait') ?? true) &&
					!('@tool' in show),
			)
			.map(({ name }) => name);
		expect(shown).toEqual([
			'operation',
			'exportNotice',
			...['dateRange', 'from', 'to', 'filters'],
			...['output', 'groupBy', 'summarize', 'returnAll', 'returnAll', 'limit', 'format', 'options'],
		]);
	});

	it('name the limits of the API', () => {
		const notices = titled(ofType('notice')).join(' ');
		for (const limit of [/one export at a time/, /3 days/, /2 days/, /Enterprise plan/]) {
			expect(notices).toMatch(limit);
		}
	});
});

describe.each(['Userpilot', 'UserpilotTrigger'])('%s in the nodes panel', (name) => {
	const codex = JSON.parse(
		readFileSync(join(__dirname, `../../../nodes/Userpilot/${name}.node.json`), 'utf8'),
	) as { categories: string[]; alias: string[] };

	it('is found by what people look for', () => {
		expect(codex.categories).toContain('Analytics');
		expect(codex.alias).toEqual(
			expect.arrayContaining(['product analytics', 'export', 'events', 'data warehouse']),
		);
		expect(new Set(codex.alias).size).toBe(codex.alias.length);
	});
});

describe('The actions, which describe each tool to an agent', () => {
	const actions = resources.flatMap(({ operations }) => operations.map(({ action }) => action));

	it('are unique, and short enough for the tool name that n8n makes of them', () => {
		expect(new Set(actions).size).toBe(actions.length);
		for (const action of actions) {
			expect(action).toMatch(/^[A-Z][a-z]+ \S/);
			// A model's tools have names of up to 64 characters.
			expect(`${action} in Userpilot`.length).toBeLessThanOrEqual(64);
		}
	});
});
