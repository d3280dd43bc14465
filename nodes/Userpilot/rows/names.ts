import type { IDataObject } from 'n8n-workflow';

/** What IDs in rows point to: the `entity_type` of an interaction, or `feature` for features and events. */
export type Kind =
	| 'banner'
	| 'checklist'
	| 'embed'
	| 'experience'
	| 'feature'
	| 'resource_center_module'
	| 'spotlight'
	| 'survey';

const KIND_OF_ENTITY: Record<string, Kind> = {
	banner: 'banner',
	checklist: 'checklist',
	embed: 'embed',
	experience: 'experience',
	flow: 'experience',
	spotlight: 'spotlight',
	survey: 'survey',
};

/** Parts of the resource center have entity types of their own, all with the same prefix. */
const kindOf = (entityType: string): Kind | undefined =>
	entityType.startsWith('resource_center')
		? 'resource_center_module'
		: Object.hasOwn(KIND_OF_ENTITY, entityType)
			? KIND_OF_ENTITY[entityType]
			: undefined;

const textOf = (value: unknown): string | null =>
	(typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : null;

/** A record of a lookup, as far as rows can point to it. */
export interface NamedRecord {
	id: string | null;
	analyticalId: string | null;
	key: string | null;
	name: string | null;
}

export const namedRecord = (record: IDataObject): NamedRecord => ({
	id: textOf(record.id),
	analyticalId: textOf(record.analytical_id),
	key: textOf(record.key),
	name: textOf(record.title) ?? textOf(record.display_name) ?? textOf(record.name),
});

type Reference = 'id' | 'analyticalId' | 'key';

/** The records of a lookup by what rows point to them with; of equal ones the first counts. */
export class NameIndex {
	private readonly maps: Record<Reference, Map<string, NamedRecord>> = {
		id: new Map(),
		analyticalId: new Map(),
		key: new Map(),
	};

	constructor(records: readonly IDataObject[]) {
		for (const record of records.map(namedRecord)) {
			for (const [reference, map] of Object.entries(this.maps)) {
				const value = record[reference as Reference];
				if (value !== null && !map.has(value)) map.set(value, record);
			}
		}
	}

	/** @param references what the value may be, the first that fits counts */
	find(value: string, references: readonly Reference[]): NamedRecord | undefined {
		for (const reference of references) {
			const record = this.maps[reference].get(value);
			if (record) return record;
		}
		return undefined;
	}
}

/** The entity of an interaction, whose `event_name` is `{entity_type}:{entity_id}:{status}`. */
export interface Entity {
	type: string;
	id: string;
	status: string | null;
}

export function entityOf(eventName: string): Entity | undefined {
	const [type, ...rest] = eventName.split(':');
	if (!type || rest.length === 0) return undefined;
	const status = rest.length > 1 ? rest.pop()! : null;
	return { type, id: rest.join(':'), status };
}

/** What the `event_name` of a row points to: where to look, and with what. */
interface Pointer {
	kind: Kind;
	value: string;
	references: readonly Reference[];
}

function pointerOf(eventType: unknown, eventName: string): Pointer | undefined {
	if (eventName === '') return undefined;
	if (eventType === 'track')
		return { kind: 'feature', value: eventName, references: ['key', 'id'] };
	if (eventType === 'track_feature') {
		return { kind: 'feature', value: eventName, references: ['id', 'analyticalId', 'key'] };
	}
	const entity = eventType === 'interaction' ? entityOf(eventName) : undefined;
	const kind = entity && kindOf(entity.type);
	return kind && { kind, value: entity.id, references: ['id', 'key'] };
}

/** Event names of one type that are remembered at once. */
const MAX_REMEMBERED = 10_000;

/** Remembers what was made of an event name, since event names repeat from row to row. */
export function remembered<Value>(make: (eventType: unknown, eventName: string) => Value) {
	const known = new Map<unknown, Map<unknown, Value>>();
	let lastRow: IDataObject | undefined;
	let last: Value;
	const valueOf = (row: IDataObject): Value => {
		// Each step asks for the same row.
		if (row === lastRow) return last;
		const { event_type: type, event_name: name } = row;
		let ofType = known.get(type);
		if (!ofType || ofType.size >= MAX_REMEMBERED) known.set(type, (ofType = new Map()));
		let value = ofType.get(name);
		if (value === undefined) ofType.set(name, (value = make(type, textOf(name) ?? '')));
		lastRow = row;
		return (last = value);
	};
	const forget = () => {
		known.clear();
		lastRow = undefined;
	};
	return Object.assign(valueOf, { forget });
}

/** The columns that say what a row is about. */
export const NAME_COLUMNS = ['event_type', 'event_name'] as const;

/** The columns that names add to a row. */
export interface Label {
	event_label: string | null;
	entity_type: string | null;
	entity_id: string | null;
	entity_status: string | null;
}

export const LABEL_COLUMNS = ['event_label', 'entity_type', 'entity_id', 'entity_status'] as const;

/**
 * Finds the names that IDs in rows stand for.
 *
 * - `track`: the display name of the event whose key or ID is `event_name`, or `event_name` itself
 * - `track_feature`: the display name of the feature of that ID, `analytical_id` or key
 * - `interaction`: the title or display name of its entity
 * - null for what is unknown, and for types without a name
 */
export class Names {
	private readonly indexes = new Map<Kind, NameIndex>();

	private readonly labelFor = remembered((type, name) => this.makeLabel(type, name));

	add(kind: Kind, records: readonly IDataObject[]): void {
		this.indexes.set(kind, new NameIndex(records));
		this.labelFor.forget();
	}

	/** The kind of records that this row needs and that are still to be added; null for none. */
	missingKind(row: IDataObject): Kind | null {
		const { kind } = this.labelFor(row);
		return kind !== null && !this.indexes.has(kind) ? kind : null;
	}

	/** The columns that names add to a row. */
	labelOf(row: IDataObject): Label {
		return this.labelFor(row);
	}

	/** Adds the columns to a row; one that the row has already stays as it is. */
	addLabel(row: IDataObject): void {
		const label = this.labelFor(row);
		for (const column of LABEL_COLUMNS) if (!(column in row)) row[column] = label[column];
	}

	/** The record that the `event_name` of an event or feature stands for. */
	recordOf(eventType: unknown, eventName: string): NamedRecord | undefined {
		const pointer = pointerOf(eventType, eventName);
		return pointer && this.indexes.get(pointer.kind)?.find(pointer.value, pointer.references);
	}

	private makeLabel(eventType: unknown, eventName: string): Label & { kind: Kind | null } {
		const entity = eventType === 'interaction' ? entityOf(eventName) : undefined;
		const name = this.recordOf(eventType, eventName)?.name ?? null;
		return {
			kind: pointerOf(eventType, eventName)?.kind ?? null,
			event_label: name ?? (eventType === 'track' && eventName !== '' ? eventName : null),
			entity_type: entity?.type ?? null,
			entity_id: entity?.id ?? null,
			entity_status: entity?.status ?? null,
		};
	}
}
