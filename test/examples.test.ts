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
}

interface ExampleFile {
	name: string;
	settings: { timezone?: string };
	nodes: ExampleNode[];
	connections: Record<string, { main: Array<Array<{ node: string }>> }>;
}

const EXAMPLES = path.join(__dirname, '..', 'examples');
const FILES = readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'));
const STICKY_NOTE = 'n8n-nodes-base.stickyNote';
/** How large the editor draws a node, with its name below. */
const NODE_SIZE = { width: 96, height: 150 };

const OURS: Record<string, INodeTypeDescription> = {
	'n8n-nodes-userpilot.userpilot': new Userpilot().description,
	'n8n-nodes-userpilot.userpilotTrigger': new UserpilotTrigger().description,
};

const read = (file: string) =>
	JSON.parse(readFileSync(path.join(EXAMPLES, file), 'utf8')) as ExampleFile;

/** Names of options of a collection, wherever the operation shows it. */
const optionNames = (properties: INodeProperties[], name: string): string[] =>
	properties
		.filter((property) => property.name === name)
		.flatMap(({ options = [] }) => options.map((option) => option.name));

describe.each(FILES)('examples/%s', (file) => {
	const { name, nodes, connections } = read(file);
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
		expect(working.some(({ type }) => type in OURS)).toBe(true);
	});

	it('sets only what our nodes have', () => {
		for (const { type, parameters } of nodes.filter(({ type }) => type in OURS)) {
			const { properties } = OURS[type]!;
			const known = [...properties.map((property) => property.name), 'pollTimes'];
			expect(known).toEqual(expect.arrayContaining(Object.keys(parameters)));
			const options = Object.keys((parameters.options as object | undefined) ?? {});
			expect(optionNames(properties, 'options')).toEqual(expect.arrayContaining(options));
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
			for (const { node } of main.flat()) {
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

/** Schedules by the hour; those by the minute are at no time of the day. */
const hourly = FILES.flatMap((file) => {
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
