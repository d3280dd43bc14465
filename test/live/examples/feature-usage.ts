import { LOOKUPS } from '../../../playground/emulator/lookup-records.ts';
import { oddName } from '../../../playground/emulator/odd-names.ts';
import type { Row } from '../../../playground/emulator/rows.ts';

/** Who used a feature, by the rows of an export. */
export interface FeatureUsage {
	feature: string;
	users: Set<unknown>;
	companies: Set<unknown>;
}

const isGiven = (value: unknown): boolean => !['', null, undefined].includes(value as string);

/** The users and companies of each group of rows, counted without the node. */
export function usageBy(rows: Row[], keyOf: (row: Row) => string): Map<string, FeatureUsage> {
	const all = new Map<string, FeatureUsage>();
	for (const row of rows) {
		const feature = String(row.event_name);
		const usage = all.get(keyOf(row)) ?? { feature, users: new Set(), companies: new Set() };
		if (isGiven(row.user_id)) usage.users.add(row.user_id);
		if (isGiven(row.company_id)) usage.companies.add(row.company_id);
		all.set(keyOf(row), usage);
	}
	return all;
}

/** What a team calls the features of the emulator with odd names, by the text that rows have. */
export const oddFeatureNames = (): Map<string, string> =>
	new Map(
		Array.from({ length: 12 }, (_, index) => LOOKUPS.features_events.record(index)).map(
			(record, index) => [
				String(record.analytical_id ?? record.id),
				String(oddName(record, index).display_name ?? ''),
			],
		),
	);

/** On one line, and in whole characters. */
export const onOneLine = (text: string): string => text.replace(/[\s\0\p{Surrogate}]+/gu, ' ');

/** Without what is too long to show. */
export const shortened = (name: string): string => [...name].slice(0, 80).join('');
