import type { IDataObject } from 'n8n-workflow';

import type { Kind, Names } from './names';
import { entityOf, remembered } from './names';

/** Interactions are named `{entity_type}:{entity_id}:{status}`; an event's own name may hold a colon, too. */
const ENTITY_NAME = /^[a-z][a-z0-9_]*:[^\s:]+(:[^\s:]+)?$/i;

/** The event types that rows of these names or IDs can have. */
export function eventTypesOf(names: readonly string[]): string[] {
	const isInteraction = names.some((name) => name.includes(':'));
	const isEvent = names.some((name) => !ENTITY_NAME.test(name));
	return [
		...(isInteraction ? ['interaction'] : []),
		...(isEvent ? ['track', 'track_feature'] : []),
	];
}

/**
 * Keeps the rows of some events: those whose `event_name` is one of the names, or stands for an event or
 * feature with that ID, key or name. Of an interaction, `{entity_type}:{entity_id}` is enough.
 */
export class EventFilter {
	/** The events of the rows that were kept, by type and name. */
	private readonly kept = new Map<string, { event_type: string; event_name: string }>();

	private readonly wanted: ReadonlySet<string>;

	private readonly names: Names;

	private readonly matches = remembered((type, name) => {
		const isMatch = this.matchesOf(type, name).length > 0;
		if (isMatch) this.kept.set(`${type} ${name}`, { event_type: String(type), event_name: name });
		return isMatch;
	});

	constructor(wanted: readonly string[], names: Names) {
		this.wanted = new Set(wanted);
		this.names = names;
	}

	/** The kind of records that must be added to the names before `keeps` can tell; null for none. */
	missingKind(row: IDataObject): Kind | null {
		const { event_name: name, event_type: type } = row;
		return type === 'interaction' || this.wanted.has(String(name))
			? null
			: this.names.missingKind(row);
	}

	keeps(row: IDataObject): boolean {
		return this.matches(row);
	}

	/**
	 * The names that no row has matched. Without the records of features, of which no row has needed any, a
	 * name may be another one of a row that was kept.
	 */
	unmatched(): string[] {
		const kept = [...this.kept.values()];
		const matched = new Set(
			kept.flatMap(({ event_type, event_name }) => this.matchesOf(event_type, event_name)),
		);
		const isUnknown = kept.some(
			(row) => row.event_type !== 'interaction' && this.names.missingKind(row) !== null,
		);
		const left = [...this.wanted].filter((name) => !matched.has(name));
		return isUnknown ? left.filter((name) => name.includes(':')) : left;
	}

	private matchesOf(eventType: unknown, eventName: string): string[] {
		if (eventName === '') return [];
		const found = [eventName];
		if (eventType === 'interaction') {
			const entity = entityOf(eventName);
			if (entity) found.push(`${entity.type}:${entity.id}`);
		} else {
			const { id, key, name } = this.names.recordOf(eventType, eventName) ?? {};
			found.push(...[id, key, name].filter((value) => typeof value === 'string'));
		}
		return found.filter((name) => this.wanted.has(name));
	}
}
