import { startUserpilot } from '../../harness/userpilot.ts';
import { Example } from '../example.ts';
import type { Context } from '../scenario.ts';

const TRIGGER = 'Every Monday at 6:00';

/** Lookups of five kinds in one data table; a second run adds nothing. */
export async function dataDictionary({ instance, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, 'data-dictionary', {
		counts: { segments: 120 },
	});
	const example = await Example.create(instance, 'data-dictionary', { userpilotApi: credentialId });
	const counts: Record<string, number> = {};
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
	for (const { kind } of rows) counts[String(kind)] = (counts[String(kind)] ?? 0) + 1;
	findings.equal(
		'one row per record, of each kind',
		Object.entries(counts).sort(),
		Object.entries({
			'Company Properties': 12,
			'Event Properties': 53,
			'Features and Events': 12,
			Segments: 120,
			'User Properties': 12,
		}),
	);
	findings.check(
		'each with an id and a name',
		rows.every(({ userpilot_id: id, name }) => Boolean(id) && Boolean(name)),
	);
	await emulator.close();
}
