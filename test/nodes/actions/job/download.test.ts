import type { INodeParameters } from 'n8n-workflow';

import type { Fault } from '../../../../playground/emulator/faults';
import type { SettingsPatch } from '../../../../playground/emulator/settings';
import { onFastClock } from '../../../support/clock';
import { EMULATOR_KEY, useEmulator } from '../../../support/emulator';
import { runNode } from '../../../support/engine';

const NOW = '2024-10-08T10:44:50Z';
const HOUR_MS = 3_600_000;
const request = { from: '2024-09-23', to: '2024-10-06' };

// The emulator's store of files, which refuses what a real one refuses.
describe('Job: Download from a store with faults', () => {
	const own = useEmulator({ rowsPerDay: 60 });

	interface Scene {
		settings?: SettingsPatch;
		faults?: Array<Omit<Fault, 'operation'>>;
		/** How old the job is. */
		hours?: number;
		format?: string;
	}

	/** Downloads a job, and gives the rows that the store held. */
	const run = async (
		{ settings = {}, faults = [], hours = 0, format = 'json' }: Scene,
		parameters: INodeParameters = {},
	) => {
		own.control.set(settings);
		const { result } = await onFastClock(
			NOW,
			async () => {
				const [id] = own.control.seedJobs({ request: { ...request, format } });
				const files = await own.files(id!);
				own.control.advance(hours * HOUR_MS);
				own.control.setFaults(faults.map((fault) => ({ operation: 'file', ...fault })));
				const node = await runNode(
					{
						resource: 'job',
						operation: 'download',
						jobId: { __rl: true, mode: 'id', value: id! },
						...parameters,
					},
					{ credentials: own.credentials },
				);
				return { ...node, id: id!, files };
			},
			own.isSilent,
		);
		const shown = JSON.stringify([result.error, result.error?.message]);
		expect(shown).not.toContain(EMULATOR_KEY);
		expect(shown).not.toContain('X-Amz');
		expect(own.fileRequests.every(({ key }) => key === null)).toBe(true);
		return { ...result, rows: result.items.map(({ json }) => json) };
	};

	const rowsOf = (files: Array<{ text: string }>) =>
		files
			.flatMap(({ text }) =>
				text.startsWith('[') ? (JSON.parse(text) as unknown[]) : text.trim().split('\n'),
			)
			.map((row) => (typeof row === 'string' ? (JSON.parse(row) as unknown) : row));

	it.each<[string, Scene]>([
		['as it is', {}],
		['that breaks early', { faults: [{ kind: 'truncate', bytes: 1, times: 1 }] }],
		['that breaks in the middle', { faults: [{ kind: 'truncate', times: 3 }] }],
		[
			'that breaks in both files',
			{ faults: [{ kind: 'truncate', bytes: 9_000, times: 6, rate: 0.6 }] },
		],
		['that stalls', { faults: [{ kind: 'stall-body', times: 2 }] }],
		['that is out of reach at first', { faults: [{ kind: 'reset', times: 3 }] }],
		['that is busy', { faults: [{ kind: 'status', status: 503, times: 2 }] }],
		['that fails', { faults: [{ kind: 'status', status: 500, retryAfter: 2, times: 1 }] }],
		['behind a gateway that fails', { faults: [{ kind: 'html', times: 1 }] }],
		['that redirects', { faults: [{ kind: 'redirect', times: 1 }] }],
		['that answers nothing at first', { faults: [{ kind: 'empty', status: 502, times: 2 }] }],
		['whose links were refused', { faults: [{ kind: 'status', status: 403, times: 1 }] }],
		['that decodes', { settings: { contentEncoding: true } }],
		[
			'that decodes and breaks',
			{ settings: { contentEncoding: true }, faults: [{ kind: 'truncate', times: 1 }] },
		],
		['without ranges', { settings: { ranges: false }, faults: [{ kind: 'truncate', times: 3 }] }],
		[
			'without lengths',
			{ settings: { contentLength: false }, faults: [{ kind: 'truncate', times: 3 }] },
		],
		[
			'of files of many members',
			{ settings: { memberPerDay: true }, faults: [{ kind: 'truncate', times: 3 }] },
		],
		['of JSON arrays', { settings: { jsonArray: true }, faults: [{ kind: 'truncate', times: 3 }] }],
		['of NDJSON', { format: 'ndjson', faults: [{ kind: 'stall-body', times: 1 }] }],
	])('returns every row once from a store %s', async (_, scene) => {
		const { rows, error, files, hints } = await run(scene);
		expect(error).toBeUndefined();
		expect(rows).toEqual(rowsOf(files));
		expect(rows).toHaveLength(840);
		expect(new Set(rows.map((row) => row.internal_event_id)).size).toBe(840);
		expect(hints.map(({ message }) => message)).toEqual(['840 rows from 2 files.']);
	});

	it.each([
		['of CSV', {}],
		['of CSV with a byte-order mark', { csvBom: true }],
	])('returns every row once from a store %s', async (_, settings) => {
		const { rows: json } = await run({});
		own.control.reset();
		const faults: Scene['faults'] = [{ kind: 'truncate', times: 2 }];
		const { rows } = await run({ settings, format: 'csv', faults });
		expect(Object.keys(rows[0]!)).toEqual(Object.keys(json[0]!));
		for (const column of ['internal_event_id', 'event_name', 'pathname', 'inserted_at']) {
			// CSV has an empty field where JSON has null.
			expect(rows.map((row) => row[column])).toEqual(json.map((row) => row[column] ?? ''));
		}
		expect(rows.some((row) => String(row.event_name).includes('\n'))).toBe(true);
	});

	it('reads a damaged file no further than needed', async () => {
		const { files } = await run({ faults: [{ kind: 'truncate', times: 3 }] });
		const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
		expect(await own.bytesSent()).toBe(size);
		expect(own.fileRequests.map(({ status }) => status)).toEqual([200, 206, 206, 206, 200]);
	});

	it('ends the download of a large file at the limit', async () => {
		own.control.set({ rowsPerDay: 1_000_000, contentLength: false });
		const { result } = await onFastClock(NOW, async () => {
			const [id] = own.control.seedJobs();
			const jobId = { __rl: true, mode: 'id', value: id! };
			const parameters = { resource: 'job', operation: 'download', jobId, returnAll: false };
			return await runNode({ ...parameters, limit: 100 }, { credentials: own.credentials });
		});
		expect(result.items).toHaveLength(100);
		const bytes = await own.bytesSent();
		// The whole of it is about 100 MB.
		expect(bytes).toBeGreaterThan(0);
		expect(bytes).toBeLessThan(1_000_000);
	});

	describe('of a job that is old', () => {
		it('uses a link that was renewed in time', async () => {
			const faults: Scene['faults'] = [{ kind: 'status', status: 403, times: 1 }];
			const { rows } = await run({ hours: 47, faults });
			expect(rows).toHaveLength(840);
			expect(own.calls('getJob')).toBe(2);
		});

		it('an error says how long links and jobs are kept when the links have expired', async () => {
			const { error, items } = await run({ hours: 50 });
			expect(items).toEqual([]);
			expect(error!.message).toMatch(
				/the file store refused the link, and a new one too \(403\): AccessDenied: Request has expired$/,
			);
			expect(error!.description).toMatch(/2 days.*3 days.*start the export again/);
			expect(own.calls('getJob')).toBe(2);
			expect(own.fileRequests).toHaveLength(2);
		});

		it('an error says when the job is gone', async () => {
			const { error } = await run({ hours: 73 });
			expect(error!.message).toMatch(/^Userpilot has no job/);
			expect(error!.description).toContain('3 days');
			expect(own.fileRequests).toEqual([]);
		});
	});

	it.each<[string, Scene, INodeParameters, RegExp]>([
		[
			'a wrong byte',
			{ faults: [{ kind: 'corrupt' }] },
			{ options: { onBadRow: 'skip' } },
			/^File "2024-09-23\.json\.gz".* is damaged/,
		],
		[
			'a wrong byte, which may spoil a row first',
			{ faults: [{ kind: 'corrupt' }] },
			{},
			/^File "2024-09-23\.json\.gz".* (is damaged|has an invalid row)/,
		],
		[
			'an empty answer',
			{ faults: [{ kind: 'empty', status: 204 }] },
			{},
			/the file store failed \(204\)/,
		],
		[
			'a page',
			{ faults: [{ kind: 'html', status: 200 }] },
			{},
			/contains an HTML page \("200 Welcome"\)/,
		],
		['Parquet', { format: 'parquet' }, {}, /is a Parquet file\. Rows can be read from/],
		['Avro', { format: 'avro' }, {}, /is an Avro file\. Rows can be read from/],
		[
			'Parquet, to be flattened',
			{ format: 'parquet' },
			{ options: { flatten: true, onBadRow: 'skip' } },
			/is a Parquet file/,
		],
	])('is an error where the store holds %s', async (_, scene, parameters, message) => {
		const { error, items } = await run(scene, parameters);
		expect(items).toEqual([]);
		expect(error!.message).toMatch(message);
	});
});
