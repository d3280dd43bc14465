import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DateTime } from 'luxon';
import type { INodeProperties, INodeTypeDescription } from 'n8n-workflow';

import { Userpilot } from '../nodes/Userpilot/Userpilot.node';
import { UserpilotTrigger } from '../nodes/Userpilot/UserpilotTrigger.node';

interface ExampleNode {
	name: string;
	type: string;
	position: [number, number];
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	retryOnFail?: boolean;
	executeOnce?: boolean;
}

interface ExampleFile {
	name: string;
	settings: { timezone?: string; saveDataSuccessExecution?: string };
	nodes: ExampleNode[];
	connections: Record<string, { main: Array<Array<{ node: string }>> }>;
}

const EXAMPLES = path.join(__dirname, '..', 'examples');
const FILES = readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'));
const STICKY_NOTE = 'n8n-nodes-base.stickyNote';
/** Loop Over Items: a connection may lead back to it. */
const LOOP = 'n8n-nodes-base.splitInBatches';
/** A connection may lead back from it. */
const IF = 'n8n-nodes-base.if';
const TRIGGER = 'n8n-nodes-userpilot.userpilotTrigger';
const POSTGRES = 'n8n-nodes-base.postgres';
/** They use no export. */
const WITHOUT_OURS = ['events-as-they-happen.json'];
/** How large the editor draws a node, with its name below. */
const NODE_SIZE = { width: 96, height: 150 };

const OURS: Record<string, INodeTypeDescription> = {
	'n8n-nodes-userpilot.userpilot': new Userpilot().description,
	'n8n-nodes-userpilot.userpilotTrigger': new UserpilotTrigger().description,
};

/** Fields that n8n adds to triggers and tools. */
const BY_N8N = ['pollTimes', 'descriptionType', 'toolDescription'];

const read = (file: string) =>
	JSON.parse(readFileSync(path.join(EXAMPLES, file), 'utf8')) as ExampleFile;

/** The fields of a node that these parameters choose, as far as resource and operation decide. */
const fieldsFor = (
	{ properties }: INodeTypeDescription,
	parameters: Record<string, unknown>,
): INodeProperties[] => {
	const chosen = new Map<string, unknown>(Object.entries(parameters));
	const isShown = ({ displayOptions }: INodeProperties) =>
		['resource', 'operation'].every((name) => {
			const values = displayOptions?.show?.[name];
			return values === undefined || (values as unknown[]).includes(chosen.get(name));
		});
	// The default of an operation depends on the resource, which comes first.
	for (const field of properties) {
		const { name, default: preset } = field;
		if (['resource', 'operation'].includes(name) && !chosen.has(name) && isShown(field))
			chosen.set(name, preset);
	}
	return properties.filter(isShown);
};

/** What is set that the node does not have: fields, fields of collections, and values of lists. */
function unknownSettings(
	description: INodeTypeDescription,
	parameters: Record<string, unknown>,
): string[] {
	const fields = fieldsFor(description, parameters);
	return Object.entries(parameters).flatMap(([name, value]) => {
		const entries = fields.filter((field) => field.name === name);
		if (entries.length === 0) return BY_N8N.includes(name) ? [] : [name];
		const offered = entries.flatMap(({ options = [] }) => options);
		const isCollection = entries.some(({ type }) => /collection/i.test(type));
		if (isCollection) {
			const known = offered.map((option) => option.name);
			return Object.keys(value as object)
				.filter((option) => !known.includes(option))
				.map((option) => `${name}.${option}`);
		}
		const isList = entries[0]!.type === 'options' && !String(value).startsWith('=');
		const isOffered = offered.some((option) => 'value' in option && option.value === value);
		return isList && !isOffered ? [`${name}: ${String(value)}`] : [];
	});
}

/** Whether a node gets items from another one, also through others. */
function leadsTo(
	connections: ExampleFile['connections'],
	from: string,
	to: string,
	seen = new Set<string>(),
): boolean {
	if (seen.has(from)) return false;
	seen.add(from);
	const next = connections[from]?.main.flat().map(({ node }) => node) ?? [];
	return next.some((node) => node === to || leadsTo(connections, node, to, seen));
}

describe.each(FILES)('examples/%s', (file) => {
	const { name, nodes, connections, settings } = read(file);
	const working = nodes.filter(({ type }) => type !== STICKY_NOTE);

	it('says what it does and needs', () => {
		expect(name).toMatch(/^Userpilot: [a-z]/);
		const notes = nodes.filter(({ type }) => type === STICKY_NOTE);
		expect(notes).toHaveLength(1);
		const { content } = notes[0]!.parameters as { content: string };
		expect(content).toMatch(/^## /);
		expect(content).toContain('**Set up:**');
		for (const [, mentioned] of content.matchAll(/in \*\*(.+?)\*\*/g)) {
			const isKnown = working.some((node) => node.name === mentioned);
			if (!['Data tables'].includes(mentioned!))
				expect([mentioned, isKnown]).toEqual([mentioned, true]);
		}
	});

	it('names the settings, which n8n’s editor does not import', () => {
		const { content } = nodes.find(({ type }) => type === STICKY_NOTE)!.parameters;
		expect(content).toContain('Error Workflow**');
		if (settings.timezone) expect(content).toContain('**Timezone** to UTC');
		if (settings.saveDataSuccessExecution)
			expect(content).toContain('**Save successful production executions** to Do not save');
	});

	it('holds no id of a credential, no secret and nothing of the n8n that it comes from', () => {
		for (const { credentials = {} } of nodes) {
			for (const { id } of Object.values(credentials)) expect(id).toBe('');
		}
		const text = readFileSync(path.join(EXAMPLES, file), 'utf8');
		expect(text).not.toMatch(
			/instanceId|webhookId|versionId|pinData|127\.0\.0\.1|localhost|xox[bp]-/,
		);
	});

	it('is made of our nodes and of n8n’s own, without code', () => {
		for (const { type } of nodes) {
			expect(type in OURS || type.startsWith('n8n-nodes-base.')).toBe(true);
			expect(type).not.toMatch(/\.(code|function|executeCommand)/);
		}
		// An error workflow is for the failures of ours.
		const isOfUse = ({ type }: ExampleNode) => type in OURS || type.endsWith('.errorTrigger');
		expect(working.some(isOfUse)).toBe(!WITHOUT_OURS.includes(file));
	});

	it('sets only what our nodes have', () => {
		for (const { type, parameters } of nodes.filter(({ type }) => type in OURS)) {
			expect(unknownSettings(OURS[type]!, parameters)).toEqual([]);
		}
	});

	// n8n empties the other fields of a Google Sheets node when a person changes its document.
	it('asks for the address of a Google Sheet in a node of its own', () => {
		const sheets = working.filter(({ type }) => type === 'n8n-nodes-base.googleSheets');
		for (const { parameters } of sheets) {
			expect(JSON.stringify(parameters.documentId)).toContain("={{ $('Your Google Sheet')");
		}
	});

	it('connects every node', () => {
		const reached = Object.values(connections).flatMap(({ main }) =>
			main.flat().map(({ node }) => node),
		);
		const linked = new Set([...Object.keys(connections), ...reached]);
		expect([...linked].sort()).toEqual(working.map((node) => node.name).sort());
	});

	it('is laid out from left to right, and no note lies on a node', () => {
		for (const [from, { main }] of Object.entries(connections)) {
			const typeOf = (wanted: string) => nodes.find((node) => node.name === wanted)!.type;
			const isBack = ({ node }: { node: string }) =>
				(typeOf(node) === LOOP || typeOf(from) === IF) && leadsTo(connections, node, from);
			for (const { node } of main.flat().filter((target) => !isBack(target))) {
				const [x1, x2] = [from, node].map(
					(wanted) => nodes.find((candidate) => candidate.name === wanted)!.position[0],
				);
				expect(x2).toBeGreaterThan(x1!);
			}
		}
		const { position, parameters } = nodes.find(({ type }) => type === STICKY_NOTE)!;
		const bottom = position[1] + Number(parameters.height);
		const [left, right] = [position[0], position[0] + Number(parameters.width)];
		for (const {
			position: [x, y],
		} of working) {
			const isBeside = x >= right || x + NODE_SIZE.width <= left || y >= bottom;
			expect(isBeside).toBe(true);
		}
	});
});

describe('examples/data-dictionary.json', () => {
	const { nodes } = read('data-dictionary.json');

	it('is one node of ours, which gets all names', () => {
		const ours = nodes.filter(({ type }) => type in OURS);
		expect(ours.map(({ parameters: { operation } }) => operation)).toEqual(['getNames']);
	});

	it('keeps ID and key of each record, and tells records apart by both', () => {
		const table = nodes.find(({ parameters: { operation } }) => operation === 'upsert')!;
		const { filters, columns } = table.parameters as {
			filters: { conditions: Array<{ keyName: string }> };
			columns: { value: Record<string, string> };
		};
		const names = ['kind', 'userpilot_id', 'key', 'name'];
		expect(Object.keys(columns.value)).toEqual(names);
		expect(filters.conditions.map(({ keyName }) => keyName)).toEqual(names.slice(0, 3));
	});
});

const withPostgres = FILES.filter((file) => read(file).nodes.some(({ type }) => type === POSTGRES));

describe.each(withPostgres)('examples/%s, with PostgreSQL', (file) => {
	const { nodes, settings } = read(file);

	it('retries what talks to a network', () => {
		const once = nodes.filter(
			({ type }) => type === POSTGRES || (type in OURS && type !== TRIGGER),
		);
		expect(once.filter(({ retryOnFail }) => !retryOnFail)).toEqual([]);
	});

	it('does not save the rows of executions that succeed', () => {
		expect(settings.saveDataSuccessExecution).toBe('none');
	});

	it('hands rows over in batches, as text', () => {
		const loops = nodes.filter(
			({ type, parameters }) => type === LOOP && 'batchSize' in parameters,
		);
		const upserts = nodes.filter(({ parameters: { query } }) =>
			/^SELECT userpilot_upsert\w*\(\$1\) AS changed;$/.test(String(query)),
		);
		expect(upserts).toHaveLength(loops.length);
		expect(loops.every(({ parameters: { batchSize } }) => batchSize === 1_000)).toBe(true);
		expect(upserts.every(({ executeOnce }) => executeOnce)).toBe(true);
	});
});

describe('the SQL of the examples', () => {
	/** Tables, indexes and functions, by name: the text of each in every example. */
	const definitions = new Map<string, string[]>();
	for (const file of withPostgres) {
		const queries = read(file).nodes.map(({ parameters: { query } }) => String(query ?? ''));
		for (const paragraph of queries.flatMap((query) => query.split('\n\n'))) {
			const name = /^CREATE (?:OR REPLACE )?\w+ (?:IF NOT EXISTS )?(userpilot_\w+)/m.exec(
				paragraph,
			);
			if (name) definitions.set(name[1]!, [...(definitions.get(name[1]!) ?? []), paragraph.trim()]);
		}
	}

	it('stands in several examples', () => {
		expect(definitions.get('userpilot_upsert')?.length).toBeGreaterThan(1);
		expect(definitions.get('userpilot_json')?.length).toBeGreaterThan(2);
	});

	it.each([...definitions])('defines %s the same way everywhere', (_, texts) => {
		expect([...new Set(texts)]).toHaveLength(1);
	});
});

describe('docs/ai-agent.json', () => {
	const { nodes } = read('../docs/ai-agent.json');
	const tools = nodes.filter(({ type }) => type === 'n8n-nodes-userpilot.userpilotTool');

	it.each(tools.map(({ name, parameters }) => [name, parameters] as const))(
		'%s sets only what our node has',
		(_, parameters) => {
			expect(unknownSettings(new Userpilot().description, parameters)).toEqual([]);
		},
	);

	it('keeps answers small: limited groups, and rows of few columns', () => {
		const returning = tools.map(({ parameters: { operation, output = 'rows', ...others } }) => ({
			output: ['createAndWait', 'download'].includes(String(operation)) ? output : 'none',
			...(others as { returnAll?: boolean; options?: { outputFields?: string } }),
		}));
		const summaries = returning.filter(({ output }) => output === 'summary');
		expect(summaries.map(({ returnAll }) => returnAll)).toEqual([false, false, false]);
		const rows = returning.filter(({ output }) => output === 'rows');
		expect(rows.every(({ options }) => options?.outputFields?.includes('event_label'))).toBe(true);
	});
});

/** Schedules by the hour; those by the minute are at no time of the day. */
const hourly = FILES.filter((file) => !WITHOUT_OURS.includes(file)).flatMap((file) => {
	const { nodes, settings } = read(file);
	return nodes
		.flatMap(({ parameters }) => (parameters.rule as Rule | undefined)?.interval ?? [])
		.flatMap(({ triggerAtHour: hour }) => (hour === undefined ? [] : [{ file, settings, hour }]));
});

interface Rule {
	interval: Array<{ triggerAtHour?: number }>;
}

/** Its date in the zone that it is in, as a number. */
const dayOf = ({ year, month, day }: DateTime) => Date.UTC(year, month - 1, day);

describe.each(hourly)('examples/$file, at $hour:00', ({ settings, hour }) => {
	it('runs in UTC, after the hours in which events of the day before still come', () => {
		expect(settings.timezone).toBe('Etc/UTC');
		expect(hour).toBeGreaterThanOrEqual(3);
	});

	// n8n may import the nodes alone, and then runs them in its own zone.
	it('skips and repeats no day in any zone whose clocks change', () => {
		const months = Array.from({ length: 12 }, (_, month) => month + 1);
		const changing = Intl.supportedValuesOf('timeZone').flatMap((zone) => {
			const runs = months.map((month) => DateTime.local(2026, month, 15, hour, { zone }));
			const offsets = new Set(runs.map(({ offset }) => offset));
			const daysBetween = new Set(runs.map((run) => dayOf(run.toUTC()) - dayOf(run)));
			return offsets.size > 1 ? [{ zone, daysBetween: daysBetween.size }] : [];
		});
		expect(changing.length).toBeGreaterThan(100);
		expect(changing.filter(({ daysBetween }) => daysBetween > 1)).toEqual([]);
	});
});
