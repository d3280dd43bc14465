import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fixtures } from '../fixtures/api/index.ts';
import { checkRequest, checkResponse, OPERATION_IDS, type SeenRequest } from './contract.ts';

const ROOT = 'https://appex.userpilot.io/api/v1/analytics/exports';
const headers = { Authorization: 'Token abc', 'Content-Type': 'application/json' };
const range = { from: '2024-05-02', to: '2024-09-30' };

const get = (path: string, extra: Partial<SeenRequest> = {}): SeenRequest => ({
	method: 'GET',
	url: ROOT + path,
	headers: { authorization: 'Token abc' },
	...extra,
});

const post = (body: unknown, extra: Partial<SeenRequest> = {}): SeenRequest => ({
	method: 'POST',
	url: ROOT,
	headers,
	body,
	...extra,
});

describe('checkRequest', () => {
	it.each<[operationId: string, request: SeenRequest]>([
		['createExport', post(range)],
		['createExport', post(JSON.stringify({ ...range, format: 'csv', exclusions: true }))],
		['createExport', post({ ...range, event_type: ['track'], user_id: ['1'], segment_id: '9' })],
		['listJobs', get('/jobs/')],
		['getJob', get('/jobs/86f4dd75-00c8-40cd-ac6a-3dce8440be0c')],
		['getSegments', get('/lookups/segments?limit=100&after_cursor=g3Q%2B')],
		['getEventProperties', get('/lookups/events_properties')],
		['getUserProperties', get('/lookups/user_properties')],
		['getCompanyProperties', get('/lookups/company_properties')],
		['getFeaturesAndEvents', get('/lookups/features_events')],
		['getFlows', get('/lookups/flows')],
		['getBanners', get('/lookups/banners')],
		['getEmbeds', get('/lookups/embeds')],
		['getSpotlights', get('/lookups/spotlights')],
		['getSurveys', get('/lookups/surveys')],
		['getResourceCenterModules', get('/lookups/resource_center_modules')],
		['getChecklists', get('/lookups/checklists', { headers: { AUTHORIZATION: ['Token x'] } })],
	])('accepts %s: %j', (operationId, request) => {
		expect(checkRequest(request)).toEqual({ operationId, problems: [] });
	});

	it.each<[request: SeenRequest]>([
		[get('/jobs')],
		[get('/jobs/a/b')],
		[get('/job/a')],
		[get('/lookups/segments/')],
		[get('/lookups/segment')],
		[get('/lookups/features-events')],
		[get('/lookups/')],
		[get('')],
		[post(range, { url: `${ROOT}/` })],
		[post(range, { url: ROOT.replace('v1', 'v2') })],
		[post(range, { method: 'PUT' })],
		[get('/jobs/', { method: 'DELETE' })],
	])('finds no operation for %j', (request) => {
		const { operationId, problems } = checkRequest(request);
		expect(operationId).toBe('');
		expect(problems).toEqual([expect.stringMatching(/is not an operation$/)]);
	});

	it.each<[problem: RegExp, request: SeenRequest]>([
		[/query parameter page is unknown/, get('/lookups/segments?page=2')],
		[/query parameter cursor is unknown/, get('/lookups/segments?cursor=a')],
		[/query parameter limit is unknown/, get('/lookups/flows?limit=50')],
		[/query parameter limit is unknown/, get('/jobs/?limit=50')],
		[/limit must be <= 100/, get('/lookups/segments?limit=101')],
		[/limit must be >= 1/, get('/lookups/segments?limit=0')],
		[/limit must be integer/, get('/lookups/segments?limit=ten')],
		[/limit is given 2 times/, get('/lookups/segments?limit=1&limit=2')],
		[/after_cursor must NOT have fewer/, get('/lookups/segments?after_cursor=')],
		[/Authorization is missing/, get('/jobs/', { headers: {} })],
		[/Authorization is not of the form/, get('/jobs/', { headers: { authorization: 'abc' } })],
		[
			/Authorization is not of the form/,
			get('/jobs/', { headers: { authorization: 'Bearer abc' } }),
		],
		[
			/Authorization is not of the form/,
			get('/jobs/', { headers: { authorization: 'Token Token a' } }),
		],
		[/Authorization is not of the form/, get('/jobs/', { headers: { authorization: 'Token ' } })],
		[/a body is sent/, get('/jobs/', { body: {} })],
		[/a body is sent/, get('/lookups/flows', { body: '{"limit":50}' })],
		[/body is missing/, post(undefined)],
		[/body is not JSON/, post('from=2024-05-02')],
		[
			/Content-Type is "text\/plain"/,
			post(range, { headers: { ...headers, 'Content-Type': 'text/plain' } }),
		],
		[/must have required property 'from'/, post({ to: range.to })],
		[/must have required property 'to'/, post({ from: range.from })],
		[/body\/from must match pattern/, post({ ...range, from: '02.05.2024' })],
		[/body\/to must match pattern/, post({ ...range, to: '2024-09-30T00:00:00Z' })],
		[/additional properties: event_types/, post({ ...range, event_types: ['track'] })],
		[/additional properties: userId/, post({ ...range, userId: ['1'] })],
		[/body\/event_type must be array/, post({ ...range, event_type: 'track' })],
		[/body\/user_id must NOT have fewer than 1/, post({ ...range, user_id: [] })],
		[/body\/company_id\/0 must be string/, post({ ...range, company_id: [7] })],
		[/body\/emails\/0 must NOT have fewer/, post({ ...range, emails: [''] })],
		[/body\/segment_id must be string/, post({ ...range, segment_id: 9 })],
		[/body\/format must be equal to one of/, post({ ...range, format: 'xml' })],
		[/body\/exclusions must be boolean/, post({ ...range, exclusions: 'true' })],
	])('finds %s in %j', (problem, request) => {
		const { problems } = checkRequest(request);
		expect(problems).toEqual([expect.stringMatching(problem)]);
	});

	it('leaves an invalid key out of its messages', () => {
		const { problems } = checkRequest(get('/jobs/', { headers: { authorization: 'hush-hush' } }));
		expect(problems.join()).not.toContain('hush-hush');
	});
});

describe('checkResponse', () => {
	it('has 15 operations', () => {
		expect(new Set(OPERATION_IDS).size).toBe(15);
	});

	it.each(fixtures)('accepts the example $file as $status', ({ operationId, status, body }) => {
		expect(checkResponse(operationId, status, body)).toEqual([]);
	});

	it('lists every example in the folder', () => {
		const files = readdirSync(join(__dirname, '../fixtures/api')).filter((file) =>
			file.endsWith('.json'),
		);
		expect([...new Set(fixtures.map(({ file }) => file))].sort()).toEqual(files.sort());
	});

	it.each<[problem: RegExp, operationId: string, status: number, body: unknown]>([
		[/is unknown/, 'getExports', 200, []],
		[/has no status 200/, 'createExport', 200, {}],
		[/required property 'job_id'/, 'createExport', 201, { start_time: '2024-10-06T10:44:50' }],
		[/response must be array/, 'listJobs', 200, { jobs: [] }],
		[
			/response\/0\/start_time must match/,
			'listJobs',
			200,
			[{ job_id: 'a', status: 'failed', start_time: 'now' }],
		],
		[/required property 'presigned_urls'/, 'getJob', 200, { job_id: 'a', status: 'failed' }],
		[
			/required property 'url'/,
			'getJob',
			200,
			{ job_id: 'a', status: 'completed', presigned_urls: [{ filename: 'a' }] },
		],
		[/required property 'errors'/, 'getJob', 404, { error: 'no' }],
		[
			/required property 'message'/,
			'getJob',
			404,
			{ errors: [{ details: null, error: '', error_code: '' }] },
		],
		[/response must be object/, 'getSegments', 200, []],
		[/required property 'metadata'/, 'getSegments', 200, { data: [] }],
		[/required property 'after'/, 'getSegments', 200, { data: [], metadata: { cursor: {} } }],
		[/response must be array/, 'getFlows', 200, { data: [] }],
		[/response\/0\/id must be string,number/, 'getFlows', 200, [{ id: null, title: 'a' }]],
	])('finds %s in the response of %s with %d', (problem, operationId, status, body) => {
		expect(checkResponse(operationId, status, body)).toEqual([expect.stringMatching(problem)]);
	});
});
