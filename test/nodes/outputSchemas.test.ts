import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Ajv from 'ajv';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { lookups, namedLookups } from '../../nodes/Userpilot/actions/lookup/lookups';
import { resources } from '../../nodes/Userpilot/actions/resources';
import { fixtures } from '../fixtures/api';
import rows from '../fixtures/rows.json';
import type { MockApi } from '../support/api';
import { useMockApi } from '../support/api';
import { onFastClock } from '../support/clock';
import { useEmulator } from '../support/emulator';
import { runNode } from '../support/engine';
import { fixture } from '../support/fixture';
import { schemaOf } from '../support/outputSchema';
import { JOBS, jobPath, lookupPath } from '../support/paths';

/** n8n's preview asks for `v<version of the node>/<resource>/<operation>.json` here. */
const FOLDER = join(__dirname, '../../nodes/Userpilot/__schema__/v1.0.0');
const NOW = '2024-10-06T10:44:50Z';
const ID = fixture<{ job_id: string }>('guide.job.200').job_id;
const jobId = { __rl: true, mode: 'id', value: ID } as never;

const operations = resources.flatMap((resource) =>
	resource.operations.map(({ value }) => [resource.value, value] as const),
);
const fileOf = (resource: string, operation: string) => `${resource}/${operation}.json`;
const read = (file: string) =>
	JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { properties: object };

/** Runs an operation with its preset output; returns its items. */
async function itemsOf(
	resource: string,
	operation: string,
	parameters: INodeParameters,
	options: Parameters<typeof runNode>[1] = {},
): Promise<IDataObject[]> {
	const { error, items } = await runNode({ resource, operation, ...parameters }, options);
	if (error) throw error;
	expect(items.length).toBeGreaterThan(0);
	return items.map(({ json }) => json);
}

/** The bodies of the examples of an operation of the API, without pages that are not shown. */
const examplesOf = (operationId: string) =>
	fixtures
		.filter((candidate) => candidate.operationId === operationId && candidate.status === 200)
		.map(({ body }) => {
			const copy = structuredClone(body) as object & {
				metadata?: { cursor: { after: string | null } };
			};
			if (copy.metadata) copy.metadata.cursor.after = null;
			return copy;
		});

/** Mocks a job with one file of rows. */
function completedJob(api: MockApi, job_id: string) {
	const presigned_urls = [api.file('2024-09-30.json.gz', JSON.stringify(rows))];
	api.get(jobPath(job_id), {
		body: { ...fixture<object>('guide.job.200'), job_id, presigned_urls },
	});
}

/** What an operation needs to run once, or more often to get to all of its examples. */
const preparations: Record<string, (api: MockApi) => number> = {
	'export/create': (api) => {
		api.get(JOBS, { body: [] }).post({ status: 201, body: fixture('guide.create-export.201') });
		return 1;
	},
	'export/createAndWait': (api) => {
		const created = fixture<{ job_id: string }>('guide.create-export.201');
		api.get(JOBS, { body: [] }).post({ status: 201, body: created });
		completedJob(api, created.job_id);
		return 1;
	},
	'job/download': (api) => {
		completedJob(api, ID);
		return 1;
	},
	'job/get': (api) => {
		api.get(jobPath(ID), { body: fixture('guide.job.200') });
		return 1;
	},
	'job/getAll': (api) => {
		api.get(JOBS, { body: fixture('guide.list-jobs.200') });
		return 1;
	},
	'job/wait': (api) => {
		api.get(jobPath(ID), { body: fixture('guide.job.200') });
		return 1;
	},
	'lookup/getNames': (api) => {
		for (const { value, path } of namedLookups) {
			const bodies = examplesOf(value);
			api.get(lookupPath(path), { body: bodies.at(0) }, { body: bodies.at(-1) });
		}
		return 2;
	},
	...Object.fromEntries(
		lookups.map(({ value, path }) => [
			`lookup/${value}`,
			(api: MockApi) => {
				const bodies = examplesOf(value);
				api.get(lookupPath(path), ...bodies.map((body) => ({ body })));
				return bodies.length;
			},
		]),
	),
};

describe('output schemas, which n8n shows before the first run', () => {
	describe('of the documented examples', () => {
		const api = useMockApi();
		if (process.env.UPDATE) beforeAll(() => rmSync(FOLDER, { recursive: true, force: true }));

		it.each(operations)('are what %s: %s returns', async (resource, operation) => {
			const runs = preparations[`${resource}/${operation}`]!(api());
			const { result: items } = await onFastClock(NOW, async () => {
				const all: IDataObject[] = [];
				for (let run = 0; run < runs; run++) {
					all.push(...(await itemsOf(resource, operation, { jobId })));
				}
				return all;
			});
			const schema = { ...schemaOf(items), version: 1 };
			const file = join(FOLDER, fileOf(resource, operation));
			if (process.env.UPDATE) {
				mkdirSync(dirname(file), { recursive: true });
				writeFileSync(file, `${JSON.stringify(schema, null, '\t')}\n`);
			}
			// If a change is intended: UPDATE=1 npm test -- outputSchemas
			expect(existsSync(file) && read(fileOf(resource, operation))).toEqual(schema);
		});
	});

	it('exist for each operation, and for no other', () => {
		const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
		expect(files.filter((file) => file.endsWith('.json')).sort()).toEqual(
			operations.map(([resource, operation]) => fileOf(resource, operation)).sort(),
		);
	});

	describe('of an emulated account', () => {
		const api = useEmulator();
		const ajv = new Ajv({ allowUnionTypes: true, keywords: ['version'] });

		/** Most operations of a job need one that has completed. */
		async function finishedJob(): Promise<INodeParameters> {
			const value = await api.start({ from: '2024-10-01', to: '2024-10-01' });
			const finished = { jobId: { __rl: true, mode: 'id', value } as never };
			await itemsOf('job', 'wait', finished, { credentials: api.credentials });
			return finished;
		}

		it.each(operations)('hold for the items of %s: %s', async (resource, operation) => {
			const { result: items } = await onFastClock(NOW, async () => {
				const parameters = resource === 'job' ? await finishedJob() : {};
				return await itemsOf(resource, operation, parameters, { credentials: api.credentials });
			});
			const schema = read(fileOf(resource, operation));
			const validate = ajv.compile(schema);
			for (const item of items) {
				expect([item, validate(item), validate.errors]).toEqual([item, true, null]);
				expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(item)));
			}
		});
	});
});
