import type { INodeParameters } from 'n8n-workflow';

import { useMockApi } from '../../../support/api';
import { runNode } from '../../../support/engine';
import { JOBS } from '../../../support/paths';

describe('Event types', () => {
	const api = useMockApi();

	const hintsOf = async (filters: INodeParameters) => {
		api()
			.get(JOBS, { body: [] })
			.post({ status: 201, body: { job_id: 'a' } });
		const { hints, error } = await runNode({ operation: 'create', filters });
		expect(error).toBeUndefined();
		return hints.map(({ message }) => message);
	};

	it.each<[string, INodeParameters, string]>([
		[
			'the name of an event',
			{ customEventTypes: 'Signed Up' },
			'No known event type: "Signed Up".',
		],
		['the id of a feature', { customEventTypes: '668' }, 'No known event type: "668".'],
		[
			'an interaction',
			{ customEventTypes: 'track\nchecklist:2:SEEN' },
			'No known event type: "checklist:2:SEEN".',
		],
		[
			'a type in other letters',
			{ customEventTypes: 'Page View' },
			'"Page View" (did you mean page_view?).',
		],
		[
			'a name from an expression',
			{ eventTypes: '={{ ["trackFeature"] }}' },
			'(did you mean track_feature?).',
		],
		['more than one can read', { customEventTypes: 'a,b,c,d,e,f' }, '"a", "b", "c", "d", "e" ….'],
	])('with %s give a hint', async (_, filters, words) => {
		const hints = await hintsOf(filters);
		expect(hints).toHaveLength(1);
		expect(hints[0]).toContain(words);
		expect(hints[0]).toMatch(/Event names are not types: .* filter the rows by event_name\.$/);
	});

	it('that the API knows give no hint', async () => {
		const customEventTypes = 'track, session_start\nidentify_company';
		expect(await hintsOf({ customEventTypes, eventTypes: ['page_view'] })).toEqual([]);
		expect(await hintsOf({})).toEqual([]);
	});
});
