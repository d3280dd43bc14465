import type { INodeParameters } from 'n8n-workflow';

import { useBinaryStore } from '../../../support/binaryStore';
import { onFastClock } from '../../../support/clock';
import { EMULATOR_KEY, useEmulator } from '../../../support/emulator';
import { runNode } from '../../../support/engine';

// A Tuesday: its last full weeks are those of 2024-09-23 and 2024-09-30.
const NOW = '2024-10-08T10:44:50Z';
const WEEKS = { from: '2024-09-23', to: '2024-10-06' };

describe('Job: Wait', () => {
	const own = useEmulator({ jobSeconds: 20, rowsPerDay: 5 });
	const binaryStore = useBinaryStore();

	/** Waits for a job that somebody has started, and gives what the store held then. */
	const run = async (parameters: INodeParameters, status: 'completed' | 'failed' = 'completed') => {
		const { result } = await onFastClock(NOW, async () => {
			const id = await own.start(WEEKS);
			if (status === 'failed') own.control.finishJob(id, 'failed');
			const node = await runNode(
				{
					resource: 'job',
					operation: 'wait',
					jobId: { __rl: true, mode: 'id', value: id },
					...parameters,
				},
				{ credentials: own.credentials },
			);
			const requests = own.control.ledger().requests;
			return { ...node, id, requests, files: await own.files(id) };
		});
		expect(JSON.stringify([result.error, result.error?.message])).not.toContain(EMULATOR_KEY);
		return { ...result, json: result.items.map(({ json }) => json) };
	};

	it.each<INodeParameters>([{}, { output: 'job' }])('returns the job: %j', async (parameters) => {
		const { json, id, files, requests } = await run(parameters);
		expect(json).toEqual([
			expect.objectContaining({
				job_id: id,
				status: 'completed',
				progress: '2 out of 2 partitions',
				presigned_urls: files.map(({ filename }) => ({
					filename,
					url: expect.stringContaining('X-Amz-Signature'),
				})),
			}),
		]);
		expect(requests.filter(({ server }) => server === 'files')).toEqual([]);
		expect(requests.length).toBeGreaterThan(10);
	});

	it('returns the links to its files', async () => {
		const { json, id } = await run({ output: 'links', options: { fileFilter: '2024-09-30*' } });
		expect(json).toEqual([
			{
				job_id: id,
				filename: '2024-09-30.json.gz',
				url: expect.stringContaining('X-Amz-Signature'),
				status: 'completed',
				start_time: expect.any(String),
				end_time: expect.any(String),
			},
		]);
	});

	it('returns its files', async () => {
		const { items, id, files } = await run({ output: 'files' });
		expect(items.map(({ json }) => json)).toEqual(
			files.map(({ filename, bytes, text }) => ({
				job_id: id,
				filename,
				bytes_compressed: bytes.length,
				bytes: Buffer.byteLength(text),
			})),
		);
		for (const [index, { text }] of files.entries()) {
			const content = await binaryStore.content(items[index]!.binary!.data!);
			expect(content.toString()).toBe(text);
		}
	});

	it('returns its rows, through new links', async () => {
		const { json, files, requests, hints } = await run({ output: 'rows' });
		const lines = files.flatMap(({ text }) => text.trim().split('\n'));
		expect(json).toEqual(lines.map((line) => JSON.parse(line)));
		expect(json).toHaveLength(70);
		expect(hints.map(({ message }) => message)).toEqual(['70 rows from 2 files.']);
		// Nothing comes between the last look and the download, which has no key.
		expect(requests.slice(-3).map(({ operation, key }) => [operation, key])).toEqual([
			['getJob', EMULATOR_KEY],
			['file', null],
			['file', null],
		]);
	});

	it.each(['links', 'files', 'job', 'rows'])(
		'gives the job as it was last seen when the time is up, with Output = %s',
		async (output) => {
			const options = { maxWaitMinutes: 0.1, onTimeout: 'returnJob' };
			const { json, id, requests } = await run({ output, options });
			expect(json).toEqual([
				expect.objectContaining({ job_id: id, status: 'in_progress', presigned_urls: [] }),
			]);
			expect(requests.filter(({ server }) => server === 'files')).toEqual([]);
		},
	);

	it('a failed job is an error, without any of its files', async () => {
		const { error, items, id, requests } = await run({ output: 'rows' }, 'failed');
		expect(items).toEqual([]);
		expect(error!.message).toContain(`Export job "${id}" has failed (progress: `);
		expect(requests).toHaveLength(1);
	});
});
