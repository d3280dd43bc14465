import { countLines } from '../../playground/downloads.ts';
import { readExecution, unflatten } from '../../playground/executions.ts';
import { npmFailure } from '../../playground/npm.ts';
import { readOptions } from '../../playground/options.ts';
import { elapsed } from '../../playground/progress.ts';
import { filesTable, rowsTable } from '../../playground/report.ts';

describe('an execution read from n8n', () => {
	// As n8n returns it: one item from a node called "Trigger".
	const flat = JSON.stringify([
		{ resultData: '1' },
		{ runData: '2' },
		{ Trigger: '3' },
		['4'],
		{ data: '5' },
		{ main: '6' },
		['7', null],
		['8'],
		{ json: '9' },
		{ job_id: '10', rows: 3 },
		'job-1',
	]);

	it('returns the items of a node', () => {
		const execution = readExecution({ id: '7', mode: 'trigger', status: 'success', data: flat });

		expect(execution.output('Trigger')).toEqual([{ job_id: 'job-1', rows: 3 }]);
		expect(execution.output('Another node')).toEqual([]);
		expect(execution.error).toBeUndefined();
	});

	it('returns message and description of an error', () => {
		const data = JSON.stringify([
			{ resultData: '1' },
			{ error: '2' },
			{ message: '3', description: '4' },
			'Refused.',
			'Wait.',
		]);

		expect(readExecution({ id: '7', mode: 'manual', status: 'error', data }).error).toBe(
			'Refused. Wait.',
		);
	});

	it('keeps values that refer to themselves', () => {
		const value = unflatten('[{"self":"0","list":"1"},["0","2"],"text"]') as {
			self: unknown;
			list: unknown[];
		};

		expect(value.self).toBe(value);
		expect(value.list).toEqual([value, 'text']);
	});
});

describe('the rows of a file', () => {
	it.each([
		[[''], 0],
		[['{"a":1}\n{"a":2}\n'], 2],
		[['{"a":1}\n{"a', '":2}'], 2],
		[['\n\n{"a":1}\n\n'], 1],
	])('%j holds %i', async (chunks, rows) => {
		async function* source() {
			yield* chunks.map((chunk) => Buffer.from(chunk));
		}

		expect(await countLines(source())).toBe(rows);
	});
});

describe('the table of files', () => {
	it('aligns names and numbers and shows totals', () => {
		const table = filesTable([
			{ filename: '2024-07-29.json.gz', rows: 1400, bytes: 34_567 },
			{ filename: '2024-08-05.json.gz', rows: 9, bytes: 120 },
		]);

		expect(table.split('\n')).toEqual([
			'  File                 Rows   Bytes',
			'  ──────────────────  ─────  ──────',
			'  2024-07-29.json.gz  1,400  34,567',
			'  2024-08-05.json.gz      9     120',
			'  ──────────────────  ─────  ──────',
			'  2 files             1,409  34,687',
		]);
	});
});

describe('the table of rows', () => {
	it('shows the first rows and their number', () => {
		const row = { inserted_at: '2024-07-29T08:00:00Z', event_type: 'track', user_id: 'u-1', x: 1 };
		const table = rowsTable([row, { ...row, event_name: 'Signed\r\nup' }, row], 2);

		expect(table.split('\n')).toEqual([
			'  inserted_at           event_type  event_name  user_id',
			'  ────────────────────  ──────────  ──────────  ───────',
			'  2024-07-29T08:00:00Z  track                   u-1',
			'  2024-07-29T08:00:00Z  track       Signed up   u-1',
			'  ────────────────────  ──────────  ──────────  ───────',
			'  3 rows',
		]);
	});
});

describe('a failed npm command', () => {
	it.each([
		['npm error code ENOTFOUND', /reach its registry/],
		['npm error code ENOTCACHED', /reach its registry/],
		['gyp ERR! stack Error: not found: make', /a C\+\+ compiler, make or Python is missing/],
		['make: g++: No such file or directory', /a C\+\+ compiler, make or Python is missing/],
		[
			'gyp ERR! find Python Could not find any Python installation to use',
			/a C\+\+ compiler, make or Python is missing/,
		],
		[
			'install getaddrinfo ENOTFOUND\ngyp info find Python using Python\ngyp WARN install got an error, rolling back install',
			/header files of Node could not be downloaded/,
		],
		['npm error code ENOSPC', /disk is full/],
		['npm error something else', /The log has the details/],
	])('%s', (log, sentence) => {
		const failure = npmFailure('Installing n8n', log, 'install.log');

		expect(failure.message).toMatch(sentence);
		expect(failure.message).toMatch(/Log: install\.log$/);
	});
});

describe('options', () => {
	it.each([
		[[], { once: false, port: undefined }],
		[['--once'], { once: true, port: undefined }],
		[['--once', '--port', '5778'], { once: true, port: 5778 }],
	])('%j', (args, options) => {
		expect(readOptions(args)).toEqual(options);
	});

	it.each([
		[['--port', 'none'], /--port must be a number/],
		[['--port', '70000'], /--port must be a number/],
		[['--twice'], /Unknown options: --twice/],
	])('%j is rejected', (args, message) => {
		expect(() => readOptions(args)).toThrow(message);
	});
});

describe('elapsed time', () => {
	it.each([
		[400, '0 s'],
		[59_000, '59 s'],
		[75_000, '1 min 15 s'],
	])('%i ms is %s', (milliseconds, text) => {
		expect(elapsed(milliseconds)).toBe(text);
	});
});
