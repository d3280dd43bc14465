import type { ClientRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import nock from 'nock';

import { checkRequest } from '../contract/contract';
import { BASE_URL } from './credentials';
import { EXPORTS } from './paths';

/** A text that a leak would show. */
export const SIGNATURE = 'a-signature-that-must-not-leak';
/** Another origin than the API's, as at Userpilot. */
const FILES_URL = 'https://files.example.com';

/** A response of the API: JSON unless `body` is text. */
export interface MockAnswer {
	status?: number;
	body?: unknown;
	headers?: Record<string, string>;
	/** No response: a network failure with that code. */
	failure?: string;
}

export interface Call {
	method: string;
	path: string;
	query: Record<string, string>;
	body: unknown;
	headers: Record<string, string>;
}

/** Called by nock with each request: records it, and gives the response. */
function answering(api: MockApi, method: string, answerOf: (call: Call) => MockAnswer) {
	return function (this: nock.ReplyFnContext, uri: string, sent: nock.Body): nock.ReplyFnResult {
		const call = api.record(method, uri, sent, this.req.headers as Record<string, string>);
		const { status = 200, body, headers = {} } = answerOf(call);
		const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
		return [status, text, headers];
	};
}

/**
 * Stands in for the API at the level of HTTP. Every request is checked against the API's contract, so that
 * a typo in a path or a field fails. No mocked response may be left over when the test ends.
 */
export class MockApi {
	readonly calls: Call[] = [];

	private problems: string[] = [];

	/** Mocks responses to that method and path: one per request, in turn. */
	on(method: 'GET' | 'POST', path: string, ...answers: MockAnswer[]): this {
		for (const answer of answers) {
			const scope = nock(BASE_URL);
			const interceptor = scope.intercept(path, method).query(true);
			if (answer.failure) {
				const { failure } = answer;
				interceptor.replyWithError(
					Object.assign(new Error(`simulated ${failure}`), { code: failure }),
				);
				scope.on('request', (request: ClientRequest, _: unknown, body: string) => {
					this.record(method, request.path, body, request.getHeaders() as Record<string, string>);
				});
			} else {
				interceptor.reply(answering(this, method, () => answer));
			}
		}
		return this;
	}

	get(path: string, ...answers: MockAnswer[]): this {
		return this.on('GET', path, ...answers);
	}

	post(...answers: MockAnswer[]): this {
		return this.on('POST', EXPORTS, ...answers);
	}

	/** Mocks one download of a compressed file; gives its entry in the job's list of files. */
	file(filename: string, text: string): { filename: string; url: string } {
		nock(FILES_URL)
			.get(`/${filename}`)
			.query(true)
			.reply(200, gzipSync(text))
			.on('request', (request: ClientRequest) => {
				if (!request.hasHeader('authorization')) return;
				this.problems.push(`${filename}: a file store refuses an Authorization header`);
			});
		return { filename, url: `${FILES_URL}/${filename}?X-Amz-Signature=${SIGNATURE}` };
	}

	/** Mocks every response to a path by a function of the query. */
	always(
		path: string,
		answerOf: (query: Record<string, string>) => MockAnswer,
		method: 'GET' | 'POST' = 'GET',
	): this {
		nock(BASE_URL)
			.intercept(path, method)
			.query(true)
			.optionally()
			.times(100_000)
			.reply(answering(this, method, ({ query }) => answerOf(query)));
		return this;
	}

	/** How often each method and path was called, in the order of the first calls. */
	get counts(): Record<string, number> {
		const counts: Record<string, number> = {};
		for (const { method, path } of this.calls) {
			const name = `${method} ${path.replace(EXPORTS, '')}`;
			counts[name] = (counts[name] ?? 0) + 1;
		}
		return counts;
	}

	/** Ignores the contract where a test pages an endpoint that has no pages. */
	allowUndocumentedCursor(): void {
		this.problems = this.problems.filter(
			(problem) => !problem.endsWith('query parameter after_cursor is unknown'),
		);
	}

	/** For the end of each test: every request fits the contract, and no response is left over. */
	verify(): void {
		const pending = nock.pendingMocks();
		nock.cleanAll();
		expect({ problems: this.problems, pending }).toEqual({ problems: [], pending: [] });
	}

	/** Records a request, and how it breaks the contract. */
	record(method: string, uri: string, body: unknown, headers: Record<string, string>): Call {
		const url = new URL(uri, BASE_URL);
		const call = {
			method,
			path: url.pathname,
			query: Object.fromEntries(url.searchParams),
			body: body === '' ? undefined : body,
			headers,
		};
		this.calls.push(call);
		const { problems } = checkRequest({ method, url: url.href, headers, body: call.body });
		this.problems.push(...problems.map((problem) => `${method} ${uri}: ${problem}`));
		return call;
	}
}

/** Sets up a test file: no request leaves the machine, and every test has its own API. */
export function useMockApi(): () => MockApi {
	let api: MockApi;
	beforeAll(() => {
		if (!nock.isActive()) nock.activate();
		nock.disableNetConnect();
	});
	beforeEach(() => {
		api = new MockApi();
	});
	afterEach(() => api.verify());
	afterAll(() => nock.restore());
	return () => api;
}
