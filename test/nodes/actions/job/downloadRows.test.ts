import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { INodeParameters } from 'n8n-workflow';

import { onFastClock } from '../../../support/clock';
import { API_KEY } from '../../../support/credentials';
import { runNode } from '../../../support/engine';
import { ID, refusal, SIGNATURE, stallAt, useFileStore } from '../../../support/fileStore';

const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const numbers = (from: number, to: number) =>
	Array.from({ length: to - from + 1 }, (_, index) => ({ n: from + index }));

describe('Job: Download, Output = Rows', () => {
	const store = useFileStore();

	const run = async (
		parameters: INodeParameters = {},
		options: Partial<Parameters<typeof runNode>[1]> = {},
	) => {
		const { result } = await onFastClock(
			'2024-10-06T10:44:50Z',
			() =>
				runNode(
					{ resource: 'job', operation: 'download', jobId: byId(ID), ...parameters } as never,
					{ credentials: { baseUrl: store.origin }, ...options },
				),
			() => store.isSilent,
		);
		const shown = JSON.stringify([result.error, result.error?.message, result.hints]);
		expect(shown).not.toContain(SIGNATURE);
		expect(shown).not.toContain(API_KEY);
		return {
			...result,
			rows: result.items.map(({ json }) => json),
			hintTexts: result.hints.map(({ message }) => message),
		};
	};

	it('returns the rows of all files, in order, paired, with a hint that counts them', async () => {
		store.add('1.json.gz', lines(...numbers(1, 3)));
		store.add('2.json.gz', JSON.stringify(numbers(4, 5)));
		store.add('3.csv.gz', 'n,name\r\n6,"a, ""b""\nc"\r\n');
		store.add('4.ndjson', Buffer.from(lines({ n: 7 })));
		store.add('5.json.gz', '');
		const { items, rows, hints } = await run();
		expect(rows).toEqual([...numbers(1, 5), { n: '6', name: 'a, "b"\nc' }, { n: 7 }]);
		expect(items.every(({ pairedItem }) => (pairedItem as { item: number }).item === 0)).toBe(true);
		expect(hints).toEqual([
			{ message: '7 rows from 5 files.', type: 'info', location: 'outputPane' },
		]);
	});

	it('a hint says when no file has a row', async () => {
		store.add('1.json.gz', '');
		store.add('2.json.gz', '');
		const { rows, hintTexts } = await run();
		expect(rows).toEqual([]);
		expect(hintTexts).toEqual(['No events match the date range and filters (2 empty files).']);
	});

	it('numbers keep all their digits', async () => {
		store.add('1.json.gz', '{"id":12345678901234567890,"n":1.5}\n');
		expect((await run()).rows).toEqual([{ id: '12345678901234567890', n: 1.5 }]);
	});

	it.each([
		[1, 1, 1, 'The first row from 1 file.'],
		[3, 3, 1, 'The first 3 rows from 1 file.'],
		[4, 4, 2, 'The first 4 rows from 2 files.'],
		[6, 6, 2, 'The first 6 rows from 2 files.'],
		[7, 6, 2, '6 rows from 2 files.'],
		[undefined, 6, 2, '6 rows from 2 files.'],
	])(
		'a limit of %s gives %i rows out of %i files, and says so',
		async (limit, count, files, hint) => {
			store.add('1.json.gz', lines(...numbers(1, 3)));
			store.add('2.json.gz', lines(...numbers(4, 6)));
			const { rows, hintTexts } = await run({ returnAll: false, ...(limit && { limit }) });
			expect(rows).toEqual(numbers(1, count));
			expect(store.requests).toHaveLength(files);
			expect(hintTexts).toEqual([hint]);
		},
	);

	it('does not wait for a stalled file once there are enough rows', async () => {
		const content = store.add('1.json.gz', lines(...numbers(1, 40_000)));
		store.answer(stallAt(Math.floor(content.length / 2)));
		// By the clock on the wall: a stall would take a minute.
		const { items, error } = await runNode(
			{ resource: 'job', operation: 'download', jobId: byId(ID), returnAll: false, limit: 3 },
			{ credentials: { baseUrl: store.origin } },
		);
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json)).toEqual(numbers(1, 3));
		expect(store.requests).toHaveLength(1);
		expect(await store.connections()).toBe(0);
	});

	it('returns 50 rows by default without Return All', async () => {
		store.add('1.json.gz', lines(...numbers(1, 60)));
		expect((await run({ returnAll: false })).rows).toEqual(numbers(1, 50));
	});

	it('flattens rows on request', async () => {
		store.add('1.json.gz', lines({ a: { b: { c: 1 }, d: [1, { e: 2 }] }, a_d: 'own' }));
		const { rows } = await run({ options: { flatten: true } });
		expect(rows).toEqual([{ a_b_c: 1, a_d: 'own', a_d_2: '[1,{"e":2}]' }]);
	});

	it('a flattened property has one column in all rows of all files', async () => {
		store.add('1.json.gz', lines({ m: { p: 1 } }, { m_p: 2 }));
		store.add('2.json.gz', lines({ m: { p: 3 } }));
		const { rows } = await run({ options: { flatten: true } });
		expect(rows).toEqual([{ m_p_2: 1 }, { m_p: 2 }, { m_p_2: 3 }]);
	});

	it('flattens as many rows as there are', async () => {
		store.add('1.json.gz', '{"a":{"b":1}}\n'.repeat(12_000));
		const { rows } = await run({ options: { flatten: true } });
		expect(rows).toHaveLength(12_000);
		expect(rows.every(({ a_b }) => a_b === 1)).toBe(true);
	});

	it.each(['fail', 'skip'])(
		'tells a file that is damaged from one with bad rows: On Invalid Row %s',
		async (onBadRow) => {
			// Of several pieces, so that rows are read before its end is.
			const packed = gzipSync(lines(...numbers(1, 30_000)), { level: 0 });
			packed[packed.indexOf('{"n":9}')] = 0x78;
			store.add('1.json.gz', packed);
			store.add('2.json.gz', lines({ n: 10 }));
			const { error, rows } = await run({ options: { onBadRow } });
			expect(rows).toEqual([]);
			expect(error!.message).toMatch(/^File "1\.json\.gz" of job ".*" is damaged: /);
		},
	);

	it('stops at a file that is larger than Max File Size (MB) once decompressed', async () => {
		store.add('bomb.json.gz', lines({ n: 1 }).repeat(300_000));
		const { error, rows } = await run({ options: { maxFileSizeMb: 1 } });
		expect(rows).toEqual([]);
		expect(error!.message).toMatch(
			/^File "bomb\.json\.gz" of job ".*" is larger than 1 MB, the 'Max File Size \(MB\)' of this node$/,
		);
		expect(error!.description).toContain("Raise Options > 'Max File Size (MB)'");
	});

	it('warns of an empty file', async () => {
		store.add('1.json.gz', lines({ n: 1 }));
		store.add('2.json.gz', Buffer.alloc(0));
		const { rows, hints } = await run();
		expect(rows).toEqual([{ n: 1 }]);
		expect(hints).toContainEqual({
			message:
				'These files are empty (0 bytes) in the file store: "2.json.gz". If there should be events, start the export again.',
			type: 'warning',
			location: 'outputPane',
		});
	});

	describe('an invalid row', () => {
		beforeEach(() => {
			store.add('1.json.gz', '{"n":1}\n{"n":\n{"n":2}\n[]\n');
			store.add('2.csv.gz', 'a,b\n1\n3,4\n');
		});

		it('is an error that names file and line', async () => {
			const { error, items } = await run();
			expect(items).toEqual([]);
			expect(error!.message).toMatch(
				`File "1.json.gz" of job "${ID}" has an invalid row on line 2: it is not JSON: `,
			);
			expect(error!.description).toMatch(/Options > 'On Invalid Row' to Skip.*'Output' to Files/);
			expect(error!.context).toMatchObject({ itemIndex: 0 });
		});

		it('is skipped on request, and counted', async () => {
			const { rows, hints } = await run({ options: { onBadRow: 'skip' } });
			expect(rows).toEqual([{ n: 1 }, { n: 2 }, { a: '3', b: '4' }]);
			expect(hints[0]!.message).toBe('3 rows from 2 files.');
			expect(hints[1]).toMatchObject({
				message: expect.stringMatching(
					/^Skipped 3 invalid rows\. The first: "1\.json\.gz" has an invalid row on line 2: it is not JSON: /,
				),
				type: 'warning',
			});
		});

		it('after the limit is ignored', async () => {
			const { rows, hintTexts } = await run({ returnAll: false, limit: 1 });
			expect(rows).toEqual([{ n: 1 }]);
			expect(hintTexts).toHaveLength(1);
			const skipped = await run({
				returnAll: false,
				limit: 2,
				options: { onBadRow: 'skip', fileFilter: '1*' },
			});
			expect(skipped.hintTexts[1]).toMatch(/^Skipped 1 invalid row\. The first/);
		});
	});

	it('ends the download, with a limit, where it is an error', async () => {
		const noise = randomBytes(40).toString('hex');
		const rows = Array.from({ length: 300_000 }, (_, n) => `{"n":${n},"noise":"${noise}"}\n`);
		rows[9] = '{"n":\n';
		const content = store.add('1.json.gz', gzipSync(rows.join(''), { level: 0 }));
		const { error } = await run({ returnAll: false, limit: 50 });
		expect(error!.message).toContain('has an invalid row on line 10: it is not JSON: ');
		expect(content.length).toBeGreaterThan(20e6);
		expect(store.bytesTaken).toBeLessThan(5e6);
	});

	it('a hint counts the lines that are lost to a stray quote', async () => {
		store.add('1.csv.gz', 'a,b\n1,2\n"3,4\n5,6\n7,8\n9,10\n');
		store.add('2.csv.gz', 'a,b\n1,2\n"3,4\n5,6\n7,"8"\n9,10\n');
		const { rows, hintTexts } = await run({ options: { onBadRow: 'skip', fileFilter: '1*' } });
		expect(rows).toEqual([{ a: '1', b: '2' }]);
		expect(hintTexts[1]).toMatch(
			/^Skipped 1 invalid row, and lost 3 more lines with it\. The first: "1\.csv\.gz" has an invalid row on line 3: it has an unclosed quote/,
		);
		const both = await run({ options: { onBadRow: 'skip' } });
		expect(both.rows).toHaveLength(3);
		expect(both.hintTexts[1]).toMatch(
			/^Skipped 2 invalid rows, and lost 5 more lines with them\. /,
		);
	});

	it.each([
		['1.json.gz', '{"n":1}\n{"n":"\xe9"}\n{"n":2}\n', 2],
		['1.json.gz', '[{"n":1},\n{"n":"\xe9"},{"n":2}]', 2],
		['1.csv.gz', 'n\n1\n\xe9\n2\n', 3],
	])('bytes that are not UTF-8 make a row invalid: %s, %j', async (name, text, line) => {
		store.add(name, gzipSync(Buffer.from(text, 'latin1')));
		const failed = await run();
		const words = `"${name}" has an invalid row on line ${line}: it contains bytes that are not UTF-8`;
		expect(failed.error!.message).toBe(`File ${words.replace('has', `of job "${ID}" has`)}`);
		const { rows, hintTexts } = await run({ options: { onBadRow: 'skip' } });
		expect(rows.map(({ n }) => Number(n))).toEqual([1, 2]);
		expect(hintTexts[1]).toBe(`Skipped 1 invalid row. The first: ${words}`);
	});

	it.each([
		['semicolons', 'a;b\n1;2\n'],
		['tabs', 'a\tb\n1\t2\n'],
	])('a hint says when a CSV file has %s between its columns', async (name, text) => {
		store.add('1.csv.gz', text);
		const { rows, hints } = await run();
		expect(rows).toHaveLength(1);
		expect(hints).toContainEqual({
			message: expect.stringMatching(
				`^"1\\.csv\\.gz" seems to use ${name} instead of commas between its columns\\. .*Extract From File`,
			),
			type: 'warning',
			location: 'outputPane',
		});
	});

	it.each([
		[100_000, 1],
		[100_001, 2],
	])('warns above 100,000 rows: %i', async (count, hints) => {
		store.add('1.json.gz', '{}\n'.repeat(count));
		const run_ = await run();
		expect(run_.items).toHaveLength(count);
		expect(run_.hintTexts).toHaveLength(hints);
		if (hints === 2) {
			expect(run_.hints[1]).toMatchObject({
				message: expect.stringMatching(
					/all 100,001 items in memory.*set 'Output' to Summary, or to Files/,
				),
				type: 'warning',
			});
		}
	});

	it.each<[string, string[]]>([
		['2024-07-*', ['a', 'b']],
		['2024-07-29.json', ['a']],
		['2024-07-29.json.gz', ['a']],
		['*-05*, 2024-07-29*', ['a', 'c']],
		['={{ ["2024-08-05.json"] }}', ['c']],
		['*', ['a', 'b', 'c']],
	])('File Filter %j matches the files %j', async (fileFilter, taken) => {
		store.add('2024-07-29.json.gz', '{"file":"a"}');
		store.add('2024-07-08.json.gz', '{"file":"b"}');
		store.add('2024-08-05.json.gz', '{"file":"c"}');
		const { rows } = await run({ options: { fileFilter } });
		expect(rows.map(({ file }) => file)).toEqual(taken);
		expect(store.requests).toHaveLength(taken.length);
	});

	it.each<[string, INodeParameters, RegExp, RegExp]>([
		[
			'fits no file',
			{ options: { fileFilter: 'x*' } },
			/^No file of job ".*" matches 'File Filter' \(x\*\)/,
			/has these files: 1\.json\.gz, 2\.json\.gz/,
		],
		[
			'is empty',
			{ options: { fileFilter: '' } },
			/^'File Filter' is empty\. .* remove the filter to get all files/,
			/Nothing was sent/,
		],
		[
			'comes out as nothing',
			{ options: { fileFilter: '={{ null }}' } },
			/^'File Filter' is set to an expression that returned no value/,
			/Nothing was sent/,
		],
	])('a File Filter that %s is an error', async (_, parameters, message, description) => {
		store.add('1.json.gz', '{}');
		store.add('2.json.gz', '{}');
		const { error } = await run(parameters);
		expect(error!.message).toMatch(message);
		expect(error!.description).toMatch(description);
		expect(store.requests).toEqual([]);
	});

	it.each([
		['no files', []],
		['no list of files', null],
	])('a job with %s returns no items, with a hint', async (_, links) => {
		store.links = links;
		for (const output of ['rows', 'files']) {
			const { items, error, hintTexts } = await run({ output });
			expect(error).toBeUndefined();
			expect(items).toEqual([]);
			expect(hintTexts).toEqual([`Job ${ID} has no files, so there is no output.`]);
		}
	});

	it.each([[null], [''], ['no address']])('a file with the link %j is an error', async (url) => {
		store.add('1.json.gz', '{}');
		store.links!.push({ filename: '../2.json.gz', url });
		const { error } = await run();
		expect(error!.message).toBe(`Userpilot sent no link to file "2.json.gz" of job "${ID}"`);
		expect(store.requests).toEqual([]);
	});

	it.each(['in_progress', 'failed', 'paused', undefined])(
		'of a job whose status is %s is an error that names it and Wait',
		async (status) => {
			store.answerLook = (_, response) => {
				response.end(JSON.stringify({ job_id: ID, status, presigned_urls: [] }));
				return true;
			};
			const { error } = await run();
			expect(error!.message).toBe(
				`Export job "${ID}" has not completed: its status is ${status ?? 'unknown'}`,
			);
			expect(error!.description).toContain('Job > Wait');
		},
	);

	it('an error says how long jobs are kept when the job is gone', async () => {
		store.answerLook = (_, response) => {
			response.writeHead(404).end('{"errors":[{"message":"job not found"}]}');
			return true;
		};
		const { error } = await run();
		expect(error).toMatchObject({
			message: expect.stringContaining('job not found'),
			description: expect.stringContaining('3 days'),
			httpCode: '404',
		});
	});

	it('an error says that the job is gone when its link has expired, too', async () => {
		store.add('1.json.gz', '{}');
		store.answer(refusal(403));
		store.answerLook = (looks, response) => {
			if (looks > 1) response.writeHead(404).end('{"errors":[{"message":"job not found"}]}');
			return looks > 1;
		};
		const { error } = await run();
		expect(error!.message).toContain(`Userpilot has no job "${ID}" (404)`);
		expect(error!.description).toContain('3 days');
	});

	it.each([
		['the file is not listed any more', () => (store.links = [])],
		['its link is missing', () => (store.links![0]!.url = null)],
		['its link is no address', () => (store.links![0]!.url = 'x')],
	])('an error says how long links work when %s', async (_, change) => {
		store.add('1.json.gz', '{}');
		store.answer(refusal(403, '<Error><Code>AccessDenied</Code></Error>'));
		store.answerLook = (looks) => {
			if (looks === 2) change();
			return false;
		};
		const { error } = await run();
		expect(error!.message).toContain('the file store refused the link (403): AccessDenied');
		expect(error!.description).toMatch(/2 days.*3 days/);
	});

	it('one failed item does not stop the others', async () => {
		store.add('1.json.gz', '{"n":1}\n{"n":2}');
		const { items, error } = await run(
			{ jobId: byId('={{ $json.id }}') as never },
			{ input: [{ id: 'a' }, { id: '..' }, { id: 'b' }], node: { onError: 'continueErrorOutput' } },
		);
		expect(error).toBeUndefined();
		expect(items).toEqual(
			[0, 0, 2, 2].map((item, index) => ({
				json: { n: (index % 2) + 1 },
				pairedItem: { item },
			})),
		);
	});

	it('a file that cannot be read gives one error item and no rows', async () => {
		store.add('1.json.gz', '{"n":1}\n');
		store.add('2.json.gz', gzipSync('{"n":2}').subarray(0, 15));
		const { items } = await run({}, { node: { onError: 'continueRegularOutput' } });
		expect(items).toEqual([
			{
				json: {
					error: `File "2.json.gz" of job "${ID}" is truncated: its gzip data ends too early`,
					details: { description: expect.any(String), httpCode: null, jobId: ID },
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	it.each<[string, INodeParameters, RegExp]>([
		[
			'an unknown output',
			{ output: '={{ "binary" }}' },
			/^'Output' is "binary", but must be one of/,
		],
		['the output of a wait', { output: '={{ "job" }}' }, /must be one of: files, rows/],
		[
			'no limit',
			{ returnAll: false, limit: '={{ 0 }}' },
			/^'Limit' must be a whole number, 1 or more/,
		],
		[
			'no switch',
			{ options: { flatten: '={{ 1 }}' } },
			/^'Flatten Nested Fields' must be true or false/,
		],
		['an unknown way', { options: { onBadRow: '={{ "x" }}' } }, /^'On Invalid Row' is "x"/],
		['no job', { jobId: byId('={{ "" }}') as never }, /^'Job' is empty/],
	])('rejects %s before any request', async (_, parameters, message) => {
		const { error } = await run(parameters);
		expect(error!.message).toMatch(message);
		expect(store.looks).toBe(0);
	});
});
