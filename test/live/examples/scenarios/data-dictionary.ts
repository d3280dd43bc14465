import { LOOKUPS, type LookupName } from '../../../../playground/emulator/lookup-records.ts';
import { ENTITY_LOOKUPS } from '../../harness/labels.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import type { Context } from '../scenario.ts';

const TRIGGER = 'Every Monday at 6:00';
const RECORDS = 12;
const FEATURES = 120;

/** What rows can point to, by the name of its kind. */
const KINDS: Record<string, LookupName> = {
	...ENTITY_LOOKUPS,
	feature: 'features_events',
};

const rowsOfKind = ([kind, lookup]: [string, LookupName]) =>
	Array.from({ length: kind === 'feature' ? FEATURES : RECORDS }, (_, index) => {
		const { id, key, title, display_name: displayName } = LOOKUPS[lookup].record(index);
		return { kind, userpilot_id: String(id), key: key ?? '', name: title ?? displayName };
	});

const inOrder = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort();

/** All that IDs in rows point to, in one data table; a second run adds nothing. */
export async function dataDictionary({ instance, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'data-dictionary', {
		counts: { features_events: FEATURES },
	});
	const example = await Example.create(instance, 'data-dictionary', { userpilotApi: credentialId });
	for (let run = 1; run <= 2; run++) {
		const execution = await example.run(TRIGGER);
		findings.equal(
			`run ${run} succeeds`,
			[execution.status, execution.error],
			['success', undefined],
		);
	}
	const { id } = await instance.client.ensureDataTable('Userpilot data dictionary', []);
	const rows = await instance.client.dataTableRows(id);
	const expected = Object.entries(KINDS).flatMap(rowsOfKind);
	findings.equal('one row per record', rows.length, expected.length);
	findings.equal(
		'each with its kind, ID, key and name',
		inOrder(rows.map(({ kind, userpilot_id, key, name }) => ({ kind, userpilot_id, key, name }))),
		inOrder(expected),
	);
	await emulator.close();
}
