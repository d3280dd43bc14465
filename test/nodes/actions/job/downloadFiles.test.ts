import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { INodeParameters } from 'n8n-workflow';

import { useBinaryStore } from '../../../support/binaryStore';
import { onFastClock } from '../../../support/clock';
import { runNode } from '../../../support/engine';
import type { FileAnswer } from '../../../support/fileStore';
import {
	cutAt,
	ID,
	instead,
	refusal,
	SIGNATURE,
	stallAt,
	useFileStore,
	whole,
} from '../../../support/fileStore';

const line = (index: number) => ({
	index,
	hash: createHash('sha256').update(String(index)).digest('hex'),
});
const text = Array.from({ length: 9_000 }, (_, index) => `${JSON.stringify(line(index))}\n`).join(
	'',
);
const packed = gzipSync(text);
const half = Math.floor(packed.length / 2);
const sha = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

describe('Job: Download, Output = Files', () => {
	const store = useFileStore();
	const binaryStore = useBinaryStore();

	const run = async (
		options: INodeParameters = {},
		more: Partial<Parameters<typeof runNode>[1]> = {},
	) => {
		const parameters = {
			resource: 'job',
			operation: 'download',
			jobId: { __rl: true, mode: 'id', value: ID },
			output: 'files',
			options,
		};
		const { result } = await onFastClock(
			'2024-10-06T10:44:50Z',
			() => runNode(parameters, { credentials: { baseUrl: store.origin }, ...more }),
			() => store.isSilent,
		);
		// n8n would show an address as the folder of a file.
		expect(JSON.stringify(result)).not.toContain(SIGNATURE);
		expect(await store.connections()).toBe(0);
		return result;
	};

	describe.each([
		['in memory', async () => {}],
		['on disk', async () => await binaryStore.onDisk()],
	])('stored %s', (_, prepare) => {
		beforeEach(prepare);

		it('each file is decompressed, byte for byte', async () => {
			store.add('2024-07-29.json.gz', packed);
			store.add('2024-08-05.json.gz', '{"a":1}\n');
			const { items, hints } = await run();
			expect(items).toEqual([
				{
					json: {
						job_id: ID,
						filename: '2024-07-29.json.gz',
						bytes_compressed: packed.length,
						bytes: text.length,
					},
					binary: { data: expect.anything() },
					pairedItem: { item: 0 },
				},
				{
					json: {
						job_id: ID,
						filename: '2024-08-05.json.gz',
						bytes_compressed: gzipSync('{"a":1}\n').length,
						bytes: 8,
					},
					binary: { data: expect.anything() },
					pairedItem: { item: 0 },
				},
			]);
			const [first, second] = items.map(({ binary }) => binary!.data!);
			expect(first).toMatchObject({
				fileName: '2024-07-29.json',
				fileExtension: 'json',
				mimeType: 'application/x-ndjson',
				bytes: text.length,
			});
			expect(first).not.toHaveProperty('directory');
			expect(sha(await binaryStore.content(first!))).toBe(sha(text));
			expect((await binaryStore.content(second!)).toString()).toBe('{"a":1}\n');
			expect(hints).toEqual([]);
		});

		it('a file stays compressed with Decompress off', async () => {
			store.add('2024-07-29.json.gz', packed);
			const { items } = await run({ decompress: false, binaryPropertyName: 'file' });
			const { file } = items[0]!.binary!;
			expect(items[0]!.json).toMatchObject({
				bytes_compressed: packed.length,
				bytes: packed.length,
			});
			expect(file).toMatchObject({
				fileName: '2024-07-29.json.gz',
				mimeType: 'application/gzip',
			});
			expect(sha(await binaryStore.content(file!))).toBe(sha(packed));
		});

		it.each<[string, FileAnswer[], number]>([
			['breaks', [cutAt(half), cutAt(0)], packed.length],
			['stalls', [stallAt(half)], packed.length],
			['does no ranges', [cutAt(half), whole()], packed.length],
			['decodes', [whole({ 'content-encoding': 'gzip' })], text.length],
			[
				'breaks while it decodes',
				[cutAt(half, { 'content-encoding': 'gzip' }), whole({ 'content-encoding': 'gzip' })],
				text.length,
			],
		])('a file is complete even if the store %s', async (__, answers, bytesCompressed) => {
			store.add('2024-07-29.json.gz', packed);
			store.answer(...answers);
			const { items, error } = await run();
			expect(error).toBeUndefined();
			expect(sha(await binaryStore.content(items[0]!.binary!.data!))).toBe(sha(text));
			expect(items[0]!.json).toMatchObject({
				bytes_compressed: bytesCompressed,
				bytes: text.length,
			});
		});

		it.each([
			['empty', '', 0],
			['empty, and no gzip', Buffer.alloc(0), 0],
			['no gzip', Buffer.from('{"a":1}\n'), 8],
			['of several gzip members', Buffer.concat([gzipSync('{"a":'), gzipSync('1}\n')]), 8],
		])('accepts a file that is %s', async (__, content, bytes) => {
			store.add('2024-07-29.json.gz', content);
			const { items } = await run();
			expect(items[0]!.json).toMatchObject({ bytes });
			const stored = await binaryStore.content(items[0]!.binary!.data!);
			expect(stored.toString()).toBe(bytes === 0 ? '' : '{"a":1}\n');
		});

		it.each<[string, FileAnswer[], INodeParameters, string, RegExp]>([
			[
				'too large',
				[],
				{ maxFileSizeMb: 0.25 },
				'is larger than 0.25 MB',
				/Raise Options > 'Max File Size \(MB\)'/,
			],
			[
				'too large as it is stored',
				[],
				{ maxFileSizeMb: 0.25, decompress: false },
				'is larger than 0.25 MB',
				/Raise Options > 'Max File Size \(MB\)'/,
			],
			[
				'cut off',
				[instead(packed.subarray(0, half), whole())],
				{},
				'is truncated: its gzip data ends too early',
				/'Decompress' off/,
			],
			[
				'a page of a gateway',
				[instead(Buffer.from('<!DOCTYPE html><title>Sign in</title>'), whole())],
				{},
				'contains an HTML page ("Sign in")',
				/proxy or firewall/,
			],
			[
				'a page of a gateway, not unpacked',
				[instead(Buffer.from('\n<html><title>Sign in</title>'), whole())],
				{ decompress: false },
				'contains an HTML page ("Sign in")',
				/proxy or firewall/,
			],
			[
				'refused',
				[refusal(403), refusal(403)],
				{},
				'the file store refused the link, and a new one too (403): no reason given',
				/2 days/,
			],
			[
				'broken for good',
				Array.from({ length: 4 }, () => cutAt(half, { etag: undefined })),
				{},
				': the file store dropped the connection',
				/in a few minutes/,
			],
		])(
			'is an error, and nothing half stays behind, when a file is %s',
			async (__, answers, options, message, advice) => {
				store.add('2024-07-29.json.gz', packed);
				store.answer(...answers);
				const { items, error } = await run(options);
				expect(items).toEqual([]);
				expect(error!.message).toContain('"2024-07-29.json.gz" of job');
				expect(error!.message).toContain(message);
				expect(error!.description).toMatch(advice);
				expect(binaryStore.files).toEqual([]);
			},
		);

		it('ends at once when the execution is stopped', async () => {
			store.add('2024-07-29.json.gz', packed);
			store.answer(stallAt(half));
			const { status } = await run({}, { onStart: (cancel) => setTimeout(cancel, 5_000) });
			expect(status).toBe('canceled');
			expect(store.requests).toHaveLength(1);
			expect(binaryStore.files).toEqual([]);
		});
	});

	it('does not wait for a stalled file that is already too large', async () => {
		await binaryStore.onDisk();
		store.add('2024-07-29.json.gz', packed);
		store.answer(stallAt(packed.length - 1));
		// By the clock on the wall: a stall would take a minute.
		const { error } = await runNode(
			{
				resource: 'job',
				operation: 'download',
				jobId: { __rl: true, mode: 'id', value: ID },
				output: 'files',
				options: { maxFileSizeMb: 0.25 },
			},
			{ credentials: { baseUrl: store.origin } },
		);
		expect(error!.message).toMatch(
			/is larger than 0\.25 MB, the 'Max File Size \(MB\)' of this node$/,
		);
		expect(store.requests).toHaveLength(1);
		expect(await store.connections()).toBe(0);
	});

	it.each([
		['2024-07-29.ndjson.gz', '{}\n', '2024-07-29.ndjson', 'application/x-ndjson'],
		['2024-07-29.json.gz', '[{}]', '2024-07-29.json', 'application/json'],
		['2024-07-29.csv.gz', 'a,b\n', '2024-07-29.csv', 'text/csv'],
		['2024-07-29.parquet.gz', 'PAR1', '2024-07-29.parquet', 'application/vnd.apache.parquet'],
		['2024-07-29.avro.gz', 'Obj\u0001', '2024-07-29.avro', 'application/vnd.apache.avro'],
		['2024-07-29', '{}', '2024-07-29', 'application/octet-stream'],
		['../../etc/x.json.gz', '{}', 'x.json', 'application/x-ndjson'],
		['C:\\a\\x.csv.GZ', 'a\n', 'x.csv', 'text/csv'],
		['..', '{}', 'export', 'application/octet-stream'],
		['folder/', '{}', 'export', 'application/octet-stream'],
	])('names %s and its type', async (filename, content, fileName, mimeType) => {
		store.add(filename, content);
		const { items } = await run();
		expect(items[0]!.binary!.data).toMatchObject({ fileName, mimeType });
		expect(items[0]!.binary!.data).not.toHaveProperty('directory');
		expect(items[0]!.json.filename).toBe(
			filename.split(/[\\/]/).at(-1)!.replace('..', '') || 'export',
		);
	});

	it('a file without a name gets the name in its link', async () => {
		store.add('2024-07-29.json.gz', packed);
		store.links![0]!.filename = null;
		const { items } = await run();
		expect(items[0]!.json.filename).toBe('2024-07-29.json.gz');
	});

	it('an error says when the storage cannot be written', async () => {
		await binaryStore.onDisk();
		binaryStore.makeUnwritable();
		store.add('2024-07-29.json.gz', packed);
		const { error } = await run();
		expect(error!.message).toMatch(
			/^n8n could not store file "2024-07-29\.json\.gz" of job ".*": E(EXIST|NOTDIR)/,
		);
		expect(error!.description).toContain('N8N_DEFAULT_BINARY_DATA_MODE');
		expect(error!.description).toContain('N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE');
		expect(error!.description).toMatch(/The export is kept: Job > Download with this ID gets/);
	});

	it.each<[string, (content: Readable) => Promise<unknown>]>([
		['before it reads', async () => {}],
		['in the middle', async (content) => await content[Symbol.asyncIterator]().next()],
		// As n8n does that reads it into memory; what fails afterwards has no listener.
		['and still reads', async (content) => await new Promise((next) => content.once('data', next))],
	])('an error carries the message of the storage when it fails %s', async (_, read) => {
		await binaryStore.onDisk();
		binaryStore.custom(async (content) => {
			await read(content);
			throw new Error('File exceeds the maximum size');
		});
		store.add('2024-07-29.json.gz', gzipSync(text.repeat(9), { level: 0 }));
		store.answer(stallAt(600_000));
		const { error } = await run();
		expect(error!.message).toMatch(/^n8n could not store file .*: File exceeds the maximum size$/);
	});

	it.each([
		['blank', { binaryPropertyName: ' ' }, /^'Put Output File in Field' is empty/],
		['no name', { binaryPropertyName: '={{ 7 }}' }, /^'Put Output File in Field' must be the name/],
		['no size', { maxFileSizeMb: '={{ -1 }}' }, /^'Max File Size \(MB\)' must be a number of MB/],
		['no switch', { decompress: '={{ 1 }}' }, /^'Decompress' must be true or false/],
	])('rejects what is %s before any request', async (_, options, message) => {
		const { error } = await run(options);
		expect(error!.message).toMatch(message);
		expect(store.looks).toBe(0);
	});
});
