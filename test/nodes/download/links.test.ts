import { gzipSync } from 'node:zlib';
import nock from 'nock';

import { useMockApi } from '../../support/api';
import { runNode } from '../../support/engine';
import { ID, refusal, SIGNATURE, useFileStore } from '../../support/fileStore';
import { jobPath } from '../../support/paths';

const FILES = 'https://files.example.com';
const SIGNED = `/a.json?${SIGNATURE}`;
const ROWS = gzipSync('{"a":1}\n');
const NAMED = `File "a.json" of job "${ID}" has a link that`;

const parameters = (output: string) => ({
	resource: 'job',
	operation: 'download',
	jobId: { __rl: true, mode: 'id', value: ID },
	output,
});

describe.each(['rows', 'files'])('A file link, for %s', (output) => {
	const api = useMockApi();

	const download = async (url: string) => {
		const presigned_urls = [{ filename: 'a.json', url }];
		api().get(jobPath(ID), { body: { job_id: ID, status: 'completed', presigned_urls } });
		const run = await runNode(parameters(output));
		expect(JSON.stringify([run, run.error?.message])).not.toContain(SIGNATURE);
		return run;
	};
	const redirect = (from: string, location: string, status = 302) =>
		nock(from).get('/a.json').query(true).reply(status, '', { location });

	it('of plain http is refused, and nothing is requested', async () => {
		const { error, items } = await download(`http://files.example.com${SIGNED}`);
		expect(items).toEqual([]);
		expect(error!.message).toBe(
			`${NAMED} points to http://files.example.com, which is not encrypted`,
		);
		expect(error!.description).toMatch(/^Links must use https/);
	});

	it.each([301, 302, 303, 307, 308])('may redirect once to https (%i)', async (status) => {
		redirect(FILES, `https://other.example.com${SIGNED}`, status);
		nock('https://other.example.com').get('/a.json').query(true).reply(200, ROWS);
		const { error, items } = await download(FILES + SIGNED);
		expect(error).toBeUndefined();
		expect(items).toHaveLength(1);
	});

	it('may redirect within its host', async () => {
		redirect(FILES, `b.json?${SIGNATURE}`);
		nock(FILES).get('/b.json').query(true).reply(200, ROWS);
		expect((await download(FILES + SIGNED)).items).toHaveLength(1);
	});

	it.each([
		['plain http', 'http://files.example.com'],
		['an internal address', 'http://169.254.169.254'],
		['this machine', 'http://localhost:5678'],
		['another scheme', 'ftp://files.example.com'],
	])('that redirects to %s is refused, and nothing is requested there', async (_, target) => {
		redirect(FILES, target + SIGNED);
		const { error, items } = await download(FILES + SIGNED);
		expect(items).toEqual([]);
		expect(error!.message).toBe(`${NAMED} redirects to ${target}`);
	});

	it.each(['10.0.0.8', '127.0.0.1:8443', '169.254.169.254', '172.16.1.1', '[::1]', 'localhost'])(
		'that redirects to the internal address https://%s is refused, and nothing is requested there',
		async (host) => {
			redirect(FILES, `https://${host}${SIGNED}`);
			const { error, items } = await download(FILES + SIGNED);
			expect(items).toEqual([]);
			expect(error!.message).toBe(
				`${NAMED} redirects to ${host}, which is an address of an internal network`,
			);
		},
	);

	it('that redirects to itself is refused', async () => {
		nock(FILES)
			.get('/a.json')
			.query(true)
			.twice()
			.reply(302, '', { location: FILES + SIGNED });
		const { error } = await download(FILES + SIGNED);
		expect(error!.message).toBe(`${NAMED} redirects more than once, the last time to ${FILES}`);
	});

	it('that redirects twice is refused', async () => {
		redirect(FILES, `https://b.example.com${SIGNED}`);
		redirect('https://b.example.com', `https://c.example.com${SIGNED}`);
		const { error } = await download(FILES + SIGNED);
		expect(error!.message).toBe(
			`${NAMED} redirects more than once, the last time to https://c.example.com`,
		);
	});
});

describe('Where Base URL is this machine by plain http', () => {
	const store = useFileStore();

	it('a file link may be plain http, but may not redirect to another scheme', async () => {
		store.add('a.json', '{"a":1}\n');
		const credentials = { baseUrl: store.origin };
		expect((await runNode(parameters('rows'), { credentials })).items).toHaveLength(1);
		store.answer(refusal(302, '', { location: `https://127.0.0.1${SIGNED}` }));
		const { error } = await runNode(parameters('rows'), { credentials });
		expect(error!.message).toBe(`${NAMED} redirects to https://127.0.0.1`);
	});
});
