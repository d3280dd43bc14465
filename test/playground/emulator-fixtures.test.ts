import { FILE_OPERATION, OPERATIONS } from '../../playground/emulator/routes.ts';
import { createEmulator, type Emulator } from '../../playground/emulator/server.ts';
import { createCheckedClient, type CheckedClient } from '../contract/checked-client.ts';
import { checkResponse, OPERATION_IDS } from '../contract/contract.ts';
import { fixtures, type Fixture } from '../fixtures/api/index.ts';

const KEY = 'a-key';
const POOR_KEY = 'poor-key';
const RANGE = { from: '2024-05-02', to: '2024-09-30' };

let clock = Date.parse('2024-10-06T10:44:50Z');
let emulator: Emulator;
let client: CheckedClient;

beforeAll(async () => {
	emulator = await createEmulator({ apiKeys: [KEY], planlessKeys: [POOR_KEY], now: () => clock });
	client = createCheckedClient(emulator.apiUrl, KEY);
});
afterAll(() => emulator.close());
beforeEach(() => emulator.control.reset());

type SendRequest = (fixture: Fixture) => Promise<{ status: number; body: unknown }>;

const post = (key = KEY) =>
	client.call<{ job_id: string }>('', { method: 'POST', body: RANGE, key });

async function finishedJob(): Promise<string> {
	const { body } = await post();
	clock += 60_000;
	return body.job_id;
}

/** How to get the response of an example from the emulator, by operation and status. */
const REQUESTS: Record<string, SendRequest> = {
	'createExport 201': () => post(),
	'createExport 401': () => {
		emulator.control.set({ planStatus: 401 });
		return post(POOR_KEY);
	},
	'createExport 403': () => post(POOR_KEY),
	'createExport 409': async () => {
		await post();
		return post();
	},
	'listJobs 200': async () => {
		await finishedJob();
		return client.call('/jobs/');
	},
	'getJob 200': async () => client.call(`/jobs/${await finishedJob()}`),
	'getJob 404': () => client.call('/jobs/ba111778-f28a-40ca-8c64-e83e2a3bb96e'),
};

const requestLookup: SendRequest = ({ file }) => {
	const name = (file.split('.')[1] ?? '').replaceAll('-', '_');
	return client.call(`/lookups/${name}`);
};

const request: SendRequest = (fixture) =>
	(REQUESTS[`${fixture.operationId} ${fixture.status}`] ?? requestLookup)(fixture);

const typeOf = (value: unknown): string =>
	value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

type Types = Map<string, Set<string>>;

/** Every path in a value, with the JSON types found there. The elements of an array share one path. */
function typesOf(value: unknown, path = '', types: Types = new Map()): Types {
	types.set(path, (types.get(path) ?? new Set()).add(typeOf(value)));
	if (Array.isArray(value)) for (const entry of value) typesOf(entry, `${path}[]`, types);
	else if (typeof value === 'object' && value !== null) {
		for (const [name, entry] of Object.entries(value)) typesOf(entry, `${path}.${name}`, types);
	}
	return types;
}

/** The documents differ on ids and on elapsed_time_seconds: text or number. Only fields of lookup records may be null where the example has a value. */
function typesAgree(path: string, expected: Set<string>, found: Set<string>): boolean {
	const isRecordField = /^(\.data)?\[\]\./.test(path) && !path.endsWith('_time');
	const allowed = new Set([...expected, ...(isRecordField ? ['null'] : [])]);
	if (/\.((analytical_)?id|elapsed_time_seconds)$/.test(path))
		for (const type of ['string', 'number']) allowed.add(type);
	// A field that is null in the only example has an unknown type.
	if (expected.size === 1 && expected.has('null')) return true;
	return [...found].every((type) => allowed.has(type));
}

/** All paths in the examples of an operation and status. */
function knownPaths({ operationId, status }: Fixture): Set<string> {
	const related = fixtures.filter(
		(fixture) => fixture.operationId === operationId && fixture.status === status,
	);
	const paths = related.flatMap(({ body }) => [...typesOf(body).keys()]);
	// The guide describes the metadata of both paged lookups by one example.
	const paged = fixtures.flatMap(({ body }) => [...typesOf(body).keys()]);
	return new Set([...paths, ...paged.filter((path) => path.startsWith('.metadata.'))]);
}

it('has an example of every operation', () => {
	const covered = new Set(fixtures.map(({ operationId }) => operationId));
	expect([...covered].sort()).toEqual([...OPERATION_IDS].sort());
});

it('has the operations of the contract, under its names', () => {
	const api = OPERATIONS.filter((operation) => operation !== FILE_OPERATION);
	expect([...api].sort()).toEqual([...OPERATION_IDS].sort());
});

describe.each(fixtures)('$file as $status', (fixture) => {
	it('satisfies the contract', () => {
		expect(checkResponse(fixture.operationId, fixture.status, fixture.body)).toEqual([]);
	});

	it("has the shape of the emulator's response", async () => {
		const response = await request(fixture);
		expect(response.status).toBe(fixture.status);
		const found = typesOf(response.body);
		const wrong = [...typesOf(fixture.body)].filter(([path, expected]) => {
			const types = found.get(path);
			return !types || !typesAgree(path, expected, types);
		});
		expect(wrong).toEqual([]);
		const known = knownPaths(fixture);
		expect([...found.keys()].filter((path) => !known.has(path))).toEqual([]);
	});
});

describe('documented errors, verbatim', () => {
	const errorsOf = (body: unknown) =>
		JSON.stringify(body)
			.replaceAll(/NX-[0-9a-f]{8}/g, 'NX-token')
			.replaceAll(/[0-9a-f]+(-[0-9a-f]+){4}/g, 'job-id');

	it.each(fixtures.filter(({ status }) => status >= 400))('$file as $status', async (fixture) => {
		const { body } = await request(fixture);
		expect(JSON.parse(errorsOf(body))).toEqual(JSON.parse(errorsOf(fixture.body)));
	});
});
