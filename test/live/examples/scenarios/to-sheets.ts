import { exportedRows } from '../../harness/exported-rows.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import { saveGoogle, yourSheet } from '../google.ts';
import { SheetsDocument } from '../hosts/google-sheets.ts';
import type { Context } from '../scenario.ts';

const NAME = 'daily-numbers-to-google-sheets';
const API_KEY = 'daily-key';
const TAB = 'Sheet1';
const HEADINGS = ['Date and type', 'Date', 'Event type', 'Events', 'Users'];

/** One row per day and type of event, whatever the events hold, and however often it runs. */
export async function toSheets({ instance, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'to-sheets', {
		apiKeys: [API_KEY],
		rowsPerDay: 500,
		jobSeconds: 1,
		oddRows: true,
	});
	const sheets = new SheetsDocument('daily', [TAB]);
	const example = await Example.create(
		instance,
		NAME,
		{ userpilotApi: credentialId, googleApi: await saveGoogle(instance) },
		yourSheet(sheets.url, TAB),
	);
	const run = async () => {
		const { status, error } = await example.run('Every Day at 6:00');
		return error ?? status;
	};
	findings.equal('it succeeds', await run(), 'success');
	const [headings, ...rows] = sheets.cells(TAB);
	findings.equal('headings in an empty tab', headings, HEADINGS);
	const date = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
	const events = await exportedRows(emulator, API_KEY, emulator.control.ledger().jobs[0]!.jobId);
	const types = [...new Set(events.map(({ event_type: type }) => type))];
	const expected = types.map((type) => {
		const ofType = events.filter((event) => event.event_type === type);
		const users = new Set(ofType.map((event) => event.user_id).filter(Boolean)).size;
		return [`${date} ${type}`, date, type, ofType.length, users];
	});
	findings.equal(
		'a row for each type of event, with all of its events and users',
		rows.map((row) => JSON.stringify(row)).sort(),
		expected.map((row) => JSON.stringify(row)).sort(),
	);
	findings.note(`${events.length} events; ${sheets.requests.length} requests to Google`);

	const before = JSON.stringify(sheets.cells(TAB));
	findings.equal('a second run', await run(), 'success');
	findings.equal('changes nothing', JSON.stringify(sheets.cells(TAB)), before);

	const another = new SheetsDocument('daily-retried', [TAB]);
	another.losesNextResponse = true;
	const retried = await Example.create(
		instance,
		NAME,
		{ userpilotApi: credentialId, googleApi: await saveGoogle(instance) },
		yourSheet(another.url, TAB),
	);
	const { status, error } = await retried.run('Every Day at 6:00');
	findings.equal('a try whose response is lost', error ?? status, 'success');
	findings.equal('adds nothing twice', another.cells(TAB).length, rows.length + 1);
	await emulator.close();
}
