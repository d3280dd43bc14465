import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { Emulator } from '../../../../playground/emulator/server.ts';
import { exportedFiles } from '../../harness/exported-rows.ts';
import { until } from '../../harness/until.ts';
import { API_KEY, startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import { messagesOf, saveSlack } from '../hosts/slack.ts';
import { startS3 } from '../s3.ts';
import type { Context } from '../scenario.ts';

const BUCKET = 'userpilot.exports';
const TRIGGER = 'Every 3 Hours';
const TABLE = 'Userpilot processed exports';
const HOUR_MS = 3_600_000;
const WAIT_MS = 60_000;
/** Longer than the test. */
const HELD_MS = 300_000;

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();

/** The files of a job as Userpilot stores them: object and SHA-256. */
async function filesOf(emulator: Emulator, jobId: string): Promise<Array<[string, string]>> {
	const files: Array<[string, string]> = [];
	for await (const { filename, bytes } of exportedFiles(emulator, API_KEY, jobId)) {
		files.push([`${jobId}/${filename}`, sha256(bytes)]);
	}
	return files;
}

/** Exports in a bucket and confirmed, one by one: uploads that fail and a kill are made good, nothing is repeated. */
export async function processOnce({ instance, findings, folder, web }: Context): Promise<void> {
	const s3 = await startS3(path.join(folder, 's3-once'), BUCKET);
	const { emulator, credentialId } = await startUserpilot(instance, 'process-once', {
		oddRows: true,
	});
	const { control } = emulator;
	const aws = await instance.client.saveCredential('AWS once', 'aws', s3.credential);
	const example = await Example.create(
		instance,
		'process-each-export-once',
		{ userpilotApi: credentialId, aws: aws.id, slackApi: await saveSlack(instance) },
		{ 'Upload to S3': { bucketName: BUCKET } },
	);
	const known = messagesOf(web.calls).length;
	const messages = () =>
		messagesOf(web.calls)
			.slice(known)
			.map(({ text }) => text);
	const marked = async (state: string) => {
		const { id } = await instance.client.ensureDataTable(TABLE, []);
		const rows = await instance.client.dataTableRows(id);
		return rows.filter((row) => row.state === state).map((row) => row.job_id as string);
	};
	const uploads = (jobId: string) =>
		s3
			.log()
			.split('\n')
			.filter((line) => line.includes('Stored object') && line.includes(jobId)).length;
	const inBucket = async (jobIds: string[]) => {
		const expected = (await Promise.all(jobIds.map((id) => filesOf(emulator, id)))).flat();
		const found = expected.filter(([key, hash]) => {
			const file = s3.fileOf(key);
			return existsSync(file) && sha256(readFileSync(file)) === hash;
		});
		return [found.length, expected.length] as const;
	};
	const same = (ids: string[], others: string[]) =>
		JSON.stringify([...ids].sort()) === JSON.stringify([...others].sort());

	const lastMonth = { from: hoursAgo(31 * 24).slice(0, 10), to: hoursAgo(24).slice(0, 10) };
	const [young = '', refused = '', late = '', dead = ''] = [1, 2, 42, 60].flatMap((hours) =>
		control.seedJobs({ endTimes: [hoursAgo(hours)], request: lastMonth }),
	);
	const [failed = ''] = control.seedJobs({ status: 'failed' });
	s3.refuse(refused);
	const first = await example.run(TRIGGER);
	findings.check(
		'a failing upload makes the run fail, and the error names its job',
		first.status === 'error' && (first.error ?? '').includes(refused),
		first.error,
	);
	findings.check(
		'the others are processed and confirmed',
		same(await marked('processed'), [young, late]),
		`${(await marked('processed')).length} of 2`,
	);
	findings.check(
		'a failed export, and those whose links expire, are told',
		messages().length === 3 &&
			[failed, late, dead].every((id) => messages().some((text) => text.includes(id))),
		messages().join(' / '),
	);
	s3.refuse('');
	const second = await example.run(TRIGGER);
	findings.equal(
		'the next run makes it good',
		[second.status, second.error, (await marked('processed')).length],
		['success', undefined, 3],
	);
	await example.run(TRIGGER);
	findings.equal('each is told once', messages().length, 3);
	const [found, expected] = await inBucket([young, refused, late]);
	findings.check(
		'the files in the bucket are those of Userpilot, by SHA-256',
		found === expected && expected > 3,
		`${found} of ${expected}`,
	);
	const counts = [young, refused, late].map(uploads);
	findings.equal('each is uploaded once', counts, [expected / 3, expected / 3, expected / 3]);

	const next = control.seedJobs({ count: 3 });
	control.setFaults([{ operation: 'file', kind: 'slow', delayMs: HELD_MS, skip: 1 }]);
	await example.start(TRIGGER);
	await until(async () => (await marked('processed')).length === 4, WAIT_MS);
	await until(() => control.faults()[0]!.hits > 0, WAIT_MS);
	await instance.kill();
	control.setFaults([]);
	await instance.start();
	const before = await marked('processed');
	findings.equal('after a kill, only what was done is confirmed', before.length, 4);
	const resumed = await example.run(TRIGGER);
	findings.equal(
		'and the rest is made good',
		[resumed.status, resumed.error],
		['success', undefined],
	);
	findings.check(
		'all are confirmed, and uploaded once',
		same(await marked('processed'), [young, refused, late, ...next]) &&
			next.every((id) => uploads(id) === 1),
		next.map(uploads).join(', '),
	);
	const [foundNext, expectedNext] = await inBucket(next);
	findings.equal('with the files of Userpilot', foundNext, expectedNext);

	const [gone = ''] = control.seedJobs();
	const empty = { job_id: gone, status: 'completed', presigned_urls: [] };
	control.setFaults([{ operation: 'getJob', kind: 'body', text: JSON.stringify(empty) }]);
	const none = await example.run(TRIGGER);
	control.setFaults([]);
	findings.check(
		'an export without files is confirmed',
		none.status === 'success' && (await marked('processed')).includes(gone),
		none.error,
	);

	const [unreadable = ''] = control.seedJobs();
	control.setFaults([{ operation: 'getJob', kind: 'status', status: 404 }]);
	const lost = await example.run(TRIGGER);
	control.setFaults([]);
	findings.check(
		'an export that cannot be downloaded is not confirmed, and the error says why',
		(lost.error ?? '').includes(`${unreadable}: Userpilot has no job`) &&
			!(await marked('processed')).includes(unreadable),
		lost.error,
	);
	await example.run(TRIGGER);
	findings.check('but later', (await marked('processed')).includes(unreadable));

	const both = control.seedJobs({ count: 2 });
	const runs = await Promise.all([example.run(TRIGGER), example.run(TRIGGER)]);
	const [foundBoth] = await inBucket(both);
	const confirmed = await marked('processed');
	findings.check(
		'two runs at a time lose nothing',
		runs.every(({ status }) => status === 'success') &&
			foundBoth === both.length &&
			both.every((id) => confirmed.includes(id)),
		`${both.map(uploads).join(' and ')} uploads of an export`,
	);
	await s3.stop();
	await emulator.close();
}
