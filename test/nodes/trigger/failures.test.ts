import type { MockAnswer } from '../../support/api';
import { useMockApi } from '../../support/api';
import { ActiveTrigger } from '../../support/engine';
import { fixture } from '../../support/fixture';
import { JOBS, jobPath } from '../../support/paths';
import { summary } from './jobs';

const HTML = '<html><title>Forbidden</title></html>';
const headers = { 'retry-after': '900' };

const ANSWERS: Array<[string, MockAnswer, cause: string | undefined]> = [
	['429', { status: 429 }, 'rate-limited'],
	['a 403 of a gateway, in HTML', { status: 403, body: HTML }, 'temporarily-unavailable'],
	['a 403 without a body', { status: 403 }, 'temporarily-unavailable'],
	['a 401 of a gateway, in HTML', { status: 401, body: HTML }, 'temporarily-unavailable'],
	['500', { status: 500 }, 'temporarily-unavailable'],
	['503', { status: 503 }, 'temporarily-unavailable'],
	[
		'a 401 with a message of the API',
		{ status: 401, body: fixture('guide.create-export.401') },
		undefined,
	],
	[
		'a 403 with a message of the API',
		{ status: 403, body: { errors: [{ message: 'no' }] } },
		undefined,
	],
	['404', { status: 404 }, undefined],
];
const OF_ALL_JOBS = ANSWERS.filter(([, { status }]) => [401, 403, 429].includes(status!));

describe('the failure of a poll, by which n8n backs off', () => {
	const api = useMockApi();

	/** Polls for one job, and returns what n8n reads from the error. */
	const failureOf = async (list: MockAnswer, job?: MockAnswer) => {
		api().get(JOBS, list);
		if (job) api().get(jobPath('a'), job);
		const trigger = new ActiveTrigger({ startFrom: 'existing' });
		const error = await trigger.poll().then(
			() => undefined,
			(thrown: Error) => thrown,
		);
		return (error as { failure?: object }).failure;
	};
	const jobs = { body: [summary('a')] };

	it.each(ANSWERS)('matches %s for the list', async (_, answer, cause) => {
		const expected = cause && { cause, retryAfterMs: 900_000 };
		expect(await failureOf({ ...answer, headers })).toEqual(expected);
	});

	it.each(OF_ALL_JOBS)('matches %s for the details of all jobs', async (_, answer, cause) => {
		expect(await failureOf(jobs, answer)).toEqual(cause && { cause });
		expect(await failureOf(jobs, { ...answer, headers })).toEqual(
			cause && { cause, retryAfterMs: 900_000 },
		);
	});

	it.each(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'ETIMEDOUT'])(
		'after the network failure %s for the details, two polls in a row',
		async (failure) => {
			const trigger = new ActiveTrigger({ startFrom: 'existing' }, {}, failure);
			api().get(JOBS, jobs, jobs).get(jobPath('a'), { failure }, { failure });
			expect(await trigger.poll()).toBeNull();
			await expect(trigger.poll()).rejects.toMatchObject({
				failure: { cause: 'temporarily-unavailable' },
			});
		},
	);

	it('is not set after an untrusted certificate, which is permanent', async () => {
		expect(await failureOf({ failure: 'CERT_HAS_EXPIRED' })).toBeUndefined();
	});
});
