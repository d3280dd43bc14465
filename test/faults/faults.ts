import { gzipSync } from 'node:zlib';
import type { INodeParameters } from 'n8n-workflow';

import type { Fault } from '../../playground/emulator/faults';
import type { SettingsPatch } from '../../playground/emulator/settings';
import type { Places } from './places';

/** A fault. */
export interface TestedFault {
	/** Its name in the table. */
	name: string;
	/** What happens to the request. */
	strike?: Omit<Fault, 'operation' | 'times'>;
	/** What is wrong from the start: the credential, or the emulator's settings. */
	credentials?(places: Places): { apiKey?: string; baseUrl?: string };
	settings?(places: Places): SettingsPatch;
	/** Options of the node that go with it. */
	options?: INodeParameters;
	/** How many records are returned, if the fault is their number. */
	gives?: number;
	/** Whether it is permanent, because the data itself is wrong. */
	lasts?: boolean;
}

const status = (code: number, more: Partial<Fault> = {}): TestedFault => ({
	name: String(code),
	strike: { kind: 'status', status: code, ...more },
});

const answer = (name: string, text: string, more: Partial<Fault> = {}): TestedFault => ({
	name,
	strike: { kind: 'body', text, ...more },
});

const connection: TestedFault[] = [
	{ name: 'Connection reset before a response', strike: { kind: 'reset' } },
	{ name: 'Connection reset in the middle of the body', strike: { kind: 'truncate', bytes: 1 } },
	{ name: 'A body that stalls', strike: { kind: 'stall-body', bytes: 1 } },
	{ name: 'No response at all', strike: { kind: 'silence' } },
];

/** Faults of any request to the API. */
export const apiFaults: TestedFault[] = [
	status(400),
	status(401),
	{ name: '401 or 403, the plan', credentials: () => ({ apiKey: 'no-plan-key' }) },
	status(403),
	{ name: '403 of a gateway, HTML', strike: { kind: 'html', status: 403 } },
	status(404),
	{ name: '404 of another server, HTML', strike: { kind: 'html', status: 404 } },
	status(409),
	status(422),
	{ ...status(429), name: '429 without Retry-After' },
	{ ...status(429, { retryAfter: 7 }), name: '429, Retry-After of 7 s' },
	{ ...status(429, { retryAfter: 3600 }), name: '429, Retry-After of an hour' },
	status(500),
	{ name: '502, HTML', strike: { kind: 'html', status: 502 } },
	status(503),
	status(504),
	{ name: '200, empty', strike: { kind: 'empty' } },
	{ name: '200, HTML', strike: { kind: 'html', status: 200 } },
	answer('200, not JSON', 'OK'),
	answer('200, unexpected JSON', '{"hello":"world"}'),
	{ name: 'Redirect to another host', strike: { kind: 'redirect' } },
	...connection,
	{
		name: 'Connection refused',
		credentials: ({ refused }) => ({ baseUrl: refused }),
	},
	{ name: 'Host name not found (DNS)', credentials: ({ unknown }) => ({ baseUrl: unknown }) },
	{ name: 'Untrusted certificate (TLS)', credentials: ({ untrusted }) => ({ baseUrl: untrusted }) },
];

const content = (name: string, bytes: Buffer, options?: INodeParameters): TestedFault => ({
	name,
	strike: { kind: 'body', base64: bytes.toString('base64') },
	lasts: true,
	options,
});

const xml = (code: string, words: string) =>
	`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${words}</Message></Error>`;

const refusal = (name: string, code: number, words: [string, string]): TestedFault =>
	answer(name, xml(...words), { status: code });

const ROWS = `${JSON.stringify({ event: 'page_view' })}\n`.repeat(3);
const packed = gzipSync(ROWS);
const MEGABYTE = 1024 * 1024;

/** Faults of a file. */
export const fileFaults: TestedFault[] = [
	refusal('403, the link has expired', 403, ['AccessDenied', 'Request has expired']),
	refusal('404, the file is gone', 404, ['NoSuchKey', 'The specified key does not exist.']),
	refusal('400', 400, ['InvalidArgument', 'The argument is not valid.']),
	{ ...status(429), name: '429 without Retry-After' },
	{ ...status(429, { retryAfter: 7 }), name: '429, Retry-After of 7 s' },
	status(500),
	{ name: '502, HTML', strike: { kind: 'html', status: 502 } },
	refusal('503', 503, ['SlowDown', 'Reduce your request rate.']),
	status(504),
	{ name: 'A redirect to itself', strike: { kind: 'redirect' } },
	...connection,
	{ name: 'Connection refused', settings: ({ refused }) => ({ filesUrl: refused }) },
	{ name: 'Host name not found (DNS)', settings: ({ unknown }) => ({ filesUrl: unknown }) },
	{ name: 'Untrusted certificate (TLS)', settings: ({ untrusted }) => ({ filesUrl: untrusted }) },
	{ name: '200, HTML', strike: { kind: 'html', status: 200 } },
	answer('200, an error in XML', xml('InternalError', 'We encountered an internal error.')),
	{ name: '0-byte file', strike: { kind: 'empty' }, lasts: true },
	content('Truncated gzip', packed.subarray(0, packed.length - 12)),
	{ name: 'Corrupt gzip', strike: { kind: 'corrupt' }, lasts: true },
	content('Other data after the gzip data', Buffer.concat([packed, Buffer.from('junk')])),
	{ name: 'Several gzip members', settings: () => ({ memberPerDay: true }) },
	content('Wrong extension: CSV in a .json.gz', gzipSync('event,user\npage_view,42\n')),
	content('Wrong extension: Parquet in a .json.gz', gzipSync('PAR1\u0015\u0004')),
	content('Wrong extension: Avro in a .json.gz', gzipSync('Obj\u0001\u0004')),
	content('A row that is not JSON', gzipSync(`${ROWS}{"event":\n${ROWS}`)),
];

/** A few bytes that decompress to many. */
export const bombs: TestedFault[] = [
	content('500,000 rows, Max File Size (MB) of 1', gzipSync(ROWS.repeat(166_667)), {
		maxFileSizeMb: 1,
	}),
	content('80 MB in one row, no limit', gzipSync(Buffer.alloc(80 * MEGABYTE, '{"a'))),
	content('64 MB of zeros, no limit', gzipSync(Buffer.alloc(64 * MEGABYTE))),
];

/** Faults of a request that starts an export. */
export const startFaults: TestedFault[] = [
	...apiFaults,
	{ name: 'Connection reset after the export has started', strike: { kind: 'reset-after' } },
];

const pageWithCursor = JSON.stringify({
	data: [{ id: 1, title: 'Active Users' }],
	metadata: { cursor: { after: 'AAAA' } },
});

/** Faults of a lookup with pages. */
export const pageFaults: TestedFault[] = [
	{ ...answer('A repeated cursor', pageWithCursor), lasts: true },
	{
		name: 'Pages that never end',
		settings: () => ({ counts: { segments: 1e9 }, maxLimit: 1, overLimit: 'clamp' }),
	},
	{ name: '100,000 records', settings: () => ({ counts: { segments: 100_000 } }), gives: 100_000 },
];
