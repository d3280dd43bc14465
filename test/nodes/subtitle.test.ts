import type { INodeParameters } from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';

import { lookups } from '../../nodes/Userpilot/actions/lookup/lookups';
import { resources } from '../../nodes/Userpilot/actions/resources';
import { subtitle } from '../../nodes/Userpilot/subtitle';
import { oneNodeWorkflow, types } from '../support/engine';

/** The subtitle as the editor works it out, which shows none where that fails. */
function subtitleOf(parameters: INodeParameters): unknown {
	const nodeTypes = {
		getByName: (name: string) => types[name]!,
		getByNameAndVersion: (name: string) => types[name]!,
		getKnownTypes: () => ({}),
	};
	const workflow = new Workflow({
		...oneNodeWorkflow(parameters),
		active: false,
		nodeTypes,
	});
	const node = workflow.getNode('Userpilot')!;
	return workflow.expression.getSimpleParameterValue(node, subtitle, 'internal', {});
}

describe('The subtitle', () => {
	const START = { operation: 'create' };
	const CUSTOM = { dateRange: 'custom', from: '2024-05-02T00:00:00', to: '2024-05-31' };

	it.each<[string, INodeParameters]>([
		['export: last 7 days → rows', {}],
		['export: last 7 days', START],
		['export: previous week', { ...START, dateRange: 'previousWeek' }],
		['export: yesterday → files', { dateRange: 'yesterday', output: 'files' }],
		['export: 2024-05-02 to 2024-05-31 → file links', { ...CUSTOM, output: 'links' }],
		['export: … to … → job', { dateRange: 'custom', output: 'job' }],
		['export: yesterday', { ...START, dateRange: '={{ "yesterday" }}' }],
		['export: …', { ...START, dateRange: '={{ "of the run" }}' }],
		['export: … → rows', { dateRange: "={{ $fromAI('date_range', 'The days') }}" }],
		['export: … → rows', { dateRange: '={{ $json.days }}' }],
		['export: … → rows', { dateRange: "={{ $('Start').first().json.x }}" }],
		['job: get many', { resource: 'job' }],
		['job: get', { resource: 'job', operation: 'get' }],
		['job: wait → job', { resource: 'job', operation: 'wait' }],
		['job: download → rows', { resource: 'job', operation: 'download' }],
		['job: download → files', { resource: 'job', operation: 'download', output: 'files' }],
		['lookup: segments', { resource: 'lookup' }],
		['lookup: features and events', { resource: 'lookup', operation: 'getFeaturesAndEvents' }],
	])('is "%s"', (text, parameters) => {
		expect(subtitleOf(parameters)).toBe(text);
	});

	it('tells every operation from every other', () => {
		const subtitles = resources.flatMap(({ value: resource, operations }) =>
			operations.map(({ value: operation }) => subtitleOf({ resource, operation })),
		);
		expect(new Set(subtitles).size).toBe(lookups.length + 7);
	});
});
