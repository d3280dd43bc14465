import { exportedRows } from '../../harness/exported-rows.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import { oddFeatureNames, onOneLine, shortened, usageBy } from '../feature-usage.ts';
import { saveGoogle, yourSheet } from '../google.ts';
import { SheetsDocument } from '../hosts/google-sheets.ts';
import type { Context } from '../scenario.ts';
import { dayOf, firstMonday } from '../weeks.ts';

const NAME = 'weekly-feature-usage-to-google-sheets';
const TRIGGER = 'Every Monday at 6:00';
const COUNT = 'Count Feature Users';
const API_KEY = 'matrix-key';
const TAB = 'Feature usage';

/** A row for each company and a column for each feature, however often it runs. */
export async function weeklyToSheets({ instance, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, NAME, {
		apiKeys: [API_KEY],
		rowsPerDay: 600,
		jobSeconds: 1,
		oddRows: true,
		oddNames: true,
	});
	const google = await saveGoogle(instance);
	const create = async (sheets: SheetsDocument, set: Record<string, unknown> = {}) =>
		await Example.create(
			instance,
			NAME,
			{ userpilotApi: credentialId, googleApi: google },
			{ ...yourSheet(sheets.url, TAB), [COUNT]: set },
		);
	const run = async (example: Example) => {
		const { status, error } = await example.run(TRIGGER);
		return error ?? status;
	};
	const week = dayOf(firstMonday(1));
	const names = oddFeatureNames();
	const columnOf = (feature: string) =>
		onOneLine(`${shortened(names.get(feature) || 'Feature')} (${feature})`);
	/** Without the name: the ID in brackets at the end. */
	const idOf = (column: string) => `(${column.split(' (').at(-1)}`;
	const companyOf = (company: unknown) =>
		company === '' ? '(empty company ID)' : String(company ?? '(no company)');
	const rowsOfLastJob = async () => await exportedRows(emulator, API_KEY);
	/** All cells with a number, as `company, feature, users`. */
	const expectedCells = async (headingOf = columnOf) => {
		const rows = await rowsOfLastJob();
		const usage = usageBy(rows, (row) =>
			JSON.stringify([companyOf(row.company_id), headingOf(String(row.event_name))]),
		);
		return [...usage].map(([key, { users }]) => `${key} ${users.size}`).sort();
	};
	const cellsOf = (sheets: SheetsDocument, headingOf = (heading: string) => heading) => {
		const [headings = [], ...rows] = sheets.cells(TAB);
		return rows
			.flatMap(([, , company, ...cells]) =>
				cells.flatMap((cell, index) =>
					cell === undefined || cell === ''
						? []
						: [
								`${JSON.stringify([company, headingOf(String(headings[index + 3]))])} ${String(cell)}`,
							],
				),
			)
			.sort();
	};

	const sheets = new SheetsDocument('weekly', [TAB]);
	const example = await create(sheets);
	findings.equal('it succeeds', await run(example), 'success');
	const [headings = [], ...rows] = sheets.cells(TAB);
	findings.equal('headings in an empty tab', headings.slice(0, 3), [
		'Week and company',
		'Week',
		'Company',
	]);
	findings.equal(
		'a row for each company, with its week',
		rows.map(([key, monday]) => [key, monday]),
		rows.map(([, , company]) => [`${week} ${String(company)}`, week]),
	);
	findings.equal('each number of users, and no other', cellsOf(sheets), await expectedCells());
	findings.check(
		'features of one name are two columns, and none is a formula',
		headings.filter((heading) => String(heading).startsWith('Same Name (')).length === 2 &&
			headings.some((heading) => String(heading).startsWith('=HYPERLINK')) &&
			headings.every((heading) => typeof heading === 'string'),
		headings.slice(3).join(', ').slice(0, 150),
	);
	findings.check(
		'a few requests to Google',
		sheets.requests.length <= 6,
		`${(await rowsOfLastJob()).length} events, ${rows.length} companies, ${sheets.requests.join('; ')}`,
	);

	const before = JSON.stringify(sheets.cells(TAB));
	findings.equal('a second run in the week', await run(example), 'success');
	findings.equal('changes nothing', JSON.stringify(sheets.cells(TAB)), before);

	// Another week, and features that are new: more than the 26 columns of a new tab.
	const next = await create(sheets, {
		filters: { eventTypes: ['track_feature', 'track', 'interaction'] },
	});
	findings.equal('a run with new features', await run(next), 'success');
	findings.equal(
		'adds their columns',
		cellsOf(sheets, idOf),
		await expectedCells((feature) => idOf(columnOf(feature))),
	);
	findings.check(
		'behind those that were there',
		JSON.stringify(sheets.cells(TAB)[0]!.slice(0, headings.length)) === JSON.stringify(headings) &&
			sheets.cells(TAB)[0]!.length > 26,
		`${sheets.cells(TAB)[0]!.length} columns`,
	);

	const retried = new SheetsDocument('weekly-retried', [TAB]);
	retried.losesNextResponse = true;
	const again = await create(retried);
	findings.equal('a try whose response is lost', await run(again), 'success');
	findings.equal('loses and repeats nothing', cellsOf(retried), await expectedCells());

	const requests = sheets.requests.length;
	emulator.control.set({ rowsPerDay: 0 });
	findings.equal('a week without events', await run(example), 'success');
	findings.equal('writes nothing', sheets.requests.length, requests);
	await emulator.close();
}
