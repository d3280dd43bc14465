import type { Row } from '../../../../playground/emulator/rows.ts';
import { labelOf } from '../labels.ts';

/** What rows can be grouped by here. */
export type GroupColumn = 'event_type' | 'event_name' | 'event_label' | 'company_id';

interface Group {
	key: Record<GroupColumn, unknown>;
	count: number;
	users: Set<unknown>;
}

/** Counts rows and users while rows are generated: what a summary of them must say. */
export class GroupCounts {
	private readonly groups = new Map<string, Group>();

	add(row: Row): void {
		const { event_type, event_name, company_id, user_id: user } = row;
		const id = JSON.stringify([event_type, event_name, company_id]);
		let group = this.groups.get(id);
		if (!group) {
			const event_label = labelOf(event_type, event_name as string | null);
			group = {
				key: { event_type, event_name, event_label, company_id },
				count: 0,
				users: new Set(),
			};
			this.groups.set(id, group);
		}
		group.count += 1;
		if (user) group.users.add(user);
	}

	/** Each group as one text: the columns, then the count of its rows and of its users. Sorted. */
	by(columns: readonly GroupColumn[], repeat: number): string[] {
		const merged = new Map<string, Omit<Group, 'key'>>();
		for (const { key, count, users } of this.groups.values()) {
			const id = JSON.stringify(columns.map((column) => key[column]));
			const into = merged.get(id) ?? { count: 0, users: new Set() };
			into.count += count;
			for (const user of users) into.users.add(user);
			merged.set(id, into);
		}
		return [...merged]
			.map(([id, { count, users }]) => `${id} ${count * repeat} ${users.size}`)
			.sort();
	}
}
