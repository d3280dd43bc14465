import type { INodeParameters } from 'n8n-workflow';

import { resources } from '../../../nodes/Userpilot/actions/resources';
import {
	jobIdSchema,
	listSchema,
	segmentIdSchema,
} from '../../../nodes/Userpilot/actions/fieldSchemas';
import { useMockApi } from '../../support/api';
import { runNode } from '../../support/engine';
import { JOBS } from '../../support/paths';

describe('A pasted list', () => {
	it.each([
		['one per line', '1\n2\n3', ['1', '2', '3']],
		['with line ends of Windows', '1\r\n2\r\n3\r\n', ['1', '2', '3']],
		['with line ends of old Macs', '1\r2\r3', ['1', '2', '3']],
		['with line ends of documents', '1\u20282\u20293\u00854\v5\f6', ['1', '2', '3', '4', '5', '6']],
		['with commas and line ends', '1, 2,\n3\n\n,4', ['1', '2', '3', '4']],
		['with tabs after entries', '1\t\n2\t\t\n\t3', ['1', '2', '3']],
		['with non-breaking spaces', '\u00a01\u00a0\n2\u202f,\u30003', ['1', '2', '3']],
		['with zero-width characters', '\ufeff1\u200b\n\u200b2\u200d\n\u2060 3\u00ad', ['1', '2', '3']],
		['with a zero-width space inside', '12\u200b34', ['1234']],
		['with direction marks', '\u202a1\u202c\n\u200e2\u200f', ['1', '2']],
		['with duplicates', '1\n2\n1\u200b\n 2', ['1', '2']],
		['with spaces within', 'Ada Lovelace\nGrace Hopper', ['Ada Lovelace', 'Grace Hopper']],
		['with semicolons, which are not separators', '1;2\n3', ['1;2', '3']],
		['with an emoji of several characters', '👩\u200d🚀\n1', ['👩\u200d🚀', '1']],
		['as JSON over several lines', '[\n  "a,b",\r\n  7\n]', ['a,b', '7']],
		['as JSON with long numbers', '[12345678901234567890]', ['12345678901234567890']],
		['with nothing but blanks', ' \n\u200b\r\n,\t', []],
	])('%s', (_, text, entries) => {
		expect(listSchema.parse(text)).toEqual(entries);
	});

	it('an array from an expression is not split further', () => {
		expect(listSchema.parse(['a,b', 'c\nd', ' 7\u200b', 7])).toEqual(['a,b', 'c\nd', '7']);
	});

	it('every list field has several lines', () => {
		const inCollections = resources
			.flatMap(({ operations }) => operations)
			.flatMap(({ properties }) => properties)
			.flatMap(({ options = [] }) => options as unknown as INodeParameters[]);
		const lists = inCollections.filter(({ description = '' }) =>
			/separate several/i.test(String(description)),
		);
		expect(new Set(lists.map(({ name }) => name))).toEqual(
			new Set([
				'companyIds',
				'customEventTypes',
				'emails',
				'fileFilter',
				'outputFields',
				'userIds',
			]),
		);
		for (const { typeOptions } of lists) expect(typeOptions).toMatchObject({ rows: 3 });
	});
});

describe('One pasted ID', () => {
	it.each([' 86f4\t', '\u200b86f4\ufeff', '\u00a086f4\r\n', '86\u200bf4'])('%j', (id) => {
		expect(jobIdSchema.parse(id)).toBe('86f4');
		expect(segmentIdSchema.parse(id)).toBe('86f4');
	});
});

describe('User IDs, one per line', () => {
	const api = useMockApi();

	it('are separate IDs in the request', async () => {
		api()
			.get(JOBS, { body: [] })
			.post({ status: 201, body: { job_id: 'a' } });
		const filters = { userIds: '1\r\n2\t\r\n3\r\n', companyIds: 'c\nd' };
		await runNode({ operation: 'create', filters });
		expect(api().calls.at(-1)!.body).toMatchObject({
			user_id: ['1', '2', '3'],
			company_id: ['c', 'd'],
		});
	});
});
