import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';

import { readBody } from '../../../nodes/Userpilot/download/body';
import { RemoteFile } from '../../../nodes/Userpilot/download/remoteFile';
import { onFastClock } from '../../support/clock';
import { API_KEY } from '../../support/credentials';
import { runNode } from '../../support/engine';
import type { FileAnswer } from '../../support/fileStore';
import { selfSigned } from '../../support/selfSigned';
import {
	cutAfter,
	cutAt,
	ID,
	instead,
	ranged,
	refusal,
	reset,
	SIGNATURE,
	silence,
	stallAfter,
	stallAt,
	useFileStore,
	whole,
} from '../../support/fileStore';

const MB = 1024 * 1024;
const NAME = '2024-07-29.json.gz';
const rows = Array.from({ length: 3_000 }, (_, index) => ({
	index,
	hash: createHash('sha256').update(String(index)).digest('hex'),
}));
const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const content = gzipSync(text);
const size = content.length;
const half = Math.floor(size / 2);
const etag = `"${createHash('md5').update(content).digest('hex')}"`;
/** Of the same size, as if one byte had changed. */
const other = Buffer.from(content).fill(1, half, half + 1);
const spoilt = Buffer.from(content).fill(content[half]! ^ 0xff, half, half + 1);
const xml = (code: string, message: string) =>
	`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message><StringToSign>${SIGNATURE}</StringToSign></Error>`;
const expired = refusal(403, xml('AccessDenied', 'Request has expired'));
const slowDown = refusal(503, xml('SlowDown', 'Reduce your request rate.'));
const chunked = { 'content-length': undefined };
const noValidator = { etag: undefined };
const weak = { etag: 'W/"weak"' };
const dated = { ...weak, 'last-modified': 'Mon, 29 Jul 2024 00:00:00 GMT' };
const encoded = { 'content-encoding': 'gzip' };
const partOf =
	(start: number, end: number): FileAnswer =>
	(_, { response }) => {
		response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${size}`, etag });
		response.end(content.subarray(start, end + 1));
	};

describe('a file of the store', () => {
	const store = useFileStore();

	const run = async (answers: FileAnswer[], parameters = {}, options = {}, stored = content) => {
		store.add(NAME, stored);
		store.answer(...answers);
		const jobId = { __rl: true, mode: 'id', value: ID };
		const { result, elapsedMs } = await onFastClock(
			'2024-10-06T10:44:50Z',
			() =>
				runNode(
					{ resource: 'job', operation: 'download', jobId, ...parameters },
					{ credentials: { baseUrl: store.origin }, ...options },
				),
			() => store.isSilent,
		);
		const shown = JSON.stringify([result.error, result.error?.message, result.error?.description]);
		expect(shown).not.toContain(SIGNATURE);
		expect(shown).not.toContain(API_KEY);
		for (const { headers } of store.requests) expect(headers.authorization).toBeUndefined();
		expect(await store.connections()).toBe(0);
		return { ...result, elapsedMs, ranges: store.requests.map(({ headers }) => headers.range) };
	};

	const wholeRows = async (answers: FileAnswer[], options = {}) => {
		const result = await run(answers, {}, options);
		expect(result.error).toBeUndefined();
		expect(result.items.map(({ json }) => json)).toEqual(rows);
		return result;
	};

	it('is asked for once, as it is stored', async () => {
		await wholeRows([]);
		expect(store.requests).toHaveLength(1);
		expect(store.requests[0]!.headers).toMatchObject({ 'accept-encoding': 'identity' });
		expect(store.requests[0]!.headers).not.toHaveProperty('range');
		expect(store.looks).toBe(1);
	});

	it.each<[string, FileAnswer, number | undefined]>([
		['broken at its start', cutAt(0), undefined],
		['broken after one byte', cutAt(1), 1],
		['broken in the middle', cutAt(half), half],
		['broken before its last byte', cutAt(size - 1), size - 1],
		['stalled at its start', stallAt(0), undefined],
		['stalled in the middle', stallAt(half), half],
		['stalled before its last byte', stallAt(size - 1), size - 1],
	])('%s is resumed where it stopped', async (what, fault, position) => {
		const { ranges, elapsedMs } = await wholeRows([fault]);
		const [, second] = store.requests;
		expect(ranges).toStrictEqual([undefined, position && `bytes=${position}-`]);
		expect(second!.headers['if-range']).toBe(position && etag);
		expect(second!.status).toBe(position ? 206 : 200);
		expect(store.bytes).toBe(size);
		// It counts as stalled after a minute.
		expect(elapsedMs).toBeGreaterThanOrEqual(what.startsWith('stalled') ? 61_000 : 1_000);
		expect(store.looks).toBe(1);
	});

	it.each<[string, FileAnswer[], Array<string | undefined>]>([
		['drops the connection 3 times', [cutAt(half), cutAt(0), cutAt(9)], []],
		['is refused for a moment', [slowDown, refusal(500), refusal(429)], []],
		['resets the connection before it responds', [reset, reset, cutAt(half), reset], []],
		['does not respond within a minute', [silence, ranged()], []],
		['does not support ranges', [cutAt(half), whole()], [`bytes=${half}-`]],
		[
			'has a weak ETag, then a strong one',
			[cutAt(half, { etag: 'W/"e"' }), whole({ etag: '"e"' })],
			[undefined],
		],
		[
			'has a strong ETag, then a weak one',
			[cutAt(half, { etag: '"e"' }), ranged({ etag: 'W/"e"' })],
			[`bytes=${half}-`],
		],
		['has no validator', [cutAt(half, noValidator), whole(noValidator)], [undefined]],
		['has a weak validator', [cutAt(half, weak), whole(weak)], [undefined]],
		['has a date for a validator', [cutAt(half, dated), ranged(dated)], [`bytes=${half}-`]],
		['does not state the length', [cutAt(half, chunked), ranged(chunked)], [`bytes=${half}-`]],
		[
			'sends less than the rest',
			[cutAt(half), partOf(half, size - 2)],
			[`bytes=${half}-`, undefined],
		],
		[
			'sends a later part',
			[cutAt(half), partOf(half + 1, size - 1)],
			[`bytes=${half}-`, undefined],
		],
		['sends a part without a range', [cutAt(half), refusal(206)], [`bytes=${half}-`, undefined]],
		['refuses the range', [cutAt(half), refusal(416)], [`bytes=${half}-`, undefined]],
		[
			'drops the connection after the last byte',
			[cutAt(size, chunked), refusal(416, '', { 'content-range': `bytes */${size}` })],
			[`bytes=${size}-`],
		],
		['redirects', [refusal(307, '', { location: `/files/${NAME}` })], []],
		['decodes the body', [whole(encoded)], []],
		[
			'drops the connection while it decodes the body',
			[cutAt(half, encoded), whole(encoded)],
			[undefined],
		],
		['refuses the link', [expired], []],
		[
			'refuses the link in the middle of the download',
			[cutAt(half), expired],
			[`bytes=${half}-`, `bytes=${half}-`],
		],
	])('arrives complete, each row once, where the store %s', async (_, answers, ranges) => {
		const result = await wholeRows(answers);
		if (ranges.length > 0) expect(result.ranges.slice(1)).toStrictEqual(ranges);
	});

	it.each<[string, FileAnswer[]]>([
		['cuts every 8 KB', Array.from({ length: 60 }, () => cutAfter(8 * 1024))],
		['stalls after every 16 KB', Array.from({ length: 15 }, () => stallAfter(16 * 1024))],
		[
			'drops every other connection at once',
			Array.from({ length: 20 }, () => [cutAfter(9_999), reset]).flat(),
		],
		[
			'refuses a link after every 32 KB',
			Array.from({ length: 15 }, () => [cutAfter(32 * 1024), expired]).flat(),
		],
		['refuses the first link, and the second after a cut', [expired, cutAfter(half), expired]],
		[
			'cuts twice as late each time, and does not support ranges',
			[2_000, 4_000, 8_000, 16_000, 32_000].map((bytes) => cutAt(bytes, noValidator)),
		],
	])('is resumed as long as there is progress, where the store %s', async (_, answers) => {
		const { length: answered } = answers;
		await wholeRows(answers);
		expect(store.requests.length).toBeGreaterThan(2);
		expect(store.requests.length).toBeLessThanOrEqual(answered + 1);
	});

	it('is resumed as long as there is progress, where the store stalls after every 4 MB of 14 MB', async () => {
		const big = randomBytes(14 * MB);
		const { items, error } = await run(
			Array.from({ length: 3 }, () => stallAfter(4 * MB)),
			{ output: 'files', options: { decompress: false } },
			{},
			big,
		);
		expect(error).toBeUndefined();
		expect(Buffer.from(items[0]!.binary!.data!.data, 'base64').equals(big)).toBe(true);
		expect(store.requests).toHaveLength(4);
	});

	it('is given up where it starts over each time and makes hardly any progress', async () => {
		const { error } = await run(
			Array.from({ length: 100 }, (_, index) => cutAt(1_000 * (index + 1), noValidator)),
		);
		expect(error!.message).toContain(': the file store dropped the connection (ECONNRESET) after ');
		expect(store.requests.length).toBeLessThan(10);
	});

	it('is given up where only a few bytes arrive each time', async () => {
		const { error } = await run(Array.from({ length: 100 }, () => cutAfter(100)));
		expect(error!.message).toContain(' after 400 bytes, and resuming 3 times did not help');
		expect(store.requests).toHaveLength(4);
	});

	it('is retried after a 408 with the same link', async () => {
		await wholeRows([refusal(408), refusal(408), cutAt(half), expired]);
		expect(store.looks).toBe(2);
	});

	it('fails at once where the certificate of the store is not trusted', async () => {
		const untrusted = createServer(selfSigned(), (_, response) => response.end());
		await new Promise<void>((resolve) => untrusted.listen(0, '127.0.0.1', resolve));
		const { port } = untrusted.address() as AddressInfo;
		store.links!.push({ filename: 'untrusted.json.gz', url: `https://127.0.0.1:${port}/` });
		const { error, elapsedMs } = await run([], { options: { fileFilter: 'untrusted*' } });
		untrusted.close();
		expect(error!.message).toContain('has a TLS certificate that is not trusted');
		expect(elapsedMs).toBeLessThan(500);
	});

	it('is read from where the store starts, which may be earlier', async () => {
		await wholeRows([cutAt(half), partOf(1_000, size - 1)]);
		expect(store.requests).toHaveLength(2);
	});

	it('is requested with the date in If-Range where the ETag is weak', async () => {
		await wholeRows([cutAt(half, dated), ranged(dated)]);
		expect(store.requests[1]!.headers['if-range']).toBe(dated['last-modified']);
	});

	it('is retried after the time that the store asks for', async () => {
		const answer = refusal(429, '', { 'retry-after': '40' });
		expect((await wholeRows([answer])).elapsedMs).toBeGreaterThanOrEqual(40_000);
	});

	it('gets a new link from a new request for the job', async () => {
		await wholeRows([expired]);
		expect(store.looks).toBe(2);
		expect(store.requests.map(({ query }) => query.get('look'))).toEqual(['1', '2']);
	});

	it('is not confused with one of the same name when its link is renewed', async () => {
		store.add('a', gzipSync('{"file":"a"}'));
		store.add('b', gzipSync('{"file":"b"}'));
		store.links!.forEach((link) => (link.filename = 'same.json.gz'));
		const { items } = await run([expired, ranged(), expired], { options: { fileFilter: 'same*' } });
		expect(items.map(({ json }) => json)).toEqual([{ file: 'a' }, { file: 'b' }]);
	});

	it('may arrive slowly, as long as something arrives', async () => {
		const drip: FileAnswer = (bytes, { response }) => {
			store.isSilent = true;
			response.writeHead(200, { 'content-length': bytes.length });
			const part = Math.ceil(bytes.length / 4);
			const next = (from: number) => {
				response.write(bytes.subarray(from, from + part));
				store.isSilent = from + part < bytes.length;
				if (store.isSilent) setTimeout(next, 50_000, from + part);
			};
			next(0);
		};
		expect((await wholeRows([drip])).elapsedMs).toBeGreaterThanOrEqual(150_000);
		expect(store.requests).toHaveLength(1);
	});

	it.each<[string, FileAnswer, number]>([
		['while it stalls', stallAt(half), 5_000],
		['before the store has responded', silence, 5_000],
		['while the store asks to wait', refusal(429, '', { 'retry-after': '50' }), 5_000],
		['after a dropped connection', cutAt(half), 500],
	])('is abandoned at once when the execution is stopped %s', async (_, answer, ms) => {
		const stop = { onStart: (cancel: () => void) => setTimeout(cancel, ms) };
		const { status, elapsedMs } = await run([answer], {}, stop);
		expect(status).toBe('canceled');
		expect(elapsedMs).toBeLessThan(ms + 2_000);
		expect(store.requests).toHaveLength(1);
	});

	const LIFETIMES = /2 days.*3 days/s;
	const broken = Array.from({ length: 4 }, () => cutAt(half, noValidator));
	const stalled = Array.from({ length: 4 }, () => stallAt(half, noValidator));
	const ours = `"${NAME}" of job "${ID}"`;

	it.each<[string, FileAnswer[], string, RegExp, string | undefined]>([
		[
			'drops the connection a fourth time',
			broken,
			`Could not download ${ours}: the file store dropped the connection (ECONNRESET) after ${half} bytes, and resuming 3 times did not help`,
			LIFETIMES,
			undefined,
		],
		[
			'stalls a fourth time',
			stalled,
			`: the file store sent no data for 60 s after ${half} bytes`,
			LIFETIMES,
			undefined,
		],
		[
			'refuses the new link, too',
			[expired, expired],
			`Could not download ${ours}: the file store refused the link, and a new one too (403): AccessDenied: Request has expired`,
			LIFETIMES,
			'403',
		],
		[
			'refuses two links in a row after a break',
			[expired, cutAt(half), expired, refusal(404, xml('NoSuchKey', 'gone'))],
			'refused the link, and a new one too (404): NoSuchKey: gone',
			LIFETIMES,
			'404',
		],
		[
			'fails',
			Array.from({ length: 4 }, () => slowDown),
			`Could not download ${ours}: the file store failed (503): SlowDown`,
			/This is a problem of the file store/,
			'503',
		],
		[
			'resets each connection',
			Array.from({ length: 4 }, () => reset),
			'dropped the connection before it responded',
			/can reach 127\.0\.0\.1:\d+/,
			undefined,
		],
		[
			'never responds',
			Array.from({ length: 4 }, () => silence),
			'did not respond in time',
			/can reach/,
			undefined,
		],
		[
			'has another file by now',
			[cutAt(half), instead(other, whole())],
			`Could not download ${ours}: the file changed during the download`,
			/Try again/,
			undefined,
		],
		[
			'has another file and sends the rest of it',
			[cutAt(half), instead(other, ranged()), instead(other, ranged())],
			'the file changed during the download',
			/Try again/,
			undefined,
		],
		[
			'has a longer file without an ETag by now',
			[
				cutAt(half, dated),
				instead(Buffer.concat([content, content]), ranged({ ...dated, etag: undefined })),
				instead(Buffer.concat([content, content]), ranged({ ...dated, etag: undefined })),
			],
			'the file changed during the download',
			/Try again/,
			undefined,
		],
		[
			'sends a part that was not requested',
			[partOf(0, 9), partOf(0, 9)],
			'the file store refused the link (206)',
			LIFETIMES,
			'206',
		],
		[
			'holds half of it',
			[instead(content.subarray(0, half), whole())],
			`File ${ours} is truncated: its gzip data ends too early`,
			/Try again/,
			undefined,
		],
		[
			'holds it with a wrong byte',
			[instead(spoilt, whole())],
			`File ${ours} is damaged`,
			/Try again/,
			undefined,
		],
	])('is an error, and no rows, where the store %s', async (_, answers, message, advice, code) => {
		const { error, items } = await run(answers);
		expect(items).toEqual([]);
		expect(error!.message).toContain(message);
		expect(error!.description).toMatch(advice);
		expect(error!.httpCode ?? undefined).toBe(code);
		expect(error!.context).toMatchObject({ itemIndex: 0 });
	});
});

describe('a file that is closed', () => {
	const fileOf = (httpRequest: () => Promise<unknown>) => {
		const context = { getNode: () => ({}), helpers: { httpRequest } };
		const connection = {
			context,
			baseUrl: 'https://api.example.com',
			secrets: [],
			deadline: Infinity,
		} as never;
		const url = 'https://files.example.com/';
		const renewUrl = async () => undefined;
		return new RemoteFile(connection, { jobId: ID, filename: NAME, url, renewUrl });
	};

	/** Reads a file, and closes it half a second later. */
	const closed = async (status: number, pieces: () => AsyncGenerator<Buffer>, delayMs = 0) => {
		const bodies: Readable[] = [];
		const httpRequest = async () => {
			const body = Readable.from(pieces(), { objectMode: false });
			bodies.push(body);
			if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
			return { statusCode: status, headers: {}, body };
		};
		const file = fileOf(httpRequest);
		const read: string[] = [];
		await onFastClock('2024-10-06T10:44:50Z', async () => {
			setTimeout(() => file.close(), 500);
			for await (const piece of file.readFrom(0)) read.push(Buffer.from(piece).toString());
		});
		return { read, areDestroyed: bodies.map(({ destroyed }) => destroyed) };
	};

	it('is not requested again in the pause after a dropped connection', async () => {
		const outcome = await closed(200, async function* () {
			yield Buffer.from('a');
			throw new Error('broken');
		});
		expect(outcome).toEqual({ read: ['a'], areDestroyed: [true] });
	});

	it('is not requested again in the pause between two tries', async () => {
		const outcome = await closed(503, async function* () {});
		expect(outcome).toEqual({ read: [], areDestroyed: [true] });
	});

	it('closes the connection when it is read again, too', async () => {
		const bodies = [0, 1].map(() => Readable.from([Buffer.from('a'), Buffer.from('b')]));
		const answers = bodies.map((body) => ({ statusCode: 200, headers: {}, body }));
		const file = fileOf(async () => answers.shift());
		const first = file.readFrom(0);
		await first.next();
		await first.return();
		expect(bodies[0]!.destroyed).toBe(true);
		await file.readFrom(0).next();
		file.close();
		expect(bodies[1]!.destroyed).toBe(true);
	});

	it('is not read when the store responds late', async () => {
		const outcome = await closed(
			200,
			async function* () {
				yield Buffer.from('a');
			},
			900,
		);
		expect(outcome).toEqual({ read: [], areDestroyed: [true] });
	});
});

describe('a body', () => {
	it('does not count as stalled while nobody reads it', async () => {
		async function* pieces() {
			yield Buffer.from('a');
			yield Buffer.from('b');
		}
		let closed = 0;
		const stream = Object.assign(pieces(), { destroy() {} });
		await onFastClock('2024-10-06T10:44:50Z', async () => {
			const reader = readBody({ stream, close: () => closed++ });
			expect(await reader.next()).toEqual({ bytes: Buffer.from('a') });
			jest.advanceTimersByTime(200_000);
			expect(await reader.next()).toEqual({ bytes: Buffer.from('b') });
			expect(await reader.next()).toBeUndefined();
		});
		expect(closed).toBe(0);
	});
});
