import '../support/ssrfProtection';

import type { INodeParameters } from 'n8n-workflow';

import { onFastClock } from '../support/clock';
import { ActiveTrigger, runNode } from '../support/engine';
import { ID, refusal, SIGNATURE, useFileStore } from '../support/fileStore';

const NOW = '2024-10-06T10:44:50Z';
const getMany: INodeParameters = { resource: 'job', operation: 'getAll' };
const IS_BLOCKED = "is blocked by n8n's SSRF protection";

describe("a host that n8n's SSRF protection blocks", () => {
	const store = useFileStore();

	const run = async (parameters: INodeParameters, baseUrl: string) => {
		const { result, elapsedMs } = await onFastClock(NOW, () =>
			runNode(parameters, { credentials: { baseUrl } }),
		);
		expect(elapsedMs).toBeLessThan(900);
		return result.error!;
	};

	it.each([
		['by its address', 'http://127.0.0.1:9'],
		['by its name', 'https://blocked.example.com'],
	])('%s is reported immediately, with its name', async (_, baseUrl) => {
		const error = await run(getMany, baseUrl);
		expect(error.message).toBe(
			`Could not list the export jobs: the server at ${baseUrl} ${IS_BLOCKED}`,
		);
		expect(error.description).toMatch(/^Nothing was sent\. Ask your n8n administrator to allow/);
		expect(error.description).not.toMatch(/try again|minutes/i);
	});

	it('fails a poll of the trigger immediately', async () => {
		const poll = new ActiveTrigger().poll({ credentials: { baseUrl: 'http://127.0.0.1:9' } });
		await expect(poll).rejects.toThrow(`the server at http://127.0.0.1:9 ${IS_BLOCKED}`);
	});

	const download = (output: string): INodeParameters => ({
		resource: 'job',
		operation: 'download',
		jobId: { __rl: true, mode: 'id', value: ID },
		output,
	});
	const api = () => store.origin.replace('127.0.0.1', 'localhost');

	it.each(['rows', 'files'])('is reported immediately as a file store (%s)', async (output) => {
		store.add('a.json', '{}\n');
		const { message, description } = await run(download(output), api());
		const { host } = new URL(store.origin);
		expect(message).toBe(
			`Could not download "a.json" of job "${ID}": the file store at ${host} ${IS_BLOCKED}`,
		);
		expect(`${message} ${description}`).not.toContain(SIGNATURE);
		expect(store.requests).toEqual([]);
	});

	it('is reported when a link redirects to it', async () => {
		store.add('a.json', '{}\n');
		store.links![0]!.url = `${api()}/files/a.json`;
		store.answer(refusal(302, '', { location: `http://10.1.2.3/internal?${SIGNATURE}` }));
		const { message } = await run(download('rows'), api());
		expect(message).toContain(`the file store at 10.1.2.3 ${IS_BLOCKED}`);
		expect(message).not.toContain(SIGNATURE);
	});
});
