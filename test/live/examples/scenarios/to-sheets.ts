import { generateKeyPairSync } from 'node:crypto';

import { startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import { sheet } from '../hosts/google-sheets.ts';
import type { Context } from '../scenario.ts';

const ROWS_PER_DAY = 500;

/** One row per type of event, below the existing rows of the sheet. */
export async function toSheets({ instance, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'to-sheets', {
		rowsPerDay: ROWS_PER_DAY,
		jobSeconds: 1,
	});
	const { privateKey } = generateKeyPairSync('rsa', {
		modulusLength: 2048,
		publicKeyEncoding: { type: 'spki', format: 'pem' },
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
	});
	const google = await instance.client.saveCredential('Google', 'googleApi', {
		email: 'test@project.iam.gserviceaccount.com',
		privateKey,
	});
	const example = await Example.create(instance, 'daily-numbers-to-google-sheets', {
		userpilotApi: credentialId,
		googleApi: google.id,
	});
	const execution = await example.run('Every Day at 6:00');
	findings.equal('it succeeds', [execution.status, execution.error], ['success', undefined]);
	const rows = sheet.slice(1) as Array<[string, string, number, number]>;
	const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
	findings.check(
		'a row for each type of event, with the date',
		rows.length > 3 && rows.every(([date]) => date === yesterday),
		rows.map((row) => row.join(' ')).join(', '),
	);
	findings.equal(
		'which together count all events',
		rows.reduce((sum, [, , events]) => sum + Number(events), 0),
		ROWS_PER_DAY,
	);
	await emulator.close();
}
